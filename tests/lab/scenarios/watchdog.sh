# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A watchdog that somebody keeps running is refused, and so is one that goes on after whoever kept it was killed. One that
# does not run is lent. Its driver does not tell the kernel of which device it is.

# The chipset has one of its own, which hangs below its device.
timers() { compgen -G "/sys/devices/virtual/watchdog/watchdog*"; }
must modprobe i6300esb
is_driven() { [[ $(driver_of "$WATCHDOG") == "i6300ESB timer" ]] && timers > /dev/null; }
poll 20 is_driven || fail "there is no watchdog"
before
guest g1 "$(hostdev yes "$WATCHDOG")"
start g1
on_vfio "$WATCHDOG"
stop g1
poll 20 is_driven || fail "the watchdog did not come back"
same_as_before

node=/dev/$(basename "$(timers)")
hold "$node"
refused g1 "$WATCHDOG" "its watchdog runs"
lives "$HELD"
end "$HELD"
refused g1 "$WATCHDOG" "its watchdog runs"
# The word by which it is switched off.
printf V > "$node"
start g1
stop g1
same_as_before
must modprobe -r i6300esb
