#!/usr/bin/env fish
# SPDX-License-Identifier: GPL-2.0-or-later
#
# complete.fish FOLDER: what fish offers at the end of each line of standard input, a word a line,
# with the completion in FOLDER; behind each an empty line. Descriptions stand behind a tab.
source $argv[1]/hostdevctl.fish
while read -l line
    complete -C $line
    echo
end
