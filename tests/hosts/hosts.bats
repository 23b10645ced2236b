#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What hostdevctl says on recorded hosts, whole machines as people have them: each folder beside this file with a "host" is one.
#
#   host          the machine (tests/host/machine.h), which may take in others (tests/assemble.bash); @VERSION@ in it is the
#                 version of the program under test
#   SOURCE        where each fact comes from, and which are derived
#   guest.xml     a guest that the machine's owner would have; guest-NAME.xml others
#   expected/     what each line of the file "commands" prints and exits with
#
# The file "names" has the names of the devices. In what is printed the path of the made-up tree is DIR, and the version
# VERSION. UPDATE_CASES=1 in the environment writes what is expected anew: read what changed before you believe it.

load ../needs
load ../assemble
load ../generator/shorten

hosts=$BATS_TEST_DIRNAME
commands=$hosts/commands

is_built() { [[ -x ${HOSTDEVCTL:-} && -x ${HOST_MAKE:-} && -d ${NAMES:-} ]]; }

# A configuration that its group may write is refused.
umask 022
unset COLUMNS

# Of one test.
failed=() json=() count=0 users=0

# Thousands of small files: in memory, where there is some.
setup_file() {
	needs "to be run by ctest, which knows where the programs are" is_built
	trees=$(mktemp -d -p "$([[ -w /dev/shm ]] && echo /dev/shm || echo "$BATS_FILE_TMPDIR")" hosts.XXXXXX)
	version=$("$HOSTDEVCTL" --version)
	version=${version##* }
	export trees version
	each_host_at_once make
}

make() { # HOST
	assemble "$hosts/$1/host" | sed "s/@VERSION@/$version/" > "$trees/$1.host"
	"$HOST_MAKE" "$trees/$1.host" "$trees/$1"
}

teardown_file() { rm -rf "$trees"; }

each_host() { # FUNCTION: with the name of each
	local host
	for host in "$hosts"/*/host; do
		host=${host%/host}
		"$1" "${host##*/}"
	done
}

fail() { echo "$*"; failed+=("$*"); }

no_failures() { [[ ${#failed[@]} -eq 0 ]] || { printf '%s\n' "failed:" "${failed[@]}"; return 1; }; }

# The command lines of a host: GUEST is each of its guests, ADDRESS the device that the first of them names first.
lines_of() { # HOST
	local line guest address
	address=$(sed -n "s/.*<address .*domain='0x\(....\)' bus='0x\(..\)' slot='0x\(..\)' function='0x\(.\)'.*/\1:\2:\3.\4/p" \
		"$hosts/$1/guest.xml" | head -n 1)
	while IFS= read -r line; do
		[[ -n $line && $line != "#"* ]] || continue
		line=${line//ADDRESS/$address}
		if [[ $line == *GUEST* ]]; then
			for guest in "$hosts/$1"/guest*.xml; do echo "${line//GUEST/${guest##*/}}"; done
		else
			echo "$line"
		fi
	done < "$commands"
}

# "plan --json guest.xml" -> plan-json-guest
file_of() { # LINE
	local name=${1//--/}
	name=${name//.xml/}
	name=${name//[: .]/-}
	echo "${name//--/-}"
}

content_of() { find "$1" \( -type f -exec cksum {} + \) -o -printf '%p %y %l\n' | sort; } # TREE

# Each answer into a file: what is printed, then what is an error, then the exit status, the last two where there is something
# to say. What is printed is beside it alone.
ask() { # HOST
	local tree=$trees/$1 before line name status
	local -a words
	before=$(content_of "$tree")
	cd "$hosts/$1" || return
	while IFS= read -r line; do
		read -ra words <<< "$line"
		name=$trees/$1.$(file_of "$line") status=0
		LD_LIBRARY_PATH=$NAMES PCI_NAMES=$hosts/names "$HOSTDEVCTL" "${words[@]}" --root "$tree" > "$name.raw" 2> "$name.stderr" ||
			status=$?
		name_pieces < "$name.raw" | shorten_json |
			sed "s,$tree,DIR,g; s,version ${version//./\\.},version VERSION,g; s,^hostdev-hook: ${version//./\\.}$,hostdev-hook: VERSION,; s/ *$//" > "$name.stdout"
		{
			[[ ! -s $name.stderr ]] || { echo "--- stderr"; sed "s,$tree,DIR,g" "$name.stderr"; }
			[[ $status -eq 0 ]] || echo "--- status $status"
		} > "$name.rest"
	done < <(lines_of "$1")
	[[ $(content_of "$tree") == "$before" ]] || touch "$tree.changed"
}

# All hosts at the same time: they have nothing to do with each other.
each_host_at_once() { # FUNCTION
	local host
	local -a jobs=()
	for host in "$hosts"/*/host; do
		host=${host%/host}
		"$1" "${host##*/}" 3>&- &
		jobs+=($!)
	done
	for host in "${jobs[@]}"; do
		wait "$host"
	done
}

# JSON is one object, whose first member is the version. Releases of libsmartcols differ in how they set it: from here on it has
# one form.
tidy_json() { # FILE...
	python3 -IS - "$@" <<- 'END'
		import json, sys
		for name in sys.argv[1:]:
		    with open(name) as file:
		        whole = json.load(file)
		    if next(iter(whole)) != "version" or whole["version"] != 1:
		        sys.exit(name + ": the first member is not the version")
		    with open(name, "w") as file:
		        print(json.dumps(whole, indent=1, ensure_ascii=False), file=file)
	END
}

# Who is refused altogether gets a line on standard error, and no JSON.
json_of() { # HOST
	local line name
	while IFS= read -r line; do
		[[ $line == *--json* ]] || continue
		name=$trees/$1.$(file_of "$line")
		if [[ -s $name.stdout ]]; then
			json+=("$name.stdout")
		else
			grep -q '^--- status 1' "$name.rest" || fail "$1: $line says nothing"
		fi
	done < <(lines_of "$1")
}

check_answers() { # HOST
	local line file wanted=' ' answer=$trees/$1.answer
	while IFS= read -r line; do
		file=$(file_of "$line")
		wanted+="$file "
		{ echo "\$ hostdevctl $line" && cat "$trees/$1.$file.stdout" "$trees/$1.$file.rest"; } > "$answer"
		cmp -s "$answer" "$hosts/$1/expected/$file" && continue
		if [[ -n ${UPDATE_CASES:-} ]]; then
			echo "# $1/$file is written anew" >&3
			mkdir -p "$hosts/$1/expected"
			cp "$answer" "$hosts/$1/expected/$file"
			continue
		fi
		diff -u "$hosts/$1/expected/$file" "$answer" || fail "$1: hostdevctl $line"
	done < <(lines_of "$1")
	for file in "$hosts/$1/expected"/*; do
		[[ $wanted == *" ${file##*/} "* ]] || fail "$1: $file is of no command"
	done
	[[ ! -e $trees/$1.changed ]] || fail "$1: a command has changed the machine"
	count=$((count + 1))
}

# One call for all answers of a command: python takes longer to start than to look.
validate_json() {
	local file command bad=0
	local -A files=()
	for file in "${json[@]}"; do
		command=${file##*/}
		command=${command#*.}
		files[${command%%-*}]+="$file "
	done
	for command in "${!files[@]}"; do
		# shellcheck disable=SC2086 # no file has a blank in its name
		"$hosts/../validate-json" "$command" ${files[$command]} || bad=1
	done
	return "$bad"
}

@test "what each command says on each host, and that none changes it" {
	each_host_at_once ask
	each_host json_of
	tidy_json "${json[@]}" || fail "JSON"
	validate_json || fail "JSON that is not what the schema says"
	each_host check_answers
	[[ $count -ge 8 && ${#json[@]} -ge $count ]]
	no_failures
}

check_whole() { # HOST
	local functions vendor
	functions=$(find "$trees/$1/sys/bus/pci/devices/" -type l | wc -l)
	[[ $functions -ge 20 && $functions -le 120 ]] || fail "$1: $functions PCI functions"
	grep -q 'https://' "$hosts/$1/SOURCE" || fail "$1: SOURCE names no place"
	[[ -e $hosts/$1/guest.xml ]] || fail "$1: no guest.xml"
	[[ $(find "$trees/$1/sys/kernel/iommu_groups/"*/devices/ -type l | wc -l) -ge $((functions - 3)) ]] || fail "$1: functions without a group"
	while read -r vendor; do
		grep -q "^${vendor#0x} - " "$hosts/names" || fail "$1: vendor $vendor has no name"
	done < <(cat "$trees/$1"/sys/bus/pci/devices/*/vendor | sort -u)
	count=$((count + 1))
}

@test "each host is a whole machine, and says where its facts come from" {
	each_host check_whole
	[[ $count -ge 8 ]]
	no_failures
}

# Of a record the names of users and the places of mounts are made up.
without_names() {
	sed -E "s/user [a-z][a-z0-9]*/user X/g; s/(is mounted on|mounted on) [^),. ]*/\\1 X/g; s/\"[^\"]*\" (is plugged)/\"X\" \\1/g
		s/(docker-)[0-9a-f]+/\\1X/g; s/docker stop [0-9a-f]+/docker stop X/g"
}

plan_of() { # TREE GUEST-FILE
	LD_LIBRARY_PATH=$NAMES PCI_NAMES=$hosts/names "$HOSTDEVCTL" plan --root "$1" "$2" 2>&1 | sed "s,$1,DIR,g" | without_names
}

# What the guests had at their last start tells their names, and is in no record.
record() { # HOST
	local guest
	"$hosts/../../record/record-host" "$trees/$1" > "$trees/$1.record"
	"$HOST_MAKE" "$trees/$1.record" "$trees/$1.again"
	for guest in "$hosts/$1"/guest*.xml; do
		plan_of "$trees/$1" "$guest" | sed 's/ Since the last start.*//' > "$trees/$1.${guest##*/}.plan"
		plan_of "$trees/$1.again" "$guest" > "$trees/$1.${guest##*/}.again"
	done
}

check_record() { # HOST
	local guest
	for guest in "$hosts/$1"/guest*.xml; do
		diff "$trees/$1.${guest##*/}.plan" "$trees/$1.${guest##*/}.again" || fail "$1: the plan of ${guest##*/}"
		count=$((count + 1))
	done
}

@test "what is planned on the record of each host" {
	each_host_at_once record
	each_host check_record
	[[ $count -ge 12 ]]
	no_failures
}

# --- reports ---

# Of a host that somebody has: none of this may be in its report.
secrets='aunt-attic|aunt\.example|Attic Aunt|SN-0815-4711|feedbeef-0815|52:54:00:4a:bb:cc|PHOTOS-OF-AUNT|10\.47\.11\.8'

own() { # HOST: it is somebody's now
	local tree=$trees/$1
	local -a words=(rd.luks.uuid=feedbeef-0815-4711-8000-0123456789ab root=LABEL=PHOTOS-OF-AUNT ip=10.47.11.8::52:54:00:4a:bb:cc
		x=alice@aunt-attic)
	mkdir -p "$tree"/{run/udev/data,run/hostdev-hook,var/log}
	chmod 700 "$tree/run/hostdev-hook"
	echo aunt-attic > "$tree/proc/sys/kernel/hostname"
	echo "127.0.1.1 nobody.aunt.example aunt.example" > "$tree/etc/hosts"
	echo "alice:x:1000:1000:Attic Aunt,,,:/home/alice:/bin/bash" >> "$tree/etc/passwd"
	echo "E:ID_SERIAL_SHORT=SN-0815-4711" > "$tree/run/udev/data/b259:99"
	sed -i "s/$/ $(printf ' %s' "${words[@]}")/" "$tree/proc/cmdline"
	echo "Nov 30 18:51:00 aunt-attic hostdev-hook[812]: win11: alice 10.47.11.8 52:54:00:4a:bb:cc SN-0815-4711 nobody.aunt.example" \
		> "$tree/var/log/syslog"
}

report() { # HOST
	local guest tree=$trees/$1
	own "$1"
	"$HOSTDEVCTL" report --root "$tree" --output "$tree.report" > "$tree.told" 2>&1
	"$hosts/../unpack-report" "$tree.report" "$tree.reported"
	for guest in "$hosts/$1"/guest*.xml; do
		plan_of "$tree" "$guest" | sed 's/ Since the last start.*//' > "$tree.${guest##*/}.plan"
		plan_of "$tree.reported" "$guest" > "$tree.${guest##*/}.reported"
	done
}

check_report() { # HOST
	local guest user tree=$trees/$1
	for guest in "$hosts/$1"/guest*.xml; do
		diff "$tree.${guest##*/}.plan" "$tree.${guest##*/}.reported" || fail "$1: the plan of ${guest##*/}"
		count=$((count + 1))
	done
	! grep missing "$tree.told" || fail "$1: a part is missing"
	! grep -nE "$secrets" "$tree.report" || fail "$1: this tells whose it is"
	# Accounts of programs are the same on many hosts.
	while read -r user; do
		! grep -nw -- "$user" "$tree.report" || fail "$1: the user $user is named"
		users=$((users + 1))
	done < <(sed -nE 's/^session .*uid=[1-9][0-9]{3,} user=([a-z0-9]+).*/\1/p' "$tree.host")
	grep -qE '^BOOT_IMAGE=.* rd.luks.uuid=00000000-0000-4000-8000-[0-9a-f]{12} root=LABEL=disk[0-9]+ ip=192.0.2.1::00:00:5e:00:53:01 x=user1000@host$' \
		"$tree.report" || fail "$1: the words of the kernel"
	grep -qE 'win11: user1000 192.0.2.1 00:00:5e:00:53:01 serial[0-9]+ host[0-9]+$' "$tree.report" || fail "$1: the log"
}

@test "a report of each host: what is planned on it, and that it tells nobody whose host it is" {
	each_host_at_once report
	each_host check_report
	[[ $count -ge 12 && $users -ge 5 ]]
	no_failures
}
