# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The hook and a set-up know each other: a card that was reserved at boot goes to a guest of a real libvirtd and stays reserved
# when the guest has ended, while a disk that is lent at the same time goes home to its driver.
# wants: generate
# deadline: 900

# device ADDRESS - as a guest's XML names it.
device() {
	local domain bus slot function
	IFS=:. read -r domain bus slot function <<< "$1"
	echo "<hostdev mode='subsystem' type='pci' managed='yes'><source>" \
		"<address domain='0x$domain' bus='0x$bus' slot='0x$slot' function='0x$function'/></source></hostdev>"
}

# until_runs SECONDS COMMAND...
until_runs() {
	local end=$((SECONDS + $1))
	shift
	until "$@" > /dev/null 2>&1; do
		((SECONDS < end)) || fail "'$*' did not succeed in time"
		sleep 1
	done
}

daemons_start() {
	mkdir -p /run/dbus
	must dbus-daemon --system --fork
	must virtlogd -d
	must libvirtd -d
	until_runs 120 virsh -q list
}

guest_define() {
	cat > /tmp/guest.xml <<- XML
		<domain type='qemu'>
		  <name>boots</name>
		  <memory unit='MiB'>64</memory>
		  <vcpu>1</vcpu>
		  <os><type arch='x86_64' machine='q35'>hvm</type></os>
		  <devices>
		    <emulator>/usr/bin/qemu-system-x86_64</emulator>
		    <controller type='usb' model='none'/>
		    <memballoon model='none'/>
		    $(for address in "$@"; do device "$address"; done)
		  </devices>
		</domain>
	XML
	must virsh -q define /tmp/guest.xml
}

step_1() {
	remember_home
	generate multiboot --devices "$CARD_A" --apply --yes
	reboot_into 'hostdev-all>0'
}

step_2() {
	at_home_but "$CARD_A" "$SOUND"
	daemons_start
	guest_define "$CARD_A" "$SOUND" "$NVME_B"
	must virsh -q start boots
	at_home_but "$CARD_A" "$SOUND" "$NVME_B"
	generate verify
	must virsh -q destroy boots
	at_home_but "$CARD_A" "$SOUND"
	generate verify
}
