# SPDX-License-Identifier: GPL-2.0-or-later
#
# cmake -D FOLDER=... -D TEXT=... -P record-text.cmake: writes TEXT, a C file with the string report_recorder: record-host with
# all that it reads from the files beside it, as one script. What its programs complain of is of no use in a record.
file(READ ${FOLDER}/record-host text)
file(READ ${FOLDER}/record-boot boot)
foreach(part network users start)
	file(READ ${FOLDER}/record-${part}.bash content)
	foreach(whole text boot)
		string(REPLACE ". \"$(dirname \"$0\")/record-${part}.bash\"" "${content}" ${whole} "${${whole}}")
	endforeach()
endforeach()
string(REPLACE "\"$(dirname \"$0\")/record-boot\" \"$root\"" "(\nset -- \"$root\"\n${boot})" text "${text}")
if(text MATCHES "dirname \"[$]0\"")
	message(FATAL_ERROR "The recorder reads a file that is not put into it.")
endif()
string(PREPEND text "exec 2> /dev/null\n")
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
# Two of these and another character could be a trigraph.
string(REPLACE "?" "\\?" text "${text}")
string(REPLACE "\t" "\\t" text "${text}")
string(REPLACE "\n" "\\n\"\n\t\"" text "${text}")
file(WRITE ${TEXT} "#include \"hostdevctl/report/report.h\"\n\nconst char report_recorder[] =\n\t\"${text}\";\n")
