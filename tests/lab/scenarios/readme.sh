# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What README.md shows of the commands is what they say, and the picture in it shows this machine.
# deadline: 300

SECTION='## The commands, and what they say'

# What is another number each time; and what the lists of names of devices spell differently in other releases.
steady() {
	sed -E 's/process [0-9]+/process N/g; s/nvme[0-9]+n1/nvmeNn1/g; s/ +[0-9]+ (found|set|started|returned|left alone)/ N \1/g; s/[0-9]+ ms/N ms/g; s/ +[0-9]+ lines?$/ N lines/; s/^(Replaced by made-up ones, each by the same everywhere:).*/\1/; s/[0-9]+(\.[0-9]+)? s\b/N s/g
		s/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}[^ ]*/TIME/g; s/^[A-Z][a-z]{2} +[0-9]+ [0-9:]{8}/TIME/; s/hostdev-hook\[[0-9]+\]/hostdev-hook[N]/
		s/ +$//; s/^([a-z0-9]+ +(lend|return)) +[0-9]+ /\1 N /; /^The name .* is not replaced/d'
}

# The indented lines of the section: commands behind "# ", and what they print.
blocks() { sed -n "/^$SECTION\$/,/^## [^T]/p" /lab/README.md | sed -n 's/^    //p'; }

rm -f /tmp/report.txt
# As on a host that has lent nothing since it was started, whatever was played here before.
rm -f "$STATE"/*.last
modprobe -r vfio-pci vfio_iommu_type1 2> /dev/null || :

guest win11 "$(hostdev yes "$GPU" "$SOUND")"
guest files "$(hostdev yes "$NVME")"
disk=$(disk_node "$NVME")
format "$disk"
must mount "$disk" /mnt

# Nothing that differs from one boot to the next stands in the picture; one name is not on Debian 12's list.
hostdevctl list --dot | sed 's/Red Hat \[1b36:000e\]/Red Hat QEMU PCIe-to-PCI bridge/' > "$WORK/lab.dot"
diff -u /lab/lab.dot "$WORK/lab.dot" > "$WORK/difference" || fail "docs/lab.dot shows something else:"$'\n'"$(< "$WORK/difference")"

commands=0
while IFS= read -r line; do
	echo "$line"
	[[ $line == "# "* ]] || continue
	commands=$((commands + 1))
	if [[ $line == "# hostdevctl "* ]]; then
		bash -c "${line#\# }" 2>&1 < /dev/null || :
	else
		bash -c "${line#\# }" > /dev/null 2>&1 < /dev/null || :
	fi
done < <(blocks | grep '^# ') > "$WORK/said"
((commands > 15)) || fail "README shows $commands commands"
blocks | steady > "$WORK/shown"
steady < "$WORK/said" > "$WORK/steady"
diff -u "$WORK/shown" "$WORK/steady" > "$WORK/difference" || { cat "$WORK/said"; fail "README shows something else:"$'\n'"$(< "$WORK/difference")"; }
rm -f /tmp/report.txt
must umount /mnt
wipe "$disk"
same_as_before
