#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The words hostdevctl itself understands, and where it says what.

# shellcheck disable=SC2154 # root and errors are set in machine.bash
load machine

@test "--help is usage on stdout, with every command" {
	ok --help
	[[ $output == "Usage: hostdevctl "* && $output == *"  generate "* && $output == *"  guest "* && $output == *"  plan "* && $output == *"  recover "* && $output == *"  repin "* && $output == *"  set "* ]]
	[[ $output == *"-V, --version"* && $output == *"Exit status: 0 done, 1 failed or refused, 2 "* ]]
	ok -h
}

@test "--version" {
	ok --version
	first=$output
	ok -V
	[[ $output == "$first" ]]
	[[ $output =~ ^hostdevctl\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "no command" {
	misuses
	[[ $errors == "hostdevctl: no command given"$'\n'"Try 'hostdevctl --help'." ]]
}

@test "unknown command" {
	misuses x
	[[ $errors == 'hostdevctl: unknown command "x"'$'\n'"Try 'hostdevctl --help'." ]]
	misuses ''
	[[ $errors == 'hostdevctl: unknown command ""'* ]]
}

@test "unknown option" {
	misuses --bogus
	[[ $errors == 'hostdevctl: unknown option "--bogus"'* ]]
}

@test "control characters do not reach the terminal" {
	misuses $'\e[31mred'
	[[ $errors == 'hostdevctl: unknown command "\x1b[31mred"'* ]]
}

@test "each command has its help" {
	for command in check generate guest holders plan set; do
		ok "$command" --help
		[[ $output == "Usage: hostdevctl $command "* && $output == *--root* ]]
	done
}

@test "a mistyped option is another exit status than a refusal, for every command" {
	for command in check generate guest holders plan recover repin set; do
		misuses "$command" --bogus
		[[ $errors == *"Try 'hostdevctl $command --help'." ]]
	done
}

@test "a full disk is noticed" {
	needs "a /dev/full" test -w /dev/full
	run bash -c '"$HOSTDEVCTL" --help > /dev/full'
	[[ $status -eq 1 && $output == "hostdevctl: write: "* ]]
}
