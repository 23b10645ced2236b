#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The front door as a process: what libvirt sees of it, whatever it is given. HOSTDEV_FRONT names the
# variant whose machine lies beside it; the engine here is a script that writes down how it was called.

load ../needs
bats_require_minimum_version 1.5.0

UUID=4dea22b3-1d52-d8f3-2516-782e98ab3fa0

setup() {
	needs_root
	: "${HOSTDEV_FRONT:?names the program under test}"
	cd "$BATS_TEST_TMPDIR" || return
	cp "$HOSTDEV_FRONT" front
	mkdir -p host/run/hostdev-hook host/etc/libvirt/hooks/qemu.d
	make_engine 'exit 0'
	make_xml '<disk type="file"/>' >plain.xml
	make_xml '<hostdev type="pci"/>' >hostdev.xml
	: >empty.xml
}

make_engine() {
	cat >engine <<-EOF
		#!/bin/bash
		printf '%s\n' "\$0" "\$@" >'$PWD/argv'
		cat >'$PWD/stdin'
		printf '%s' "\$PATH" >'$PWD/path'
		umask >'$PWD/umask'
		$1
	EOF
	chmod +x engine
}

make_xml() {
	printf '<domain type="kvm">\n  <name>g1</name>\n  <uuid>%s</uuid>\n' "$UUID"
	printf '  <devices>%s</devices>\n</domain>\n' "$1"
}

# hook STDIN ARGUMENT...: runs it; sets status; stdout and stderr are left in files.
hook() {
	local input=$1
	shift
	rm -f argv stdin
	status=0
	./front "$@" <"$input" >out 2>err || status=$?
}

assert_silent() {
	[[ $status -eq 0 ]]
	[[ ! -s out && ! -s err ]]
}

assert_nothing_done() {
	assert_silent
	[[ ! -e argv ]]
}

assert_engine() {
	[[ -e argv ]]
	cmp argv <(printf '%s\n' "$PWD/engine" "$@")
	[[ ! -s out ]]
}

@test "a guest without host devices: nothing to do, in every operation" {
	for input in plain.xml empty.xml; do
		for call in 'started begin' 'stopped end' 'release end' 'migrate begin' \
			'restore begin' 'attach begin' 'frobnicate begin' 'prepare end' \
			'release begin' '- -'; do
			# shellcheck disable=SC2086 # an operation is two words
			hook "$input" g1 $call -
			assert_nothing_done
		done
	done
	hook plain.xml g1 prepare begin -
	assert_nothing_done
	hook plain.xml g1 start begin -
	assert_nothing_done
	hook plain.xml g1 reconnect begin -
	assert_nothing_done
}

@test "host devices wake the engine where it has work, and only there" {
	hook hostdev.xml g1 prepare begin -
	assert_engine g1 prepare begin -
	hook hostdev.xml g1 start begin -
	assert_engine g1 start begin -
	hook hostdev.xml g1 reconnect begin -
	assert_engine g1 reconnect begin -
	for call in 'started begin' 'stopped end' 'release end' 'migrate begin' 'restore begin' \
		'attach begin' 'frobnicate begin'; do
		# shellcheck disable=SC2086
		hook hostdev.xml g1 $call -
		assert_nothing_done
	done
}

@test "start of a guest that has what it was lent wakes the engine for newcomers and scripts only" {
	local journal=host/run/hostdev-hook/$UUID.journal

	printf 'hostdev-hook journal 1\nclaim 0000:01:00.0\nlent\n' >"$journal"
	hook hostdev.xml g1 start begin -
	assert_nothing_done
	make_xml '<hostdev type="pci"/><interface type="hostdev"/>' >pool.xml
	hook pool.xml g1 start begin -
	assert_engine g1 start begin -
	cmp pool.xml stdin
	mkdir -p host/etc/libvirt/hooks/qemu.d/g1/start
	hook hostdev.xml g1 start begin -
	assert_engine g1 start begin -
	rmdir host/etc/libvirt/hooks/qemu.d/g1/start
	echo returning >>"$journal"
	hook hostdev.xml g1 start begin -
	assert_engine g1 start begin -
}

@test "a journal of the guest wakes the engine, another's does not" {
	: >"host/run/hostdev-hook/$UUID.journal"
	hook plain.xml g1 release end 'from snapshot'
	assert_engine g1 release end 'from snapshot'
	hook empty.xml g1 release end -
	assert_engine g1 release end -
	mv host/run/hostdev-hook/{$UUID,00000000-0000-0000-0000-000000000000}.journal
	hook plain.xml g1 release end -
	assert_nothing_done
	hook empty.xml g1 release end -
	assert_engine g1 release end -
}

@test "a machine without state and scripts directories" {
	rm -r host
	hook plain.xml g1 prepare begin -
	assert_nothing_done
	hook empty.xml g1 release end -
	assert_nothing_done
}

@test "a state directory that is none is a doubt" {
	rmdir host/run/hostdev-hook
	: >host/run/hostdev-hook
	hook plain.xml g1 release end -
	assert_engine g1 release end -
}

@test "a script for the guest wakes the engine" {
	mkdir -p host/etc/libvirt/hooks/qemu.d/g1/prepare/begin
	hook plain.xml g1 prepare begin -
	assert_engine g1 prepare begin -
	hook plain.xml g2 prepare begin -
	assert_nothing_done
}

@test "operations in which only scripts matter wake the engine for them alone" {
	local scripts=host/etc/libvirt/hooks/qemu.d call operation

	: >"host/run/hostdev-hook/$UUID.journal"
	for call in 'started begin' 'stopped end' 'migrate begin' 'restore begin' \
		'attach begin'; do
		operation=${call% *}
		# shellcheck disable=SC2086 # an operation is two words
		hook hostdev.xml g1 $call -
		assert_nothing_done
		mkdir -p "$scripts/g1/$operation"
		# shellcheck disable=SC2086
		hook hostdev.xml g1 $call -
		assert_engine g1 "${call% *}" "${call#* }" -
		cmp hostdev.xml stdin
		# shellcheck disable=SC2086
		hook hostdev.xml g2 $call -
		assert_nothing_done
		rm -r "${scripts:?}/g1"
	done
}

@test "scripts of a guest do not wake it for operations that there are not" {
	mkdir -p host/etc/libvirt/hooks/qemu.d/g1/{frobnicate,prepare}
	hook plain.xml g1 frobnicate begin -
	assert_nothing_done
	hook plain.xml g1 prepare end -
	assert_nothing_done
}

@test "a plain file of the guest's name is libvirt's" {
	: >host/etc/libvirt/hooks/qemu.d/g1
	hook plain.xml g1 prepare begin -
	assert_nothing_done
	hook plain.xml g1 started begin -
	assert_nothing_done
}

@test "engine missing: no running guest is ended, and nothing that was saved is lost" {
	rm engine
	mkdir -p host/etc/libvirt/hooks/qemu.d/g1/{restore,migrate,started,stopped,reconnect}
	for operation in restore migrate; do
		hook plain.xml g1 "$operation" begin -
		assert_nothing_done
	done
	hook plain.xml g1 started begin -
	assert_nothing_done
	hook plain.xml g1 stopped end -
	assert_nothing_done
	hook plain.xml g1 reconnect begin -
	assert_nothing_done
}

@test "an engine that breaks harms no running guest" {
	mkdir -p host/etc/libvirt/hooks/qemu.d/g1/{started,stopped,restore}
	for end in 'kill -SEGV $$' 'exit 127' 'exit 1'; do
		make_engine "$end"
		hook hostdev.xml g1 reconnect begin -
		[[ -e argv && $status -eq 0 ]]
		hook hostdev.xml g1 stopped end -
		[[ -e argv && $status -eq 0 ]]
	done
	for end in 'kill -SEGV $$' 'exit 127' 'exit 134'; do
		make_engine "$end"
		hook hostdev.xml g1 started begin -
		[[ -e argv && $status -eq 0 ]]
		# libvirt would delete what was saved.
		hook hostdev.xml g1 restore begin -
		[[ -e argv && $status -eq 0 ]]
		# What is not lent is not started.
		hook hostdev.xml g1 prepare begin -
		[[ -e argv && $status -ne 0 ]]
	done
	# The word of a script is passed on.
	make_engine 'exit 1'
	hook hostdev.xml g1 started begin -
	[[ -e argv && $status -eq 1 ]]
}

@test "the engine gets stdin whole, a safe PATH and a tight umask" {
	env PATH=/nowhere ./front g1 prepare begin - <hostdev.xml >out
	assert_engine g1 prepare begin -
	cmp hostdev.xml stdin
	[[ $(cat path) == /usr/local/sbin:* ]]
	[[ $(cat umask) == 0077 ]]
}

@test "the engine's status and stderr are the hook's" {
	make_engine 'echo refused >&2; exit 1'
	hook hostdev.xml g1 prepare begin -
	[[ $status -eq 1 && ! -s out && $(cat err) == refused ]]
}

@test "stdin of any size is handed on whole up to the limit" {
	for size in 1 65535 65536 65537 3000000 10485760; do
		head -c "$size" /dev/zero >input
		hook input g1 prepare begin -
		assert_engine g1 prepare begin -
		cmp input stdin
	done
}

@test "too long a definition reaches the engine as too long" {
	head -c $((11 * 1024 * 1024)) /dev/zero >input
	hook input g1 prepare begin -
	assert_engine g1 prepare begin -
	[[ $(stat -c %s stdin) -eq $((10 * 1024 * 1024 + 1)) ]]
}

@test "a writer without end is not waited for" {
	timeout 20 bash -c 'yes "<domain>" | ./front g1 prepare begin - >out 2>err' || status=$?
	[[ -e argv && ! -s out && ! -s err ]]
	timeout 20 bash -c 'yes "<domain>" | ./front g1 started begin - >out 2>err' || status=$?
	[[ ! -s out && ! -s err ]]
}

@test "operations without work do not read stdin" {
	mkfifo never
	exec 7<>never
	status=0
	timeout 20 ./front g1 started begin - <&7 >out 2>err || status=$?
	assert_silent
	status=0
	timeout 20 ./front g1 frobnicate begin - <&7 >out 2>err || status=$?
	assert_silent
	exec 7<&-
}

@test "closed standard descriptors" {
	make_engine 'ls -l /proc/$$/fd/ >'"'$PWD/fds'"
	./front g1 prepare begin - <&- >&- 2>&-
	[[ -e argv && ! -s stdin ]]
	for fd in 0 1 2; do
		grep -q " $fd -> " fds
	done
	# One alone, too: nothing that the front door opens may come to stand in its place.
	for closed in '<&-' '>&-' '2>&-'; do
		# shellcheck disable=SC2016 # it is the engine's to expand
		make_engine '(for fd in 0 1 2; do readlink /proc/$$/fd/$fd; done) >'"'$PWD/fds'"
		eval "./front g1 prepare begin - <hostdev.xml >out 2>err $closed"
		case $closed in
		'<&-') sed -n 1p fds ;;
		'>&-') sed -n 2p fds ;;
		'2>&-') sed -n 3p fds ;;
		esac >found
		[[ $closed == '<&-' || $(cat found) == /dev/null ]]
		[[ -s found && $(sort -u fds | wc -l) -eq 3 ]]
	done
	./front g1 release end - <&- >&- 2>&-
	./front g1 stopped end - <&- >&- 2>&-
}

@test "no descriptor of the front door's own reaches the engine" {
	make_engine 'ls /proc/$$/fd/ >'"'$PWD/fds'"
	./engine <hostdev.xml >out 2>err
	mv fds expected
	./front g1 prepare begin - <hostdev.xml >out 2>err
	cmp expected fds
}

@test "names that look like something else" {
	# shellcheck disable=SC2016 # not to be expanded, by nobody
	for name in --help --version -h '' . .. / ../../etc 'a b' "it's" 'say "hi"' '$(touch bad)' \
		$'\xc3\xa4' $'\xff' 'a,b=c' '*' "$(printf 'x%.0s' {1..5000})"; do
		hook plain.xml "$name" prepare begin -
		assert_nothing_done
		hook plain.xml "$name" release end -
		assert_nothing_done
		hook plain.xml "$name" started begin -
		assert_nothing_done
		hook hostdev.xml "$name" prepare begin -
		assert_engine "$name" prepare begin -
		assert_silent
	done
	[[ ! -e bad ]]
}

@test "input that is not quite a domain goes to the engine" {
	{
		printf '\xff\xfe'
		iconv -f UTF-8 -t UTF-16LE plain.xml
	} >utf16
	head -c 100 plain.xml >truncated
	printf '<!DOCTYPE x [<!ENTITY a "aa">]>\n' | cat - plain.xml >doctype
	sed 's/kvm/k\xffm/' plain.xml >latin1
	printf '<network/>\n' >network
	for input in utf16 truncated doctype latin1 network empty.xml; do
		hook "$input" g1 prepare begin -
		assert_engine g1 prepare begin -
		cmp "$input" stdin
	done
}

@test "engine missing: a start is refused in one line, a stop is only noted" {
	rm engine
	hook hostdev.xml g1 prepare begin -
	[[ $status -eq 1 && ! -s out ]]
	[[ $(cat err) == $'\n'"hostdev-hook: g1 is not started: cannot run $PWD/engine: No such file"* ]]
	[[ $(cat err) == *"nothing was changed. Run install.sh again, or reinstall the package of hostdev-hook." ]]
	[[ $(wc -l <err) -eq 2 ]]
	hook hostdev.xml g1 start begin -
	[[ $status -eq 1 && $(wc -l <err) -eq 2 && ! -s out ]]
	: >"host/run/hostdev-hook/$UUID.journal"
	hook plain.xml g1 release end -
	[[ $status -eq 1 && ! -s out ]]
	[[ $(cat err) == "hostdev-hook: g1 has stopped, but its host devices are not returned: "* ]]
	[[ $(cat err) == *"reinstall the package of hostdev-hook. Then they are returned by: hostdevctl recover" ]]
	hook hostdev.xml g1 started begin -
	assert_nothing_done
}

@test "engine missing: nothing to do stays nothing to do" {
	rm engine
	hook plain.xml g1 prepare begin -
	assert_nothing_done
}

@test "a name with control characters stays on one line" {
	rm engine
	hook hostdev.xml $'a\nb\e[31m' prepare begin -
	[[ $status -eq 1 && $(wc -l <err) -eq 2 ]]
	[[ $(cat err) == $'\n''hostdev-hook: a?b?[31m is not started: '* ]]
}

@test "stdin that cannot be read refuses a start" {
	status=0
	./front g1 prepare begin - </ >out 2>err || status=$?
	[[ $status -eq 1 && ! -s out && ! -e argv ]]
	[[ $(cat err) == $'\n'"hostdev-hook: g1 is not started: cannot read its XML from libvirt: "* ]]
	status=0
	./front g1 stopped end - </ >out 2>err || status=$?
	assert_nothing_done
}

@test "a daemon that is gone does not kill the hook" {
	rm engine
	{
		sleep 0.2
		./front g1 prepare begin - <hostdev.xml 2>&1 >/dev/null && echo 0 >code || echo $? >code
	} | true
	[[ $(cat code) -eq 1 ]]
}

@test "the engine ignores SIGPIPE too" {
	make_engine 'grep SigIgn /proc/$$/status >'"'$PWD/ignored'"
	hook hostdev.xml g1 prepare begin -
	# Bit 12 is signal 13.
	[[ $((0x$(awk '{print $2}' ignored) & 0x1000)) -ne 0 ]]
}

@test "an ordinary user's daemon gets nothing but success" {
	local copy

	# Where that user may go.
	copy=$(mktemp /tmp/front-XXXXXX)
	cp front "$copy"
	chmod 755 "$copy"
	status=0
	setpriv --reuid=65534 --regid=65534 --clear-groups "$copy" g1 prepare begin - \
		<hostdev.xml >out 2>err || status=$?
	rm "$copy"
	assert_nothing_done
}

@test "by hand: --version and --help" {
	run -0 --separate-stderr ./front --version
	[[ $output == 'hostdev-hook '[0-9]* && ${#lines[@]} -eq 1 && -z $stderr ]]
	run -0 --separate-stderr ./front --help
	[[ $output == *'GUEST OPERATION SUB-OPERATION EXTRA'* && -z $stderr ]]
}

@test "by hand: anything else is told what this is" {
	for arguments in '' x 'g1 prepare' 'g1 prepare begin' 'g1 prepare begin - more' \
		'--help --version'; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr ./front $arguments
		[[ -z $output && $stderr == *hostdevctl* ]]
	done
	[[ ! -e argv ]]
}
