# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The home driver's probe fails when a device comes back, once or as long as it likes: what is not home stays in the
# journal, and "recover" brings it home when the driver can.

. /lab/kill.sh
guest g1 "$(hostdev no "$EDU" "$EDU2" "$NIC")"

# rest_home - all but the two devices, and the journal.
rest_home() { host_text | grep -v "^$EDU \|^$EDU2 \|^journal " | cmp -s - <(grep -v "^$EDU \|^$EDU2 " "$WORK/before"); }

for probes in 1 100; do
	start g1
	on_vfio "$EDU" "$EDU2" "$NIC"
	misbehave good_probes=1 fail_probes="$probes"
	virsh_run destroy g1 || fail "g1 does not stop"
	poll 20 rest_home || same_as_before
	read -r left < "$EDU_DRIVER/fail_probes"
	((left < probes)) || fail "no probe failed"
	well_behaved
	recovered g1
	same_as_before
done

# The same on the way back from a start that fails: the other device's remove() hangs, until it is told to behave.
conf hostdev-hook.conf 'unbind-time = 3'
misbehave only="$EDU2" remove_ms=60000 fail_probes=1
! virsh_run start g1 || fail "g1 started"
contains "$WORK/virsh.err" "$EDU2"
well_behaved
recovered g1
same_as_before
startable g1
