# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A script that fails before the hand-over refuses the start, in its own words, and nothing is lent; so does one that
# somebody else may write. One that fails when the guest runs ends the guest. One that fails after it changes nothing.

guest g1 "$(hostdev no "$NIC")"
script g1/prepare/begin/10-fail 'echo looking' 'echo the disk is away >&2' 'exit 3'
script g1/prepare/begin/20-after "touch $WORK/after"
script g1/release/end "touch $WORK/release"
start_fails g1 'g1/prepare/begin/10-fail ended with exit status 3: the disk is away; nothing was lent.'
[[ ! -e $WORK/after ]] || fail "the scripts behind it ran"
[[ -e $WORK/release ]] || fail "the script for the release did not run"

script g1/prepare/begin/10-fail 'exit 0'
chmod 777 /etc/libvirt/hooks/qemu.d/g1/prepare
start_fails g1 'qemu.d/g1/prepare: others than its owner may write it (chmod go-w)' 'mode 0777'
chmod 755 /etc/libvirt/hooks/qemu.d/g1/prepare

script g1/started/begin 'exit 4'
start_fails g1 'g1/started/begin ended with exit status 4.'
rm /etc/libvirt/hooks/qemu.d/g1/started/begin
script g1/stopped/end 'exit 5'
script g1/release/end 'exit 6'
start g1
on_vfio "$NIC"
stop g1
