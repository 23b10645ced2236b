# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A script changes the XML of a guest that is restored; one that fails, or writes what is no XML, changes nothing, and
# what was saved is not lost.

guest g1
start g1
virsh_run managedsave g1 || fail "the guest is not saved"
script g1/restore/begin/10-fail 'cat' 'exit 3'
script g1/restore/begin/20-title "sed 's|<memory |<title>first</title>&|'"
script g1/restore/begin/30-title "sed 's|>first<|>second<|'"
script g1/restore/begin/40-none 'cat > /dev/null'
script g1/restore/begin/50-words 'echo restoring'
start g1
must virsh_run dumpxml g1
contains "$WORK/virsh.out" '<title>second</title>'
log_tail 40 > "$WORK/log"
contains "$WORK/log" 'restore/begin/10-fail ended with exit status 3'
contains "$WORK/log" 'restore/begin/50-words has written something that is no XML'
stop g1
