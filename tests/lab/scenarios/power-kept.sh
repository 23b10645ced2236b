# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A device that may sleep may sleep again afterwards; a round trip through vfio alone forgets that.

for device in "$NIC" "$SOUND"; do
	put "$device" power/control auto
done
put "$NIC" d3cold_allowed 0
before
for managed in yes no; do
	guest "$managed" "$(hostdev "$managed" "$NIC" "$GPU")"
	start "$managed"
	on_vfio "$NIC" "$GPU" "$SOUND"
	stop "$managed"
	same_as_before
done
for device in "$NIC" "$SOUND"; do
	put "$device" power/control on
done
put "$NIC" d3cold_allowed 1
