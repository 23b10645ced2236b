# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A program in a container's control group: refused with the container's name and the command that stops it. Its manager
# would have it back at once.

id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
group=/sys/fs/cgroup/system.slice/docker-$id.scope
guest g1 "$(policy processes=kill)" "$(hostdev yes "$GPU")"
guest bold "$(policy "$GPU" processes=terminate allow=console)" "$(hostdev yes "$GPU")"
must mkdir -p "$group"
hold "$(card_node "$GPU")"
echo "$HELD" > "$group/cgroup.procs"
refused g1 "$GPU" "process $HELD" "container docker-0123456789ab" "docker stop 0123456789ab"
mkdir -p "/var/lib/docker/containers/$id"
echo '{"ID":"x","Name":"/jellyfin"}' > "/var/lib/docker/containers/$id/config.v2.json"
refused g1 "$GPU" "container jellyfin" "docker stop jellyfin"
lives "$HELD"
start bold
has_ended "$HELD"
on_vfio "$GPU" "$SOUND"
stop bold
rm -r /var/lib/docker
must rmdir "$group"
same_as_before
