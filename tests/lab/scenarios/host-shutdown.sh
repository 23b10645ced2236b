# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The host goes down while a guest has its devices, and somebody ends the guest as libvirt-guests does: the hook answers at
# once, starts no unit and binds no driver; after the boot nothing is left over, and the guest starts.
# machine: systemd
# deadline: 300

devices() { sed '/^drivers_autoprobe/q'; }
if [[ ! $CRASHED ]]; then
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
	cat > /var/lib/lab/end-guests <<-END
		#!/bin/bash
		exec > /var/lib/lab/kept/end 2>&1
		systemctl is-system-running
		begun=\${EPOCHREALTIME/./}
		virsh -q destroy g1
		echo "destroyed in \$(((\${EPOCHREALTIME/./} - begun) / 1000)) ms"
		ls -d /sys/bus/pci/drivers/vfio-pci/0000:*
		cp $(journal_of g1) /var/lib/lab/kept/end.journal
		journalctl -o cat -t hostdev-hook > /var/lib/lab/kept/end.log
	END
	chmod +x /var/lib/lab/end-guests
	unit lab-guests.service '[Unit]' 'After=libvirtd.service' '[Service]' 'Type=oneshot' 'RemainAfterExit=yes' \
		'ExecStart=/bin/true' 'ExecStop=/var/lib/lab/end-guests'
	must systemctl start lab-guests.service
	date +%s > "$WORK/down"
	power_off_host
fi
known g1
say "down and up again in $(($(date +%s) - $(< "$WORK/down"))) s"
cat "$WORK/end" "$WORK/end.log"
contains "$WORK/end" stopping
read -r ms < <(sed -n 's/^destroyed in \([0-9]*\) ms$/\1/p' "$WORK/end")
((ms < 10000)) || fail "the end of the guest took $ms ms"
contains "$WORK/end" "drivers/vfio-pci/$GPU"
contains "$WORK/end" "drivers/vfio-pci/$NVME"
[[ $(tail -n 1 "$WORK/end.journal") == returning ]] || fail "the journal does not say that the run is over"
contains "$WORK/end.log" "no unit is started and no device is returned"
# It was started by this scenario, and by nobody else.
[[ $(wc -l < /var/lib/lab/starts) == 1 ]] || fail "the unit was started again"
cmp "$WORK/before-end" <(devices_text | devices) || fail "the devices came up in another way"
[[ -z $(journals) ]] || fail "a journal outlives the boot"
must hostdevctl recover
start g1
on_vfio "$GPU" "$SOUND" "$NVME"
stop g1
rm -f /var/lib/lab/end-guests /var/lib/lab/starts
