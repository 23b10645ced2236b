# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What docs/commands.md shows is what the commands say, and the picture in it shows this machine.
# deadline: 300

. /lab/pages.sh
rm -f /tmp/report.txt
reader_is_at_once
guest win11 "$(hostdev yes "$GPU" "$SOUND")"
guest files "$(hostdev yes "$NVME")"
disk=$(disk_node "$NVME")
format "$disk"
must mount "$disk" /mnt

# Nothing that differs from one boot to the next stands in the picture; one name is not on Debian 12's list.
hostdevctl list --dot | sed 's/Red Hat \[1b36:000e\]/Red Hat QEMU PCIe-to-PCI bridge/' > "$WORK/lab.dot"
diff -u /lab/docs/lab.dot "$WORK/lab.dot" > "$WORK/difference" || fail "docs/lab.dot shows something else:"$'\n'"$(< "$WORK/difference")"

ALOUD=hostdevctl page_says /lab/docs/commands.md
rm -f /tmp/report.txt
must umount /mnt
wipe "$disk"
same_as_before
