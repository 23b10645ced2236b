# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# "virsh create" of XML without <uuid>: each time it is another guest of the same name. One whose last run could not be
# returned starts all the same, everything comes home in the end, and no file is left for each of them.

. /lab/kill.sh
described g1 "$(hostdev yes "$EDU" "$NIC")"
sed '/<uuid>/d' "$(xml_file g1)" > "$WORK/g1.xml"

create() {
	virsh_run create "$WORK/g1.xml" || fail "g1 does not start"
	count hand-overs
	on_vfio "$EDU" "$NIC"
}
pins() { grep -lsx 'guest g1' /var/lib/hostdev-hook/*.pins | wc -l; }
is_home() { [[ ! $(journals) ]]; }

create
virsh_run destroy g1 || fail "g1 does not stop"
poll 20 is_home || fail "a journal is left"
create
misbehave fail_probes=100
virsh_run destroy g1 || fail "g1 does not stop"
[[ $(journals) ]] || fail "no probe failed"
create
[[ $(journals | wc -w) == 1 ]] || fail "journals: $(journals)"
well_behaved
virsh_run destroy g1 || fail "g1 does not stop"
poll 20 is_home || fail "a journal is left"
[[ $(pins) == 1 ]] || fail "$(pins) guests of this name are remembered"
same_as_before
