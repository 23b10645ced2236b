# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A guest without host devices starts and stops, and the hook leaves no trace.

guest g1
start g1
on_vfio
stop g1
same_as_before
