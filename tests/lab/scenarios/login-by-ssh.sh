# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Somebody is logged in by ssh over this card: refused, unless policy says that the login may be cut off.

near=$(interface "$NIC") far=$(interface "$NIC2")
guest g1 "$(hostdev yes "$NIC")"
unshare --net sleep 1000 3>&- 9>&- &
world=$!
other_net() { [[ $(readlink "/proc/$world/ns/net") != "$(readlink /proc/self/ns/net)" ]]; }
poll 20 other_net || fail "no network namespace"
in_world() { nsenter --target "$world" --net "$@"; }
must ip address add 192.0.2.1/24 dev "$near"
must ip link set dev "$near" up
must ip link set dev "$far" netns "$world"
must in_world ip address add 192.0.2.2/24 dev "$far"
must in_world ip link set dev "$far" up

# To others, a connection to port 22 of a program called sshd.
cp /bin/busybox /tmp/sshd
(sleep 1000 | exec -a nc /tmp/sshd -l -p 22) > /dev/null 2>&1 3>&- 9>&- &
listens() { grep -q ':0016 0*:0000 0A' /proc/net/tcp{,6}; }
poll 20 listens || fail "nobody listens"
(sleep 1000 | in_world busybox nc 192.0.2.1 22) > /dev/null 2>&1 3>&- 9>&- &
is_connected() { grep -qE '010200C0:0016 [0F]*020200C0:.... 01' /proc/net/tcp{,6}; }
poll 30 is_connected || fail "there is no connection"
refused g1 "$NIC" "$near" 192.0.2.2 "allow+=ssh"

pkill -x sshd || :
end "$world"
must ip address flush dev "$near"
must ip link set dev "$near" down
back() { compgen -G "$PCI/$NIC2/net/*" > /dev/null; }
poll 20 back || fail "the interface did not come back"
