# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What docs/one-card.md shows: one graphics card, the desktop is on it, and a guest is to have it.
# machine: systemd
# deadline: 400

. /lab/pages.sh
reader_is_at_once
one_card
guest win11
desktop gnome-shell "$(card_node "$GPU")"
page_says /lab/docs/one-card.md
desktop_over
all_cards
