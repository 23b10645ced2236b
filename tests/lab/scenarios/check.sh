# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # uuid_of is set in lib.sh
# hostdevctl check finds nothing wrong on a sound host, and what is wrong on one that is not.

# checked STATUS - its exit status; then row TEXT, a line it printed.
checked() {
	local status=0
	hostdevctl check > "$WORK/check" 2>&1 || status=$?
	cat "$WORK/check"
	[[ $status -eq $1 ]] || fail "check ended with $status"
}
row() { grep -qE "$1" "$WORK/check" || fail "no line $1"; }

checked 0
row "^ok +hook-link +$HOOK +leads to"
row '^ok +daemon-knows-hook +libvirtd +has looked for hooks'
row '^ok +iommu-on +IOMMU'
row '^ok +vfio-there +vfio-pci'
! grep -E '^(note|problem) ' "$WORK/check" || fail "it finds something wrong"

guest g1 "$(hostdev no "$NIC")"
start g1
checked 0
row "^ok +journal-lent .*${uuid_of[g1]}.journal +devices are lent to g1, which runs"
cp "$(journal_of g1)" "$WORK/journal"
stop g1
cp "$WORK/journal" "$(journal_of g1)"
checked 1
row "^problem +journal-left-behind .*${uuid_of[g1]}.journal .*recover"
rm "$(journal_of g1)"

mkdir -p "$HOOK.d/g1/prepare"
printf '%s\n' '#!/bin/sh' 'virsh list' > "$HOOK.d/g1/prepare/begin"
chmod 755 "$HOOK.d/g1/prepare/begin"
checked 1
row "^problem +script-calls-libvirt +$HOOK.d/g1/prepare/begin:2 +calls virsh"
chmod 777 "$HOOK.d/g1/prepare/begin"
checked 1
row "^problem +file-writable +$HOOK.d/g1/prepare/begin "
rm -r "$HOOK.d"

conf guests/g1.conf 'group = hole'
checked 1
row '^problem +config-invalid .*guests/g1.conf:1'
conf guests/g1.conf 'group = whole'
chmod 777 /run/hostdev-hook
checked 1
row '^problem +file-writable +/run/hostdev-hook '
chmod 700 /run/hostdev-hook
echo 1 > /proc/sys/kernel/hung_task_panic
checked 0
row '^note +hung-task-panic +kernel.hung_task_panic'
echo 0 > /proc/sys/kernel/hung_task_panic
