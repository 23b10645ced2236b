# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by the scenarios in which a driver's remove() hangs. It knows what must happen around it.

# shellcheck disable=SC2034 # HANGING is for host_text

# remove_hangs MILLISECONDS SECONDS - so long remove() takes; in so many seconds libvirt must have its answer.
remove_hangs() {
	local started seconds
	guest stuck "$(hostdev no "$EDU" "$NIC")"
	guest other "$(hostdev no "$NVME")"
	misbehave only="$EDU" remove_ms="$1"
	say "virsh start stuck"
	started=$SECONDS
	timeout 90 virsh -q start stuck > "$WORK/stuck.out" 2>&1 < /dev/null 9>&- &
	local virsh=$!
	poll 60 lets_go || fail "nobody unbinds $EDU"
	start other
	# on_vfio would look at the device which hangs.
	[[ -e $DRIVERS/vfio-pci/$NVME ]] || fail "$NVME is not on vfio-pci"
	! wait "$virsh" || fail "the guest started without its device"
	seconds=$((SECONDS - started))
	say "answered after $seconds s: $(< "$WORK/stuck.out")"
	((seconds <= $2)) || fail "libvirt waited for $seconds s"
	contains "$WORK/stuck.out" "$EDU" "in flight"
	stop other
	HANGING=$EDU
	before_but_for "$EDU"
	poll 20 reads_but_for || compare "$WORK/before.rest" "more than the device that hangs is not as it was"
	has_journal stuck || fail "the device that hangs is in no journal"
	# Until it is bound again, who reads it waits with it: for a whole minute that would be a complaint of the kernel's.
	poll $(($1 / 1000 + 20)) test -e "$PCI/$EDU/driver" || fail "$EDU has not come home"
	HANGING=''
	poll 20 reads_as "$WORK/before" || same_as_before
	well_behaved
	start stuck
	stop stuck
	same_as_before
}

# The kernel takes the link away before it asks the driver.
lets_go() { [[ ! -e $DRIVERS/hostdev_lab/$EDU ]]; }

# What is to be there while the device hangs: all else as it was, and a journal.
before_but_for() {
	local journal
	journal=$(journal_of stuck)
	sed "/^$1 /d; s/^drivers_autoprobe .*/&\njournal ${journal##*/}/" "$WORK/before" > "$WORK/before.rest"
}
reads_but_for() { reads_as "$WORK/before.rest"; }
