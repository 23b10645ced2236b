# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A script that hangs is ended at its limit with all that it has started, and virsh has its answer. What a script leaves
# running on purpose, with libvirt's pipes in its hands, holds nobody up.

conf hostdev-hook.conf 'script-time = 3'
guest g1 "$(hostdev no "$NIC")"
script g1/prepare/begin "trap '' TERM" 'sleep 4001 &' 'while :; do wait; done'
SECONDS=0
start_fails g1 'g1/prepare/begin did not end within 3 s and was ended; nothing was lent.'
((SECONDS < 40)) || fail "that took $SECONDS s"
! pgrep -f 'sleep 4001' > /dev/null || fail "what it has started is still there"

script g1/prepare/begin 'sleep 4002 &' 'exit 0'
SECONDS=0
start g1
((SECONDS < 40)) || fail "that took $SECONDS s"
must pkill -f 'sleep 4002'
stop g1
