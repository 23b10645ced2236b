# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A script changes the XML of a guest that is restored; one that fails is libvirt's to hear of.

guest g1
start g1
virsh_run managedsave g1 || fail "the guest is not saved"
# By hand: libvirt 11.3 takes the refusal for success, and deletes what was saved.
script g1/restore/begin/10-fail 'cat' 'exit 3'
hook g1 restore begin - < <(xml_of g1)
said_no 'restore/begin/10-fail ended with exit status 3'
rm /etc/libvirt/hooks/qemu.d/g1/restore/begin/10-fail
script g1/restore/begin/20-title "sed 's|<memory |<title>first</title>&|'"
script g1/restore/begin/30-title "sed 's|>first<|>second<|'"
script g1/restore/begin/40-none 'cat > /dev/null'
start g1
must virsh_run dumpxml g1
contains "$WORK/virsh.out" '<title>second</title>'
stop g1
