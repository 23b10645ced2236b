# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# XML that is cut short, not UTF-8, an entity bomb, too large, or no domain: one clear line, and nothing happens.

guest g1 "$(hostdev no "$NIC")"
xml_of g1 > "$WORK/good.xml"

sed '/<hostdev/{s/<source>.*/<sou/;q}' "$WORK/good.xml" > "$WORK/bad.truncated"
sed 's/<name>g1/<name>g1\xff\xfe/' "$WORK/good.xml" > "$WORK/bad.encoding"
{
	echo '<!DOCTYPE domain [<!ENTITY a "aaaaaaaaaaaaaaaa">'
	for letter in b c d e f g h; do
		before_it=$(printf '%s' "$letter" | tr bcdefgh abcdefg)
		printf '<!ENTITY %s "%s">\n' "$letter" "$(printf "&$before_it;%.0s" 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)"
	done
	echo ']>'
	sed 's/<name>g1/<name>\&h;/' "$WORK/good.xml"
} > "$WORK/bad.bomb"
{
	echo '<domain><!--'
	head -c 11534336 /dev/zero | tr '\0' x
	echo '-->'
	sed 1d "$WORK/good.xml"
} > "$WORK/bad.huge"
echo "<hostdev mode='subsystem' type='pci'><source>$(address_xml "$NIC")</source></hostdev>" > "$WORK/bad.root"
sed "s/slot='0x[0-9a-f]*'/slot='0x99'/" "$WORK/good.xml" > "$WORK/bad.slot"

for file in "$WORK"/bad.*; do
	say "${file##*/}"
	hook g1 prepare begin - < "$file"
	said_no
	[[ $(grep -c . "$WORK/hook.err") -eq 1 ]] || fail "not one line on stderr"
	hook g1 release end - < "$file"
	[[ $HOOK_STATUS -eq 0 ]] || fail "the release after it ended with $HOOK_STATUS"
	same_as_before
done
