# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A watchdog that somebody keeps running is refused, and one that is switched off is lent. Its driver does not tell the
# kernel of which device the watchdog is, and the driver's name has a blank.

# The chipset has one of its own, which hangs below its device.
timers() { compgen -G "/sys/devices/virtual/watchdog/watchdog*"; }
must modprobe i6300esb
is_driven() { [[ $(driver_of "$WATCHDOG") == "i6300ESB timer" ]] && timers > /dev/null; }
poll 20 is_driven || fail "there is no watchdog"
before
guest g1 "$(hostdev yes "$WATCHDOG")"
node=/dev/$(basename "$(timers)")
hold "$node"
refused g1 "$WATCHDOG" "its watchdog runs"
lives "$HELD"
end "$HELD"
# After a kill it goes on: to newer kernels its module is in use then. This is the word by which it is switched off.
printf V > "$node"
unused() { [[ $(< /sys/module/i6300esb/refcnt) -eq 0 ]]; }
poll 20 unused || fail "its module stays in use"
start g1
on_vfio "$WATCHDOG"
stop g1
poll 20 is_driven || fail "the watchdog did not come back"
same_as_before
