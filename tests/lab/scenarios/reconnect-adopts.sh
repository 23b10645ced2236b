# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A guest was running before the hook was installed: when libvirtd comes back, its devices are written down as its own,
# nobody else is lent them, and at its end they are free.

put_back() { [[ -e $HOOK || ! -L $HOOK.away ]] || mv "$HOOK.away" "$HOOK"; }
trap put_back EXIT

guest g1 "$(hostdev yes "$NIC")"
guest g2 "$(hostdev no "$NIC")"
must mv "$HOOK" "$HOOK.away"
must daemon_down
must daemon_up
virsh_run start g1 || fail "the guest does not start without the hook"
running g1
has_no_journal g1 || fail "there is a journal without a hook"
on_vfio "$NIC"

put_back
must daemon_down
must daemon_up
poll 20 has_journal g1 || fail "the guest was not adopted"
running g1
contains "$(journal_of g1)" "claim $NIC" lent "caller $(daemon_pid) "
! grep -q '^step' "$(journal_of g1)" || fail "its journal has steps"
refused g2 "$NIC" g1
hostdevctl recover -n > "$WORK/recover" || fail "recover failed"
contains "$WORK/recover" "it runs"
stop g1
poll 20 reads_as "$WORK/before" || same_as_before
start g2
stop g2
same_as_before
