# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a test needs of the machine, and where that is not there: the test fails. One that is passed over has shown nothing,
# and nobody sees that it has not. Loaded by the suites of bats.

needs() { # WHAT COMMAND...: one line that says so where the command fails
	"${@:2}" > /dev/null 2>&1 || { echo "this test needs $1" >&2; return 1; }
}

needs_root() { needs "root: run it with sudo" test "$EUID" -eq 0; }
needs_mounts() { needs "root, and a mount namespace of its own" unshare --mount true; }
needs_program() { needs "the program $1 (tests/deps)" command -v "$1"; }
