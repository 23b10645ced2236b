# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A watchdog that somebody keeps running is refused. One that nobody has open is lent: this one's driver stops it when it
# lets go, also where whoever kept it was killed. The driver does not tell the kernel of which device its watchdog is, and
# its name has a blank.

# The chipset has one of its own, which hangs below its device.
timers() { compgen -G "/sys/devices/virtual/watchdog/watchdog*"; }
must modprobe i6300esb
is_driven() { [[ $(driver_of "$WATCHDOG") == "i6300ESB timer" ]] && timers > /dev/null; }
poll 20 is_driven || fail "there is no watchdog"
before
guest g1 "$(hostdev yes "$WATCHDOG")"
hold "/dev/$(basename "$(timers)")"
refused g1 "$WATCHDOG" "its watchdog runs"
lives "$HELD"
end "$HELD"
unused() { [[ $(< /sys/module/i6300esb/refcnt) -eq 0 ]]; }
poll 20 unused || fail "its module stays in use"
start g1
on_vfio "$WATCHDOG"
stop g1
poll 20 is_driven || fail "the watchdog did not come back"
same_as_before
