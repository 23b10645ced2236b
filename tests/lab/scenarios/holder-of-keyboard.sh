# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Who reads a keyboard behind a USB controller is neither ended nor stopped: it notices what a pulled plug does.

event=$(find "$(readlink -f "$PCI/$XHCI")/" -name 'event[0-9]*' -printf '%f\n' -quit)
[[ $event ]] || fail "there is no keyboard behind $XHCI"
guest g1 "$(hostdev yes "$XHCI")"
hold "/dev/input/$event"
start g1
on_vfio "$XHCI"
lives "$HELD"
stop g1
end "$HELD"
same_as_before
