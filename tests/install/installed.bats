#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cmake --install leaves what packaging/installed.txt lists, and nothing else; and each option of the build does what it says.

# shellcheck disable=SC2030,SC2031 # each test runs in a shell of its own

lacks() { if grep -q "$1" "$2"; then echo "$1 is in $2"; return 1; fi; } # PATTERN FILE

setup_file() {
	export DESTDIR=$BATS_FILE_TMPDIR/root
	umask 022
	cmake --install "$BUILD" > "$BATS_FILE_TMPDIR/log" || { cat "$BATS_FILE_TMPDIR/log"; return 1; }
}

@test "what is installed is what packaging/installed.txt lists" {
	(cd "$DESTDIR" && find . \( -type f -o -type l -o -path '*hostdev-hook*' -type d \) -printf '%M /%P %l\n') |
		awk '{ printf "%s %s%s\n", $1, $2, ($3 ? " -> " $3 : "") }' | LC_ALL=C sort -k 2 > "$BATS_TEST_TMPDIR/found"
	grep -v '^#' "$BATS_TEST_DIRNAME/../../packaging/installed.txt" | LC_ALL=C sort -k 2 > "$BATS_TEST_TMPDIR/listed"
	[[ $(wc -l < "$BATS_TEST_TMPDIR/listed") -gt 40 ]]
	diff "$BATS_TEST_TMPDIR/listed" "$BATS_TEST_TMPDIR/found"
}

@test "a second installation over it changes nothing" {
	sums() { (cd "$DESTDIR" && find . -type f -exec sha256sum {} + | sort); }
	sums > "$BATS_TEST_TMPDIR/before"
	run cmake --install "$BUILD"
	echo "$output"
	sums | diff "$BATS_TEST_TMPDIR/before" -
}

# Only configured: nothing is built.
configure() { # OPTION...
	run cmake -S "$BATS_TEST_DIRNAME/../.." -B "$BATS_TEST_TMPDIR/build" -G Ninja -DBUILD_TESTING=OFF "$@"
	echo "$output"
}

# A folder for pkg-config with all that is there but this.
without() { # MODULE
	local folder=$BATS_TEST_TMPDIR/pkgconfig file
	mkdir -p "$folder"
	for file in /usr/lib/*/pkgconfig/*.pc /usr/lib/pkgconfig/*.pc /usr/share/pkgconfig/*.pc; do
		[[ ! -e $file || ${file##*/} == "$1.pc" ]] || ln -sf "$file" "$folder/"
	done
	export PKG_CONFIG_LIBDIR=$folder
}

@test "auto takes what is there; off never looks; another word is refused" {
	configure -DHOSTDEV_SYSTEMD=off
	[[ $status -eq 0 && $output == *"the journal gets fields: no (HOSTDEV_SYSTEMD=off)"* ]]
	[[ $output == *"through libvirt: yes (HOSTDEV_LIBVIRT=auto)"* ]]
	configure -DHOSTDEV_SYSTEMD=maybe
	[[ $status -ne 0 && $output == *'HOSTDEV_SYSTEMD is "maybe"; it may be auto, on or off.'* ]]
}

@test "auto goes on without what is not there; on does not" {
	without libsystemd
	configure
	[[ $status -eq 0 && $output == *"gets fields: no (HOSTDEV_SYSTEMD=auto)"* ]]
	configure -DHOSTDEV_SYSTEMD=on
	[[ $status -ne 0 && $output == *"HOSTDEV_SYSTEMD is on, and pkg-config does not find libsystemd."* ]]
}

@test "without libvirt hostdevctl is built all the same, from files" {
	without libvirt
	configure -DHOSTDEV_SYSTEMD=off
	[[ $status -eq 0 && $output == *"through libvirt: no (HOSTDEV_LIBVIRT=auto)"* ]]
	grep -q 'hostdevctl/domains-none.c' "$BATS_TEST_TMPDIR/build/build.ninja"
	lacks 'hostdevctl/domains.c' "$BATS_TEST_TMPDIR/build/build.ninja"
	ninja -C "$BATS_TEST_TMPDIR/build" hostdevctl/CMakeFiles/hostdevctl.dir/domains-none.c.o \
		base/CMakeFiles/hostdev-base.dir/systemd-none.c.o
}

@test "a distribution's level of FORTIFY is neither lowered nor defined again" {
	configure -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS='-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3'
	[[ $status -eq 0 ]]
	lacks 'D_FORTIFY_SOURCE=2' "$BATS_TEST_TMPDIR/build/build.ninja"
	grep -q 'D_FORTIFY_SOURCE=3' "$BATS_TEST_TMPDIR/build/build.ninja"
	rm -rf "$BATS_TEST_TMPDIR/build"
	configure -DCMAKE_BUILD_TYPE=Release
	grep -q 'D_FORTIFY_SOURCE=2' "$BATS_TEST_TMPDIR/build/build.ninja"
	rm -rf "$BATS_TEST_TMPDIR/build"
	# Where nothing is optimised, glibc warns of it.
	configure -DCMAKE_BUILD_TYPE=Debug
	lacks '_FORTIFY_SOURCE' "$BATS_TEST_TMPDIR/build/build.ninja"
}
