# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A disk of another machine is reached over the network card by NVMe/TCP: refused while it is mounted, lent while nobody
# uses it. The other machine is a network namespace with the card at the other end of the cable.
# deadline: 300

near=$(interface "$NIC") far=$(interface "$NIC2")
guest g1 "$(hostdev yes "$NIC")"
guest g2 "$(policy allow=network-mount)" "$(hostdev yes "$NIC")"
unshare --net sleep 1000 3>&- 9>&- &
world=$!
other_net() { [[ $(readlink "/proc/$world/ns/net") != "$(readlink /proc/self/ns/net)" ]]; }
poll 20 other_net || fail "no network namespace"
in_world() { nsenter --target "$world" --net "$@"; }
addressed() {
	must ip address add 192.0.2.1/24 dev "$near"
	must ip link set dev "$near" up
}
addressed
must ip link set dev "$far" netns "$world"
must in_world ip address add 192.0.2.2/24 dev "$far"
must in_world ip link set dev "$far" up

must modprobe -a configfs nvmet-tcp nvme-tcp
mounted=
mountpoint -q /sys/kernel/config || { must mount -t configfs none /sys/kernel/config; mounted=yes; }
nvmet=/sys/kernel/config/nvmet
must truncate -s 32M /var/lib/lab-target
must mkdir -p "$nvmet/subsystems/lab/namespaces/1" "$nvmet/ports/1"
echo 1 > "$nvmet/subsystems/lab/attr_allow_any_host"
echo /var/lib/lab-target > "$nvmet/subsystems/lab/namespaces/1/device_path"
echo 1 > "$nvmet/subsystems/lab/namespaces/1/enable"
echo tcp > "$nvmet/ports/1/addr_trtype"
echo ipv4 > "$nvmet/ports/1/addr_adrfam"
echo 192.0.2.2 > "$nvmet/ports/1/addr_traddr"
echo 4420 > "$nvmet/ports/1/addr_trsvcid"
# It listens in the network namespace of whoever says so.
must in_world ln -s "$nvmet/subsystems/lab" "$nvmet/ports/1/subsystems/lab"

must nvme connect -t tcp -a 192.0.2.2 -s 4420 -n lab
controller() { dirname "$(grep -lx lab /sys/class/nvme/*/subsysnqn)"; }
# With native multipath it is only the path that hangs below the controller: nvme1c1n1 to nvme1n1.
found() { [[ $(compgen -G "$(controller)/nvme*n1") =~ (nvme[0-9]+)(c[0-9]+)?(n1)$ ]] && disk=${BASH_REMATCH[1]}n1 && [[ -b /dev/$disk ]]; }
poll 60 found || fail "no disk came"
say "$(cat "$(controller)/address") $(cat "$(controller)/transport") $(readlink -f "/sys/class/block/$disk")"
must udevadm settle
format "/dev/$disk"
must mount "/dev/$disk" /mnt
refused g1 "$NIC" "$near" "$disk" "NVMe/TCP" "/mnt" "allow+=network-mount"
must umount /mnt
must mount "/dev/$disk" /home
refused g2 "$NIC" "$near" "$disk" "/home" "allow+=network-root"
must umount /home

# The root's by way of an overlay.
must mkdir -p /run/lower
must mount "/dev/$disk" /run/lower
must mkdir -p /run/lower/tree /run/lower/up /run/lower/work
layers=lowerdir=/run/lower/tree,upperdir=/run/lower/up,workdir=/run/lower/work
must mount -t overlay overlay -o "$layers" /home
refused g2 "$NIC" "$near" "$disk" "allow+=network-root"
must umount /home
must umount /run/lower
must udevadm settle

# Nobody uses it: nothing is lost, and the kernel connects again when the way is back.
start g1
on_vfio "$NIC"
stop g1
near=$(interface "$NIC")
addressed

must nvme disconnect -n lab
rm "$nvmet/ports/1/subsystems/lab"
must rmdir "$nvmet/ports/1" "$nvmet/subsystems/lab/namespaces/1" "$nvmet/subsystems/lab"
rm /var/lib/lab-target
poll 30 modprobe -r nvme-tcp nvmet-tcp || fail "the modules stay"
end "$world"
must ip address flush dev "$near"
must ip link set dev "$near" down
# By whatever name: while it was away, the other card may have come back under its own.
back() { compgen -G "$PCI/$NIC2/net/*" > /dev/null; }
poll 20 back || fail "the interface did not come back"
[[ ! $mounted ]] || must umount /sys/kernel/config
