# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The text console is on the graphics card and nobody is logged in on it: the card goes without any configuration, the
# console lets go of it, one line of the log says so, and it comes back with the card.

console_is() { [[ $(grep -c 'bind=1.*frame buffer' <(consoles_text)) == "$1" ]]; }
console_is 1 || fail "there is no console on the card to begin with"
guest g1 "$(hostdev yes "$GPU")"
guest g2 "$(hostdev no "$GPU")"
must hostdevctl plan --steps g1 > "$WORK/plan"
contains "$WORK/plan" "the text console: dark until the guest has ended"
for name in g1 g2; do
	log_clear
	start "$name"
	on_vfio "$GPU" "$SOUND"
	console_is 0 || fail "the console is still on the card"
	[[ -z $(< /proc/fb) ]] || fail "there is a framebuffer: $(< /proc/fb)"
	log_tail 200 > "$WORK/log"
	contains "$WORK/log" "the text console: dark until the guest has ended"
	stop "$name"
	console_is 1 || fail "the console did not come back"
	same_as_before
done
