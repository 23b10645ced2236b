# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The scripts of a guest run around its hand-over with what libvirt gave the hook; a plain file beside them is libvirt's
# alone, and runs once.

# shellcheck disable=SC2016 # the words are the script's
told='cat > /dev/null; echo "$0 $* $HOSTDEV_GUEST $HOSTDEV_DEVICES $(basename "$(readlink /sys/bus/pci/devices/'$NIC/'driver)")"'
for call in prepare/begin start/begin started/begin stopped/end release/end; do
	script "g1/$call/10-tell" "($told) >> $WORK/seen" 'echo "a word for the log"'
	script "g2/$call/10-tell" "touch $WORK/others"
done
script 99-plain "echo plain \$2 >> $WORK/plain"
guest g1 "$(hostdev no "$NIC")"
start g1
on_vfio "$NIC"
stop g1
same_as_before
while read -r operation suboperation extra driver; do
	# What libvirt says for the last argument is another thing in each version.
	grep -qE "^/etc/libvirt/hooks/qemu.d/g1/$operation/$suboperation/10-tell g1 $operation $suboperation $extra g1 $NIC $driver\$" \
		"$WORK/seen" || fail "no $operation in: $(< "$WORK/seen")"
done << 'SEEN'
prepare begin - e1000e
start begin - vfio-pci
started begin - vfio-pci
stopped end - vfio-pci
release end .* e1000e
SEEN
[[ $(wc -l < "$WORK/seen") -eq 5 ]] || fail "not each once: $(< "$WORK/seen")"
[[ ! -e $WORK/others ]] || fail "the scripts of another guest ran"
for operation in prepare start started stopped release; do
	[[ $(grep -cx "plain $operation" "$WORK/plain") -eq 1 ]] || fail "not each once: $(< "$WORK/plain")"
done
