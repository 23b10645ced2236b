# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A network card of the managed kind.

guest g1 "$(hostdev yes "$NIC")"
start g1
on_vfio "$NIC"
stop g1
same_as_before
