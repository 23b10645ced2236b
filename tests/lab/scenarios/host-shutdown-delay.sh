# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The host is about to go down: logind has announced it, and waits for a program that holds a delay lock and ends the guest.
# Systemd does not know of the shutdown yet. The hook starts no unit and binds no driver; after the boot nothing is left over.
# when: soak
# machine: systemd
# deadline: 300

devices() { sed '/^drivers_autoprobe/q'; }
DELAY=/etc/systemd/logind.conf.d/lab.conf
if [[ ! $CRASHED ]]; then
	mkdir -p "${DELAY%/*}"
	printf '%s\n' '[Login]' 'InhibitDelayMaxSec=60' > "$DELAY"
	must systemctl restart systemd-logind
	unit lab-player.service '[Service]' \
		"ExecStart=/bin/bash -c 'echo started >> /var/lib/lab/starts; exec /lab/hold $(control_node "$SOUND")'"
	rm -f /var/lib/lab/starts
	must systemctl start lab-player.service
	held_by "$(control_node "$SOUND")" main_pid lab-player
	guest g1 "$(hostdev no "$GPU" "$SOUND" "$NVME")"
	devices < "$WORK/before" > "$WORK/before-end"
	start g1
	inactive lab-player.service
	cat > /var/lib/lab/end-guests <<-END
		#!/bin/bash
		announced() { [[ \$(busctl get-property org.freedesktop.login1 /org/freedesktop/login1 \
			org.freedesktop.login1.Manager PreparingForShutdown) == 'b true' ]]; }
		until announced; do sleep 0.2; done
		exec > /var/lib/lab/kept/end 2>&1
		virsh -q destroy g1
		echo "systemd: \$(systemctl is-system-running)"
		ls -d /sys/bus/pci/drivers/vfio-pci/0000:*
		cp $(journal_of g1) /var/lib/lab/kept/end.journal
		journalctl -o cat -t hostdev-hook > /var/lib/lab/kept/end.log
	END
	chmod +x /var/lib/lab/end-guests
	must systemd-run -q --unit=lab-delay systemd-inhibit --what=shutdown --mode=delay --who=lab /var/lib/lab/end-guests
	has_lock() { systemd-inhibit --list | grep 'lab .*delay' > /dev/null; }
	poll 20 has_lock || fail "nobody holds the delay lock"
	power_off_host
fi
known g1
cat "$WORK/end" "$WORK/end.log"
rm -f "$DELAY"
! grep -q 'systemd: stopping' "$WORK/end" || fail "systemd knew of the shutdown, so that logind was not asked"
contains "$WORK/end" "drivers/vfio-pci/$GPU"
contains "$WORK/end" "drivers/vfio-pci/$NVME"
[[ $(tail -n 1 "$WORK/end.journal") == returning ]] || fail "the journal does not say that the run is over"
contains "$WORK/end.log" "no unit is started and no device is returned"
[[ $(wc -l < /var/lib/lab/starts) == 1 ]] || fail "the unit was started again"
diff "$WORK/before-end" <(devices_text | devices) || fail "the devices came up in another way"
[[ -z $(journals) ]] || fail "a journal outlives the boot"
must hostdevctl recover
start g1
on_vfio "$GPU" "$SOUND" "$NVME"
stop g1
rm -f /var/lib/lab/end-guests /var/lib/lab/starts
