# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The shell from which the hook is called has the device open: nobody ends the hand that feeds him.

guest g1 "$(hostdev no "$SOUND")"
xml_of g1 > "$WORK/g1.xml"
exec 5<> "$(control_node "$SOUND")"
hook g1 prepare begin - 5>&- < "$WORK/g1.xml"
said_no "$SOUND" "process $$" "Nothing was changed"
exec 5>&-
