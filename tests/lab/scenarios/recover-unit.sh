# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# libvirtd is killed and comes back by itself: the unit behind it returns what a dead hook has left, and not what a
# running guest has.
# machine: systemd

is_another_daemon() { pid=$(daemon_pid) && [[ $pid -ne 0 && $pid -ne $1 ]]; }
inactive_unit() { [[ $(systemctl show -P ActiveState hostdev-hook-recover) == inactive ]]; }

systemctl -q is-enabled hostdev-hook-recover || fail "the unit is not enabled"
described g1 "$(hostdev no "$NIC" "$NVME")"
xml_of g1 > "$WORK/g1.xml"
guest g2 "$(hostdev yes "$NIC2")"
start g2
hook g1 prepare begin - < "$WORK/g1.xml"
said_nothing
on_vfio "$NIC" "$NVME" "$NIC2"

daemon=$(daemon_pid)
must systemctl kill -s KILL libvirtd
poll 60 is_another_daemon "$daemon" || fail "libvirtd does not come back"
poll 60 has_no_journal g1 || { journalctl -q --no-pager -u hostdev-hook-recover; fail "nobody has recovered g1"; }
poll 30 inactive_unit || fail "the unit does not end"
[[ $(systemctl show -P Result hostdev-hook-recover) == success ]] || fail "the unit has failed"
journalctl -q --no-pager -u hostdev-hook-recover
poll 60 daemon_answers || fail "libvirtd does not answer"
running g2
has_journal g2 || fail "the journal of the running guest is gone"
on_vfio "$NIC2"
stop g2
same_as_before
