#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl recover. It works on the machine it runs on, so it runs in a mount namespace of its own, in which /sys and
# /run are those of a made-up machine. Journals here have no steps, as no kernel answers; what is done about steps is
# shown in tests/hook.

# shellcheck disable=SC2154,SC2034 # root, output and errors are set in machine.bash
load machine

# No other suite has this one: a process here really runs as the guest, and suites run at the same time.
uuid=4dea22b3-1d52-48f3-9516-782e98ab3fb2
other=5dea22b3-1d52-48f3-9516-782e98ab3fa1

setup() {
	needs_mounts
	machine_usual
	mkdir -m 700 "$root/run/hostdev-hook"
	read -r boot < /proc/sys/kernel/random/boot_id
}

# A guest that a failed test leaves would run for all that come after it, on the whole machine.
teardown() { [[ -z ${qemu:-} ]] || kill -9 "$qemu" 2> /dev/null || :; }

# journal UUID NAME LINE...: of this boot, unless the first of the lines is another.
journal() {
	local uuid=$1 name=$2 id=$boot

	shift 2
	[[ $1 != boot* ]] || { id=${1#boot }; shift; }
	printf '%s\n' "hostdev-hook journal 1" "boot $id" "guest $name" "uuid $uuid" "$@" \
		> "$root/run/hostdev-hook/$uuid.journal"
}

has_journal() { [[ -e $root/run/hostdev-hook/$1.journal ]]; }
has_no_journal() { [[ ! -e $root/run/hostdev-hook/$1.journal ]]; }

# Runs hostdevctl recover ARGUMENT... on the made-up machine.
recover() {
	local out=$BATS_TEST_TMPDIR/stdout err=$BATS_TEST_TMPDIR/stderr

	status=0
	# shellcheck disable=SC2016 # for sh to expand
	unshare --mount --propagation private sh -c '
		mount --bind "$1/sys" /sys && mount --bind "$1/run" /run && program=$2 && shift 2 &&
		exec "$program" recover "$@"' \
		- "$root" "${HOSTDEVCTL:?}" "$@" > "$out" 2> "$err" || status=$?
	output=$(< "$out")
	errors=$(< "$err")
	echo "status $status"$'\n'"$output"$'\n'"$errors"
}

@test "a guest that is gone with its daemon is returned" {
	journal $uuid "win 11" "caller 999999999 5" "claim 0000:02:00.0" lent
	recover
	[[ $status -eq 0 && -z $errors ]]
	[[ $output == *GUEST*UUID*VERDICT*NOTE* && $output == *"win 11 $uuid returned it does not run"* ]]
	has_no_journal $uuid
	recover
	[[ $status -eq 0 && -z $output && $errors == *"no guest has a journal"* ]]
	recover --json
	[[ $status -eq 0 ]]
	grep -q '"recover"' <<< "$output"
}

@test "a guest whose daemon may be starting it is left, unless it is named" {
	journal $uuid win11 "caller $$ $(awk '{ print $22 }' /proc/$$/stat)" "claim 0000:02:00.0" lent
	recover -rn -o GUEST,VERDICT
	[[ $status -eq 0 && $output == "win11 left" ]]
	has_journal $uuid
	recover -rn -o VERDICT other
	[[ $status -eq 0 && -z $output && $errors == "hostdevctl: other has no journal: nothing is lent to it" ]]
	recover -rn -o VERDICT $uuid
	[[ $status -eq 0 && $output == returned ]]
	has_no_journal $uuid
}

@test "a guest that runs is left, also when it is named" {
	journal $uuid win11 "caller 999999999 5" "claim 0000:02:00.0" lent
	mkfifo "$BATS_TEST_TMPDIR/life"
	cp "$BASH" "$BATS_TEST_TMPDIR/qemu-system-x86_64"
	# shellcheck disable=SC2016 # for that bash to expand
	"$BATS_TEST_TMPDIR/qemu-system-x86_64" -c 'read -r _ < "$1"' - "$BATS_TEST_TMPDIR/life" -uuid $uuid 3>&- &
	qemu=$! pid=$!
	until [[ $(< /proc/$pid/comm) == qemu-system-x86 ]]; do :; done
	recover -rn -o VERDICT,NOTE win11
	[[ $status -eq 0 && $output == "left it\x20runs\x20(process\x20$pid)" ]]
	has_journal $uuid
	echo > "$BATS_TEST_TMPDIR/life"
	wait $pid || :
	recover -rn -o VERDICT
	[[ $status -eq 0 && $output == returned ]]
}

@test "what cannot be settled: exit status 1, and the others are" {
	journal $uuid win11 "claim what"
	journal $other games "boot 11111111-2222-3333-4444-555555555555" "claim 0000:01:00.0" lent
	recover -J
	[[ $status -eq 1 && -z $errors ]]
	grep -q '"verdict": *"unsettled"' <<< "$output"
	grep -q "line 5 is not understood; nothing was changed" <<< "$output"
	grep -q '"verdict": *"removed"' <<< "$output"
	has_journal $uuid
	has_no_journal $other
}

@test "a state directory that others may write is believed by nobody" {
	journal $uuid win11 "claim 0000:02:00.0"
	chmod 777 "$root/run/hostdev-hook"
	recover -rn -o VERDICT,NOTE
	[[ $status -eq 1 && $output == "unsettled "*"must"*"belong"* ]]
	has_journal $uuid
}

@test "a dry run has the same verdicts and changes nothing" {
	journal $uuid "win 11" "caller 999999999 5" "claim 0000:02:00.0" lent
	journal $other games "boot 11111111-2222-3333-4444-555555555555" "claim 0000:01:00.0" lent
	touch "$root/run/hostdev-hook/$uuid.journal.new"
	before=$(cd "$root/run" && find . -type f ! -name guests.lock -printf '%p %s %T@\n' | sort)
	recover --dry-run -rn -o UUID,VERDICT
	[[ $status -eq 0 && $output == "$uuid would\x20be\x20returned"$'\n'"$other would\x20be\x20removed" ]]
	after=$(cd "$root/run" && find . -type f ! -name guests.lock -printf '%p %s %T@\n' | sort)
	[[ $before == "$after" ]]
	rm "$root/run/hostdev-hook/$other.journal"
	journal $uuid win11 by-hand "claim 0000:02:00.0" lent
	recover --dry-run -rn -o VERDICT
	[[ $output == left ]]
	recover --dry-run -rn -o VERDICT win11
	[[ $output == "would\x20be\x20returned" ]]
	has_journal $uuid
}

@test "of the machine below another root only what would be done is said" {
	journal $uuid "win 11" "caller 999999999 5" "claim 0000:02:00.0" lent
	mkdir -p "$root/proc/sys/kernel/random"
	sed -n 's/^boot //p' "$root/run/hostdev-hook/$uuid.journal" > "$root/proc/sys/kernel/random/boot_id"
	before=$(cd "$root" && find . -printf '%p %y %s %T@ %l\n' | sort)
	ok recover --dry-run --root "$root" -rn -o UUID,VERDICT
	[[ $output == "$uuid would\x20be\x20returned" ]]
	[[ $(cd "$root" && find . -printf '%p %y %s %T@ %l\n' | sort) == "$before" ]]
	misuses recover --root "$root"
	[[ $errors == "hostdevctl: recover changes this host only: --root needs --dry-run"* ]]
}

@test "only for root" {
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	cp "$HOSTDEVCTL" "$BATS_TEST_TMPDIR/hostdevctl"
	run setpriv --reuid 65534 --clear-groups "$BATS_TEST_TMPDIR/hostdevctl" recover
	[[ $status -eq 1 && $output == "hostdevctl: only root may return devices: run this with sudo" ]]
}

@test "wrong arguments" {
	misuses recover a b
	[[ $errors == "hostdevctl: recover takes at most one GUEST or UUID"* ]]
	misuses recover --root "$root"
	[[ $errors == *"this host only"* ]]
	misuses recover -o NAME
	ok recover --help
	[[ $output == "Usage: hostdevctl recover [OPTION...] [GUEST]"* ]]
}
