# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The same with a remove() of 90 seconds and the time that is usual.
# when: soak
# deadline: 300

. /lab/hang.sh
remove_hangs 90000 30
