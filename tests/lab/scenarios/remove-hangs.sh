# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A driver's remove() takes longer than it may: libvirt is answered in time, another guest starts meanwhile, all but that
# device is as it was, and the device comes home by itself when remove() ends.

. /lab/hang.sh
conf hostdev-hook.conf 'unbind-time = 3'
remove_hangs 35000 25
