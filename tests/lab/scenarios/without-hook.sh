# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What docs/compared.md says of libvirt without this hook, and of driverctl, on this machine.
# deadline: 300

# With systemd the node /dev/vfio/vfio is there before the module is; without, libvirt wants it loaded.
must modprobe vfio-pci
# libvirt looks for its hook when it is started.
must mv "$HOOK" "$WORK/hook"
must daemon_down
must daemon_up

# begins NAME - the guest is started behind our back; is_answered: virsh has come back.
begins() {
	say "virsh start $1"
	virsh -q start -- "$1" > "$WORK/$1.out" 2>&1 < /dev/null 9>&- &
	virsh=$!
}
is_answered() { ! kill -0 "$virsh" 2> /dev/null; }
has_driver() { [[ $(driver_of "$1") == "$2" ]]; }
starts() { virsh_run start -- "$1" || fail "libvirt alone does not start $1"; }
stops() { virsh_run destroy -- "$1" || fail "$1 does not stop"; }

guest disk "$(hostdev yes "$NVME")"
guest sound "$(hostdev yes "$GPU" "$SOUND")"
guest mate "$(hostdev yes "$MATE_A")"
guest nic "$(hostdev yes "$NIC")"

# "A disk that is mounted": it is taken, by both.
writes() { ! dd if=/dev/zero of=/mnt/file bs=4k count=1 oflag=direct conv=notrunc status=none; }
mounted_disk_is_lost() {
	local disk
	disk=$(disk_node "$NVME")
	format "$disk"
	must mount "$disk" /mnt
	"$@"
	has_driver "$NVME" vfio-pci || fail "the disk stays with the host"
	writes || fail "the file system can still be written to"
	must umount /mnt
}
mounted_disk_is_lost starts disk
stops disk
poll 20 has_disk "$NVME" || fail "the disk did not come back"
mounted_disk_is_lost must driverctl --nosave set-override "$NVME" vfio-pci
must driverctl --nosave unset-override "$NVME"
poll 20 has_disk "$NVME" || fail "the disk did not come back"
wipe "$(disk_node "$NVME")"

# "Other devices share its IOMMU group": the start fails, and no device is named.
! virsh_run start mate || fail "a guest got one of two devices of a group"
contains "$WORK/virsh.err" "is not viable"
! grep -qF "$MATE_B" "$WORK/virsh.err" || fail "libvirt names the other device"

# "The host's only way to the network": it is cut.
nic=$(interface "$NIC")
must ip address add 192.0.2.1/24 dev "$nic"
link_up "$nic"
must ip route add default via 192.0.2.2
starts nic
[[ -z $(ip route show default) ]] || fail "the host still has its route"
stops nic
has_driver "$NIC" e1000e || fail "the card did not come back"

# "A program has the device open": virsh waits with the kernel, until the program ends by itself.
hold "$(control_node "$SOUND")"
begins sound
! poll 10 is_answered || fail "libvirt alone does not wait: $(< "$WORK/sound.out")"
end "$HELD"
poll 60 is_answered || fail "the start goes on waiting"
stops sound
poll 30 has_sound || fail "the sound did not come back"

# "libvirtd is killed during the start": nobody gives the device back.
hold "$(control_node "$SOUND")"
begins sound
lets_go() { has_driver "$SOUND" none; }
poll 20 lets_go || fail "nobody unbinds the sound"
daemon=$(daemon_pid)
kill -9 "$daemon"
end "$HELD"
poll 60 gone "$daemon" || fail "libvirtd does not die"
wait "$virsh" || :
must daemon_up
! poll 10 has_driver "$SOUND" snd_hda_intel || fail "libvirt gives the device back"
say "left behind: driver $(driver_of "$SOUND"), override $(< "$PCI/$SOUND/driver_override")"

must mv "$WORK/hook" "$HOOK"
must daemon_down
must daemon_up
rebind "$GPU" bochs-drm
rebind "$SOUND" snd_hda_intel
modprobe -r vfio-pci vfio_iommu_type1 || :
host_settles
