# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced inside the machine by each step: the words a scenario is written in. A scenario is a row of functions step_1, step_2
# and so on: each runs in a boot of its own, and all but the last end with one of the reboots. Every check ends the scenario
# when it fails.
#
#   reboot_plain                   the entry that GRUB takes by itself
#   reboot_into PATH               that entry, once: ids or numbers with > between them, as grub-reboot wants it
#   reboot_with WORDS [ID]         the first entry whose id begins so (without ID the first of all), with these words more
#   reboot_renumbered PATH N       as reboot_into, and every bus from the second on is called N more
#   remember_home                  remember each device's driver
#   at_home_but ADDRESS...         exactly these are on vfio-pci, every other device has the driver that was remembered
#   nothing_on_vfio                no device is on vfio-pci, and every device has a driver
#   driver_of, group_of ADDRESS    as sysfs has it; members_of GROUP
#   assert_driver ADDRESS DRIVER
#   cmdline_has, cmdline_has_not, dmesg_has TEXT
#   generate ARGUMENT...           hostdevctl generate, which must succeed; then said TEXT...
#   generate_ends STATUS ARGUMENT...; then said_home ADDRESS: in a list, with the driver that was remembered
#   remember_files / files_as_remembered [times]   of /etc, of /boot, and what is in the newest initramfs image
#   build_images                   the initramfs images, anew
#   recovery_entry                 the path to the entry that Debian calls recovery mode, for reboot_into
#   entries_of ID                  how many entries there are for that choice: their ids begin with its id
#   keep NAME VALUE / kept NAME    for a later step
PCI=/sys/bus/pci/devices
MENU=/boot/grub/grub.cfg

# See machine.
export CARD_A=0000:02:00.0 SOUND=0000:02:00.1 CARD_B=0000:05:00.0
export XHCI_A=0000:03:00.0 XHCI_B=0000:06:00.0
export NVME_A=0000:04:00.0 NVME_B=0000:07:00.0
export NIC=0000:08:00.0
# shellcheck disable=SC2034 # for scenarios
DEVICES=("$CARD_A" "$SOUND" "$XHCI_A" "$NVME_A" "$CARD_B" "$XHCI_B" "$NVME_B" "$NIC")

say() { printf '+ %s\n' "$*" >&2; }

fail() {
	printf 'FAILED: %s\n' "$*"
	: > /tmp/failed
	exit 1
} >&2

must() {
	say "$*"
	"$@" || fail "$1 failed"
}

keep() { printf '%s\n' "$2" > "$BOOTS_KEEP/$1"; }
kept() { cat "$BOOTS_KEEP/$1"; }

driver_of() {
	local link
	link=$(readlink "$PCI/$1/driver") || { echo none; return; }
	echo "${link##*/}"
}
group_of() {
	local link
	link=$(readlink "$PCI/$1/iommu_group") || { echo none; return; }
	echo "${link##*/}"
}
members_of() { ls "/sys/kernel/iommu_groups/$1/devices"; }

assert_driver() {
	local driver
	driver=$(driver_of "$1")
	[[ $driver == "$2" ]] || fail "$1 is on $driver, not on $2"
}

# drivers - "ADDRESS DRIVER" for every function.
drivers() {
	local device
	for device in "$PCI"/*; do
		echo "${device##*/} $(driver_of "${device##*/}")"
	done
}

remember_home() {
	drivers > "$BOOTS_KEEP/home"
	! grep vfio "$BOOTS_KEEP/home" || fail "that is not home"
}

at_home_but() {
	local address driver wrong=0
	for address in "$@"; do
		[[ -d $PCI/$address ]] || fail "there is no $address"
	done
	while read -r address driver; do
		[[ " $* " != *" $address "* ]] || driver=vfio-pci
		[[ $(driver_of "$address") == "$driver" ]] || { echo "$address is on $(driver_of "$address"), not on $driver"; wrong=1; }
	done < "$BOOTS_KEEP/home"
	((wrong == 0)) || fail "not every device has the driver it should have"
}

nothing_on_vfio() {
	local address driver
	while read -r address driver; do
		# What is soldered to the board has no driver in this machine.
		[[ $driver != vfio-pci ]] || fail "$address is on vfio-pci"
		[[ $driver != none || $address == 0000:00:* ]] || fail "$address has no driver"
	done < <(drivers)
}

cmdline_has() { grep -qF -- "$1" /proc/cmdline || fail "the command line has no '$1': $(< /proc/cmdline)"; }
cmdline_has_not() { ! grep -qF -- "$1" /proc/cmdline || fail "the command line has '$1': $(< /proc/cmdline)"; }
dmesg_has() { dmesg | grep -F -- "$1" > /dev/null || fail "the kernel's log has no '$1'"; }

# wanted - this boot ends here.
wanted() { echo reboot > "$BOOTS_STATE/wanted"; }

reboot_plain() {
	say "reboot"
	wanted
}

# has_entry ID - the menu has an entry or a submenu that is called so.
has_entry() { grep -E '^[[:space:]]*(menuentry|submenu) ' "$MENU" | grep -F -- "'$1'" > /dev/null; }

reboot_into() {
	local id
	for id in ${1//>/ }; do
		[[ $id =~ ^[0-9]+$ ]] || has_entry "$id" || fail "the menu has no entry '$id'"
	done
	must grub-reboot "$1"
	wanted
}

# What GRUB takes once is an entry of its own, in a file that the menu reads when the machine boots, and that no generator
# of menus reads: nothing of the menu is changed.
reboot_with() {
	say "an entry with the words $1"
	awk -v words="$1" -v id="${2:-}" '
		/^[ \t]*menuentry / && !found && index($0, "\047" id) {
			found = inside = 1
			print "menuentry \047once\047 --id boots-once {"
			next
		}
		inside && $1 == "linux" { $0 = $0 " " words }
		inside { print }
		inside && /^[ \t]*}[ \t]*$/ { inside = 0 }
	' "$MENU" > /boot/grub/custom.cfg
	[[ -s /boot/grub/custom.cfg ]] || fail "the menu has no entry '${2:-}'"
	must grub-script-check /boot/grub/custom.cfg
	must grub-reboot boots-once
	wanted
}

reboot_renumbered() {
	[[ ! -e $PCI/0000:01:00.0 ]] || fail "there is something in front already"
	reboot_into "$1"
	echo "shift $2" > "$BOOTS_STATE/wanted"
}

generate() { generate_ends 0 "$@"; }

generate_ends() {
	local status=0
	say "hostdevctl generate ${*:2}"
	timeout 900 hostdevctl generate "${@:2}" > /tmp/said 2>&1 || status=$?
	cat /tmp/said
	[[ $status -eq $1 ]] || fail "hostdevctl generate $2 ended with $status, not with $1"
}

said() {
	local text
	for text in "$@"; do
		grep -qF -- "$text" /tmp/said || fail "not said: $text"
	done
}

# said_home ADDRESS - with the driver that was remembered.
said_home() {
	local driver
	driver=$(sed -n "s/^$1 //p" "$BOOTS_KEEP/home")
	grep -F -- "$1" /tmp/said | grep -E -- ", driver $driver\$" || fail "not said: $1 ... driver $driver"
}

# What is booted next is GRUB's own note, and no file of the menu.
the_files() { find /etc /boot \( -type f -o -type l \) ! -name grubenv ! -path '/boot/initrd*' "$@"; }

# files FORMAT - of each file the bytes, and what find prints of it in that format.
files() {
	the_files -printf "%p %y %m %u %g %l $1\n" | sort
	the_files -type f -print0 | sort -z | xargs -0 sha256sum
	cat /tmp/image-list
}

# build_images - with what builds them here.
build_images() {
	if command -v update-initramfs > /dev/null; then
		must update-initramfs -u -k all
	else
		must dracut --regenerate-all --force
	fi
}

newest_image() { find /boot -name 'initrd.img-*' -type f | sort -V | tail -n 1; }

# image_list - names in the order of the alphabet: who builds an image twice may find files in another order.
image_list() {
	if command -v lsinitramfs > /dev/null; then
		lsinitramfs "$(newest_image)" | sort
	else
		# A device has a number more in front of its time. build-parameter.txt says how dracut was called, and that need not be the same.
		lsinitrd "$(newest_image)" | sed -n '/dracut\/build-parameter\.txt$/d;/^[-dlcb]r/p' | awk '{ n = /^[cb]/ ? 7 : 6; $n = $(n + 1) = $(n + 2) = ""; print }' | sort -k 6
	fi
}

remember_files() {
	image_list > /tmp/image-list
	files '' > "$BOOTS_KEEP/files"
	files '%T@' > "$BOOTS_KEEP/files.times"
}

files_as_remembered() {
	image_list > /tmp/image-list
	if [[ ${1:-} ]]; then
		files '%T@' | diff -U0 "$BOOTS_KEEP/files.times" - || fail "a file is not the one it was"
	else
		files '' | diff -U0 "$BOOTS_KEEP/files" - || fail "a file is not as it was"
	fi
}

entries_of() { grep -E '^[[:space:]]*menuentry ' "$MENU" | grep -cF -- "'$1-" || :; }

# recovery_entry - the path of ids to the first entry that recovers.
recovery_entry() {
	awk -F\' '
		/^submenu / { path = $(NF - 1) ">" }
		/^[ \t]*menuentry .*-recovery-/ { print (/^[ \t]/ ? path : "") $(NF - 1); exit }
	' "$MENU"
}

[[ ! -d /boot/efi/loader/entries ]] || . /boots/systemd-boot.sh
