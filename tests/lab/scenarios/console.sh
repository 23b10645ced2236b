# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The kernel's console is on the graphics card: that is refused, unless policy allows it. Then the console lets go, and
# comes back with the card.

console_is() { [[ $(grep -c 'bind=1.*frame buffer' <(consoles_text)) == "$1" ]]; }
console_is 1 || fail "there is no console on the card to begin with"
guest careful "$(hostdev yes "$GPU")"
guest g1 "$(policy allow=console)" "$(hostdev yes "$GPU")"
guest g2 "$(policy display=stop)" "$(hostdev no "$GPU")"
refused careful "$GPU" fb0 "allow = console"
for name in g1 g2; do
	start "$name"
	on_vfio "$GPU" "$SOUND"
	console_is 0 || fail "the console is still on the card"
	[[ ! -s /proc/fb ]] || fail "there is a framebuffer: $(< /proc/fb)"
	stop "$name"
	console_is 1 || fail "the console did not come back"
	same_as_before
done
