# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced inside the machine by scenarios of pages (docs/*.md, below /lab/docs): what a page shows of the
# commands is what they say. It knows the form of a page: in lines that are indented by four spaces stand commands behind
# "# ", and what they print. Lines between ``` are for machines that this one is none of, and are not run.
#
#   page_says FILE              runs the page's commands in their order, and compares what hostdevctl says, and the hook to
#                               "virsh start"; the answers of others are no part of a page. ALOUD names other commands whose
#                               answers are
#   reader_is_at_once           as on a host that has lent nothing since it was started
#   desktop NAME NODE [OTHER]   with systemd: alice's desktop, a stand-in that is called NAME and has these cards open; it is
#                               "systemctl restart display-manager" that starts it; desktop_over ends it
#   one_card / all_cards        RENDER is not in this machine for a while

# What is another number each time; and what the lists of names of devices spell differently in other releases.
steady() {
	sed -E 's/process [0-9]+/process N/g; s/c226:[0-9]+/c226:N/g; s/session [a-z]?[0-9]+/session N/g; s/nvme[0-9]+n1/nvmeNn1/g
		s/ +[0-9]+ (found|set|started|returned|left alone)/ N \1/g; s/[0-9]+ ms/N ms/g; s/ +[0-9]+ lines?$/ N lines/
		s/^(Replaced by made-up ones, each by the same everywhere:).*/\1/; s/[0-9]+(\.[0-9]+)? s\b/N s/g
		s/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}[^ ]*/TIME/g; s/^[A-Z][a-z]{2} +[0-9]+ [0-9:]{8}/TIME/; s/hostdev-hook\[[0-9]+\]/hostdev-hook[N]/
		s,/dev/dri/(card|renderD)[0-9]+,/dev/dri/\1N,g; s,/dev/snd/controlC[0-9]+,/dev/snd/controlCN,g; s/\b(eth[0-9]+|sd[a-z])\b/NODE/g; s/^(hostdev_.*_seconds.*\}) [0-9.]+$/\1 N/
		s/ +$//; s/^([a-z0-9]+ +(lend|return)) +[0-9]+ /\1 N /; /^The name .* is not replaced/d; /^$/d; s/Red Hat \[1b36:000e\]/Red Hat QEMU PCIe-to-PCI bridge/'
}

# blocks FILE - its indented lines.
blocks() {
	awk '/^```/ { fenced = !fenced } !fenced && sub(/^    /, "")' "$1"
}

# What a person pastes with "virsh edit" is what "hostdevctl xml" has printed last.
paste_into_guest() {
	echo "exec sed -i '/<devices>/r $WORK/xml' \"\$1\"" > "$WORK/editor"
	EDITOR="sh $WORK/editor" virsh edit "$1" > "$WORK/edited" 2>&1 || fail "virsh edit: $(< "$WORK/edited")"
}

# What virsh says itself is another text in other releases: the hook's words begin on a line of their own.
hooks_words() { sed -n '/^hostdev-hook: /,$p' | sed '/^$/d'; }

# answer COMMAND - as a person at a terminal would get it.
answer() {
	case $1 in
	'hostdevctl xml '*) bash -c "$1" 2>&1 | tee "$WORK/xml" ;;
	hostdevctl*) bash -c "$1" 2>&1 ;;
	'virsh edit '*) paste_into_guest "${1#virsh edit }" ;;
	# No system runs in the guests here that would hear of it.
	'virsh shutdown '*) virsh destroy "${1#virsh shutdown }" ;;
	# What the desktop opens, it has opened when it is there.
	'systemctl restart display-manager') systemctl restart display-manager && held_by "$DESKTOP_NODE" main_pid display-manager ;;
	'virsh start '*) bash -c "$1" 2>&1 | hooks_words ;;
	*) bash -c "$1" 2>&1 ;;
	esac < /dev/null || :
}

page_says() {
	local line commands=0 aloud=${ALOUD:-hostdevctl|virsh start}
	while IFS= read -r line; do
		echo "$line"
		commands=$((commands + 1))
		line=${line#\# }
		if [[ $line =~ ^($aloud)( |$) ]]; then answer "$line"; else answer "$line" > "$WORK/aside"; fi
	done < <(blocks "$1" | grep '^# ') > "$WORK/said"
	((commands > 5)) || fail "${1##*/} shows $commands commands"
	blocks "$1" | steady > "$WORK/shown"
	steady < "$WORK/said" > "$WORK/steady"
	diff -u "$WORK/shown" "$WORK/steady" > "$WORK/difference" && return
	cat "$WORK/said"
	fail "${1##*/} shows something else:"$'\n'"$(< "$WORK/difference")"
}

reader_is_at_once() {
	rm -f "$STATE"/*.last
	modprobe -r vfio-pci vfio_iommu_type1 2> /dev/null || :
	# What other guests of the same name have left in the log.
	[[ $KIND != systemd ]] || journalctl -q --rotate --vacuum-size=1
}

# RENDER with its driver, as a second graphics card: it has a node and a render node then.
second_card() {
	must modprobe virtio_gpu
	poll 30 has_render_node || fail "the second card has no node"
	must udevadm settle
	CARD2=/dev/dri/$(basename "$(nodes_of_second card)")
	RENDER2=/dev/dri/$(basename "$(nodes_of_second renderD)")
	must chmod 666 "$CARD2" "$RENDER2"
}
# Below the card, or below the card's virtio device: that is another one in other releases of the kernel.
nodes_of_second() { compgen -G "$PCI/${RENDER:?}/drm/$1*" || compgen -G "$PCI/$RENDER/virtio*/drm/$1*"; }
has_render_node() { nodes_of_second renderD > /dev/null; }
has_no_render_node() { ! has_render_node; }
second_card_over() {
	must modprobe -r virtio_gpu
	poll 10 has_no_render_node || fail "the second card is still driven"
}

one_card() { echo 1 > "$PCI/$RENDER/remove"; }
all_cards() {
	echo 1 > /sys/bus/pci/rescan
	must udevadm settle
}

# A desktop reads what keeps it off a card when its session starts: Mutter a tag of udev, KWin its environment. KWin also lets
# go of a card when udev says that the card is gone.
desktop() {
	local name=$1 node=$2 other=${3:-} polite=''
	DESKTOP=/lab/$name DESKTOP_NODE=$node
	cp /lab/hold "$DESKTOP"
	[[ $name != kwin_wayland ]] || polite=yes
	cat > /lab/desktop <<- END
		#!/bin/bash
		other=$other
		[[ \$(udevadm info "\$other" 2>&1) != *:mutter-device-ignore:* ]] || other=''
		read allowed < <(sed -n 's/^KWIN_DRM_DEVICES=//p' /etc/environment)
		[[ ! \$allowed || \$(readlink -f "\$allowed") == "\$other" ]] || other=''
		[[ \$other ]] || exec $DESKTOP --master $node
		[[ ! "$polite" ]] || exec $DESKTOP --polite \$other 7<> $node
		exec $DESKTOP --master $node 7<> \$other
	END
	chmod 755 /lab/desktop
	unit display-manager.service '[Service]' ExecStart=/lab/desktop User=alice PAMName=login TTYPath=/dev/tty1 \
		'Environment=XDG_SESSION_TYPE=wayland XDG_SESSION_CLASS=user XDG_SEAT=seat0'
	must systemctl start display-manager
	held_by "$node" main_pid display-manager
}
desktop_over() {
	systemctl stop display-manager
	logged_out
	rm -f "$DESKTOP" /lab/desktop
}
