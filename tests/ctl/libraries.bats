#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl on a machine from which an upgrade or a clean-up has taken libraries that it opens: it still says what is
# wrong, and still gives devices back. In a mount namespace of its own an empty file lies over each library, and /sys, /run
# and /etc are those of a made-up machine.

# shellcheck disable=SC2154 # root is set in machine.bash
load machine

all='libxml2.so libkmod.so.2 libmnl.so.0 libsystemd.so.0 libvirt.so.0 libpci.so.3 libsmartcols.so.1 libmount.so.1'

setup() {
	needs_mounts
	machine_usual
	mkdir -m 700 "$root/run/hostdev-hook"
	: > "$BATS_TEST_TMPDIR/empty"
	mkdir "$BATS_TEST_TMPDIR/copies"
	# The sanitizers' own libraries are beside the program's; what it is linked to stays.
	linked=$(ldd "${HOSTDEVCTL:?}")
}

# without "LIBRARY..." ARGUMENT...: hostdevctl there; a name without a number stands for the one that this machine has.
without() {
	local name file copies=$BATS_TEST_TMPDIR/copies files=() out=$BATS_TEST_TMPDIR/stdout err=$BATS_TEST_TMPDIR/stderr
	for name in $1; do
		[[ $linked != *"$name"* ]] || continue
		while read -r file; do
			# mount(8) needs some of them itself.
			cp "$file" "$copies"
			files+=("$(realpath "$file")")
		done < <(ldconfig -p | awk -v name="$name" 'index($1, name) == 1 { print $NF }')
	done
	status=0
	# shellcheck disable=SC2016 # for bash to expand
	COPIES=$copies EMPTY=$BATS_TEST_TMPDIR/empty FILES="${files[*]}" unshare --mount --propagation private bash -c '
		mount --bind "$1/sys" /sys && mount --bind "$1/run" /run || exit 70
		for file in $FILES; do LD_LIBRARY_PATH=$COPIES mount --bind "$EMPTY" "$file" || exit 70; done
		program=$2 && shift 2 && exec "$program" "$@"' \
		- "$root" "$HOSTDEVCTL" "${@:2}" > "$out" 2> "$err" || status=$?
	output=$(< "$out")
	errors=$(< "$err")
	echo "status $status"$'\n'"$output"$'\n'"$errors"
}

# says STATUS SUBJECT TEXT: such a row is among the plain ones or those of a table.
says() { grep -E "^$1 +[a-z-]+ +$2 " <<< "$output" | grep -qF -- "$3"; }

@test "check finds all libraries" {
	without '' check
	says ok libraries 'that are opened when they are needed are there'
	[[ -z $errors ]]
}

@test "check says which library is missing, what that means and what helps" {
	without libxml2.so check
	[[ $status -eq 1 && -z $errors ]]
	says problem 'libxml2\.so\.[0-9]+' 'no guest that has a host PCI device is started: libxml2 cannot be opened'
	says problem 'libxml2\.so\.[0-9]+' 'run install.sh again, or reinstall the package of hostdev-hook'
	[[ $output != *libraries* ]]
	without libpci.so.3 check
	says note libpci.so.3 'messages call devices by their numbers: libpci cannot be opened'
}

@test "check without any of them" {
	without "$all" check
	[[ $status -eq 1 ]]
	for name in 'libxml2\.so\.[0-9]+' libkmod.so.2 libmount.so.1 libmnl.so.0; do says problem "$name" 'cannot be opened'; done
	for name in libvirt.so.0 libpci.so.3 libsmartcols.so.1; do says note "$name" 'cannot be opened'; done
	[[ $errors == 'hostdevctl: libsmartcols cannot be opened, '* ]]
}

@test "recover gives back without any of them" {
	local uuid=4dea22b3-1d52-48f3-9516-782e98ab3fa0 boot
	read -r boot < /proc/sys/kernel/random/boot_id
	printf '%s\n' "hostdev-hook journal 1" "boot $boot" "guest win11" "uuid $uuid" "claim 0000:01:00.0" \
		> "$root/run/hostdev-hook/$uuid.journal"
	without "$all" recover
	[[ $status -eq 0 && ! -e $root/run/hostdev-hook/$uuid.journal ]]
	[[ $output == "win11  $uuid  returned"* && $errors == 'hostdevctl: libsmartcols cannot be opened, '* ]]
}

@test "programs get JSON or nothing" {
	guest_make win11 "$BATS_TEST_TMPDIR/win11.xml" 0000:01:00.0
	without libsmartcols.so.1 guest "$BATS_TEST_TMPDIR/win11.xml" --json --root "$root"
	[[ $status -eq 1 && -z $output && $errors == 'hostdevctl: libsmartcols cannot be opened, '* ]]
	without libsmartcols.so.1 guest "$BATS_TEST_TMPDIR/win11.xml" --raw --root "$root"
	[[ $status -eq 1 && -z $output ]]
	without libsmartcols.so.1 guest "$BATS_TEST_TMPDIR/win11.xml" --root "$root"
	[[ $status -eq 0 && $output == *'0000:01:00.0  '* ]]
}

@test "a guest that cannot be read is said to be so" {
	guest_make win11 "$BATS_TEST_TMPDIR/win11.xml" 0000:01:00.0
	without libxml2.so plan "$BATS_TEST_TMPDIR/win11.xml" --root "$root"
	[[ $status -eq 1 && -z $output && $errors == *'libxml2 cannot be opened, perhaps since an upgrade or a clean-up of the system ('* ]]
}
