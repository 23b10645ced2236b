# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# modprobe.d has a command in place of a module: it is not run, neither when a guest wants VFIO nor when the home driver
# is gone; whoever loads the module by hand goes on from there.

lines=/etc/modprobe.d/lab-commands.conf
command_for() { printf 'install %s /usr/bin/touch %s/has-run\n' "$1" "$WORK" > "$lines"; }
not_run() {
	[[ ! -e $WORK/has-run ]] || fail "the command was run"
	must rm "$lines"
}

must modprobe -r vfio-pci vfio_iommu_type1
command_for vfio-pci
guest g1 "$(hostdev no "$NIC")"
start_fails g1 "in place of module vfio_pci" "$WORK/has-run" "modprobe vfio_pci"
not_run

start g1
command_for e1000e
must rmmod e1000e
virsh_run destroy g1 || fail "g1 does not stop"
has_journal g1 || fail "the journal is gone"
[[ ! -e $PCI/$NIC/driver ]] || on_vfio "$NIC"
not_run
must hostdevctl recover
same_as_before
