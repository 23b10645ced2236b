# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What docs/laptop.md shows: the desktop is on one card alone, a program and a service use the other one.
# machine: systemd
# deadline: 400

. /lab/pages.sh
reader_is_at_once
second_card
guest win11
desktop gnome-shell "$(card_node "$GPU")"
cp /lab/hold /lab/nvidia-persistenced
unit nvidia-persistenced.service '[Service]' "ExecStart=/lab/nvidia-persistenced $RENDER2"
must systemctl start nvidia-persistenced.service
held_by "$RENDER2" main_pid nvidia-persistenced
cp /lab/hold /lab/steam
must of_alice systemd-run --unit=app-steam /lab/steam "$RENDER2"
held_by "$RENDER2" pgrep -x steam
page_says /lab/docs/laptop.md
must systemctl stop nvidia-persistenced.service
desktop_over
rm -f /lab/nvidia-persistenced /lab/steam
second_card_over
