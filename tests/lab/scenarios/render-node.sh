# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A program of somebody who is logged in computes on a graphics card. It is asked to end, and one that does not is left
# alone, as its work may not be saved: the guest does not start. The word "kill" is for whoever wants it all the same.
# machine: systemd
# deadline: 300

# It hangs below the card or below the card's virtio device, by the kernel's release.
render_node() { compgen -G "$PCI/$RENDER/drm/renderD*" || compgen -G "$PCI/$RENDER/virtio*/drm/renderD*"; }
has_render_node() { [[ $(render_node) ]]; }
has_no_render_node() { [[ ! $(render_node) ]]; }

# Its number may be another one each time.
find_node() {
	poll 30 has_render_node || fail "the card has no render node"
	udevadm settle
	node=$(render_node)
	node=/dev/dri/${node##*/}
	must chmod 666 "$node"
}

must modprobe virtio_gpu
find_node
before
guest g1 "$(policy grace-time=2)" "$(hostdev yes "$RENDER")"
guest g2 "$(policy grace-time=2 processes=kill)" "$(hostdev yes "$RENDER")"

must at_seat /lab/hold --deaf "$node"
held_by "$node" main_pid lab-seat
refused g1 "$RENDER" "is used by process $HELD (hold, user alice, session $(session_of "$HELD")" "$node" \
	"hostdevctl set g1 processes=kill"
lives "$HELD"
start g2
has_ended "$HELD"
on_vfio "$RENDER"
stop g2
logged_out
find_node

# One that ends when it is asked to is no obstacle.
must at_seat /lab/hold "$node"
held_by "$node" main_pid lab-seat
start g1
has_ended "$HELD"
on_vfio "$RENDER"
stop g1
logged_out
find_node
same_as_before

must modprobe -r virtio_gpu
poll 10 has_no_render_node || fail "the card is still driven"
