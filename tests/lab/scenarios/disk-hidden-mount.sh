# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The file system is mounted in another mount namespace only, where no list of ours shows it; or it was unmounted lazily
# and somebody still works in it.

guest g1 "$(hostdev no "$NVME")"
disk=$(disk_node "$NVME")
format "$disk"
unshare --mount --propagation private sh -c "mount $disk /mnt && echo mounted && exec sleep 1000" > "$WORK/elsewhere" 3>&- 9>&- &
elsewhere=$!
poll 20 grep -q mounted "$WORK/elsewhere" || fail "it is not mounted"
refused g1 "$NVME" "${disk##*/}"
end "$elsewhere"

must mount "$disk" /mnt
(cd /mnt && exec sleep 1000) 3>&- 9>&- &
inside=$!
must umount --lazy /mnt
refused g1 "$NVME" "${disk##*/}"
lives "$inside"
end "$inside"
must udevadm settle
wipe "$disk"
