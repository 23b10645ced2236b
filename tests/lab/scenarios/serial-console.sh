# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The kernel's console is on a line of the serial card, too: refused, unless policy allows it. It comes home as it was.

read -ra active < /sys/class/tty/console/active
line=$(basename "$(compgen -G "$PCI/$SERIAL/tty/tty*" || compgen -G "$PCI/$SERIAL/*/*/tty/tty*")")
[[ " ${active[*]} " == *" $line "* ]] || fail "the kernel's console is on ${active[*]}, not on $line"
guest g1 "$(hostdev yes "$SERIAL")"
guest allowed "$(policy allow=console)" "$(hostdev yes "$SERIAL")"
refused g1 "$SERIAL" "$line" "allow+=console"
start allowed
on_vfio "$SERIAL"
stop allowed
same_as_before
