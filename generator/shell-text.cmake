# SPDX-License-Identifier: GPL-2.0-or-later
#
# cmake -D NAME=... -D SOURCE=... -D TEXT=... -P shell-text.cmake: writes TEXT, a C file with the string NAME that holds what
# stands in SOURCE.
file(READ ${SOURCE} text)
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
# Two of these and another character could be a trigraph.
string(REPLACE "?" "\\?" text "${text}")
string(REPLACE "\t" "\\t" text "${text}")
string(REPLACE "\n" "\\n\"\n\t\"" text "${text}")
file(WRITE ${TEXT} "#include \"generator/shell.h\"\n\nconst char ${NAME}[] =\n\t\"${text}\";\n")
