# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Somebody is logged in on a virtual terminal that the card shows: refused, until the policy for this very card says that
# what is on the screen may go, or nobody is there any more. The login itself is not ended.
# machine: systemd

guest g1 "$(hostdev yes "$GPU")"
guest other "$(policy "$SOUND" display=release)" "$(hostdev yes "$GPU")"
guest released "$(policy "$GPU" display=release)" "$(hostdev yes "$GPU")"
must systemd-run -q --unit=lab-tty2 -p StandardInput=tty -p StandardOutput=tty -p TTYPath=/dev/tty2 login -f alice
is_there() { grep -q tty2 <(loginctl list-sessions --no-legend); }
poll 30 is_there || fail "alice is not logged in on tty2: $(loginctl list-sessions)"
before
refused g1 "$GPU" "alice is logged in" tty2
refused other "$GPU" tty2
start released
on_vfio "$GPU" "$SOUND"
is_there || fail "alice was logged out"
stop released
is_there || fail "alice was logged out"
same_as_before
systemctl stop lab-tty2 2> /dev/null || :
systemctl reset-failed lab-tty2 2> /dev/null || :
logged_out
before
start g1
on_vfio "$GPU" "$SOUND"
stop g1
same_as_before
