# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The host goes down, and libvirtd itself ends the guest that has devices, which it can since 11.2.0. The hook starts no unit
# and binds no driver. An older libvirtd leaves the guest to systemd, and the hook is not called. After the boot nothing is
# left over; the newer one starts the guest again.
# when: soak
# machine: systemd
# deadline: 300

devices() { sed '/^drivers_autoprobe/q'; }
ends_guests() { # the daemon does
	local version
	version=$(libvirtd --version)
	printf '%s\n' 11.2.0 "${version##* }" | sort -VC
}
CONF=/etc/libvirt/qemu.conf
if [[ ! $CRASHED ]]; then
	cp "$CONF" "$WORK/qemu.conf"
	if ends_guests; then
		printf '%s\n' 'auto_shutdown_try_save = "none"' 'auto_shutdown_try_shutdown = "none"' \
			'auto_shutdown_poweroff = "all"' >> "$CONF"
		must systemctl restart libvirtd
	fi
	mixer=$(control_node "$SOUND")
	unit lab-player.service '[Service]' \
		"ExecStart=/bin/bash -c 'echo started >> /var/lib/lab/starts; exec /lab/hold $mixer'"
	rm -f /var/lib/lab/starts
	must systemctl start lab-player.service
	held_by "$mixer" main_pid lab-player
	guest g1 "$(hostdev no "$GPU" "$SOUND" "$NVME")"
	devices < "$WORK/before" > "$WORK/before-end"
	start g1
	inactive lab-player.service
	# It is stopped after the daemon.
	cat > /var/lib/lab/look <<-END
		#!/bin/bash
		exec > /var/lib/lab/kept/end 2>&1
		systemctl is-active libvirtd.service
		ls -d /sys/bus/pci/drivers/vfio-pci/0000:*
		cp $(journal_of g1) /var/lib/lab/kept/end.journal
		journalctl -o cat -t hostdev-hook > /var/lib/lab/kept/end.log
		journalctl -o short-monotonic | tail -n 60 > /var/lib/lab/kept/end.all
		pgrep -af hostdev-hook >> /var/lib/lab/kept/end.all
	END
	chmod +x /var/lib/lab/look
	unit lab-look.service '[Unit]' 'Before=libvirtd.service' '[Service]' 'Type=oneshot' 'RemainAfterExit=yes' \
		'ExecStart=/bin/true' 'ExecStop=/var/lib/lab/look'
	must systemctl start lab-look.service
	power_off_host
fi
known g1
cat "$WORK/end" "$WORK/end.log" "$WORK/end.all"
! grep -q 'hostdev-hook/engine' "$WORK/end.all" || fail "the hook outlives the daemon"
# libvirtd 11.3.0 does not always come to its own end, and gives up after 30 s.
grep -qx inactive "$WORK/end" || say "libvirtd did not stop well"
contains "$WORK/end" "drivers/vfio-pci/$GPU"
contains "$WORK/end" "drivers/vfio-pci/$NVME"
is_running() { qemu_pid g1 > /dev/null; }
if ends_guests; then
	[[ $(tail -n 1 "$WORK/end.journal") == returning ]] || fail "the journal does not say that the run is over"
	contains "$WORK/end.log" "no unit is started and no device is returned"
	# The daemon starts the guests again that it has ended.
	poll 120 is_running || fail "g1 was not started again"
	on_vfio "$GPU" "$SOUND" "$NVME"
	must virsh -q destroy g1
else
	[[ $(tail -n 1 "$WORK/end.journal") == lent ]] || fail "the hook was called, though the daemon ended no guest"
	must hostdevctl recover
fi
[[ $(wc -l < /var/lib/lab/starts) == 1 ]] || fail "the unit was started again"
is_as_it_came_up() { [[ -z $(journals) ]] && cmp -s "$WORK/before-end" <(devices_text | devices); }
poll 30 is_as_it_came_up || fail "the devices are not as they were: $(journals; diff "$WORK/before-end" <(devices_text | devices))"
# What was remembered at this boot is the host whose guest ran already.
host_settles
before
cp "$WORK/before" "$WORK/begin"
cp "$WORK/qemu.conf" "$CONF"
must systemctl restart libvirtd
start g1
on_vfio "$GPU" "$SOUND" "$NVME"
stop g1
rm -f /var/lib/lab/look /var/lib/lab/starts
