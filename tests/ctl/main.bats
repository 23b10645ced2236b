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

@test "help and version are commands, too" {
	ok --help
	first=$output
	ok help
	[[ $output == "$first" ]]
	ok guest --help
	first=$output
	ok help guest
	[[ $output == "$first" ]]
	misuses help guets
	[[ $errors == 'hostdevctl: unknown command "guets"; did you mean guest?'* ]]
	misuses help guest plan
	ok version
	[[ $output =~ ^hostdevctl\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	misuses version 2
}

@test "a mistyped command: the one that was meant" {
	misuses chek
	[[ $errors == 'hostdevctl: unknown command "chek"; did you mean check?'$'\n'"Try 'hostdevctl --help'." ]]
	misuses GUEST
	[[ $errors == 'hostdevctl: unknown command "GUEST"; did you mean guest?'* ]]
	misuses vresion
	[[ $errors == *'; did you mean version?'* ]]
	misuses --versoin
	[[ $errors == 'hostdevctl: unknown option "--versoin"; did you mean --version?'* ]]
	misuses generate statik
	[[ $errors == 'hostdevctl: "statik" is no command of generate; did you mean static?'* ]]
}

@test "what is wrong with an option, in one line" {
	misuses guest --jsn x
	[[ $errors == 'hostdevctl: guest has no option --jsn; did you mean --json?'$'\n'* ]]
	misuses guest --frobnicate=1 x
	[[ $errors == 'hostdevctl: guest has no option --frobnicate'$'\n'* ]]
	misuses guest -Jx x
	[[ $errors == 'hostdevctl: guest has no option -x'$'\n'* ]]
	misuses guest --json -xJ x
	[[ $errors == 'hostdevctl: guest has no option -x'$'\n'* ]]
	misuses guest --r x
	[[ $errors == 'hostdevctl: guest: --r is the beginning of several options'$'\n'* ]]
	misuses guest --json=3 x
	[[ $errors == 'hostdevctl: guest: option --json takes no value'$'\n'* ]]
	misuses guest x --root
	[[ $errors == 'hostdevctl: guest: option --root needs a value'$'\n'* ]]
	misuses guest x -o
	[[ $errors == 'hostdevctl: guest: option -o needs a value'$'\n'* ]]
	misuses generate --jsno
	[[ $errors == 'hostdevctl: generate has no option --jsno; did you mean --json?'$'\n'* ]]
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
