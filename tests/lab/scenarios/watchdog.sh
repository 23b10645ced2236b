# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A watchdog that somebody keeps running is refused, and so is one that goes on after whoever kept it was killed. One that
# does not run is lent.

must modprobe i6300esb
has_node() { compgen -G "$PCI/$WATCHDOG/watchdog/watchdog*" > /dev/null; }
poll 20 has_node || fail "there is no watchdog"
before
guest g1 "$(hostdev yes "$WATCHDOG")"
start g1
on_vfio "$WATCHDOG"
stop g1
poll 20 has_node || fail "the watchdog did not come back"
same_as_before

node=/dev/$(basename "$PCI/$WATCHDOG"/watchdog/watchdog*)
hold "$node"
refused g1 "$WATCHDOG" "$node runs" "process $HELD"
lives "$HELD"
end "$HELD"
refused g1 "$WATCHDOG" "$node runs"
# The word by which it is switched off.
printf V > "$node"
start g1
stop g1
same_as_before
