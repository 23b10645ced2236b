#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What --uninstall leaves, and that it names each thing, with how it goes.
# shellcheck disable=SC2016,SC2154 # what stands in quotes is for the stubs and for install.sh's functions to expand

load machine

@test "the admin's own files are named, and no folder that holds nothing else" {
	install_sh
	echo "group = whole" > "$machine/etc/hostdev-hook/guests/win11.conf"
	echo "display = stop" > "$machine/etc/hostdev-hook/hostdev-hook.conf.d/mine.conf"
	install_sh --uninstall
	is "$status" 0
	says "Left, as these are yours: /etc/hostdev-hook/guests/win11.conf, /etc/hostdev-hook/hostdev-hook.conf.d/mine.conf"
	[[ $output != *"not ours"* ]]
	install_sh
	install_sh --uninstall
	is "$(cd "$machine" && find . -type f | sort)" "./etc/hostdev-hook/guests/win11.conf
./etc/hostdev-hook/hostdev-hook.conf.d/mine.conf"
}

# Without --destdir the machine is /, and install.sh is called from anywhere.
@test "the admin's own files of the running machine are named, too" {
	needs_mounts
	mkdir -p "$machine"/{tmp,etc/hostdev-hook/guests} && mkdir "$machine/tmp/elsewhere"
	touch "$machine/etc/hostdev-hook/guests/win11.conf"
	run unshare --mount bash -c 'mount --bind "$2/etc" /etc && cd "$2/tmp/elsewhere" && . "$1"; tell_own_files; echo after' \
		- "$tree/install.sh" "$machine"
	is "$status" 0
	is "$output" "Left, as these are yours: /etc/hostdev-hook/guests/win11.conf
after"
}

@test "guests with settings in their metadata are named" {
	install_sh
	mkdir -p "$machine/etc/libvirt/qemu"
	printf '<domain>\n  <name>my win11</name>\n  <metadata><hostdev:policy xmlns:hostdev="urn:hostdev-hook:1" group="whole"/></metadata>\n</domain>\n' > "$machine/etc/libvirt/qemu/win11.xml"
	printf '<domain>\n  <name>other</name>\n</domain>\n' > "$machine/etc/libvirt/qemu/other.xml"
	install_sh --uninstall
	is "$status" 0
	says "settings for hostdev-hook: my win11."
	says "virsh metadata GUEST --uri urn:hostdev-hook:1 --config --remove"
	[[ $output != *other* ]]
}

@test "packages that are still there are named with the line that removes them" {
	stub dpkg-query '[[ $4 != gone ]] && echo "ii "'
	stub rpm '[[ $3 != gone ]]'
	stub pacman '[[ $2 != gone ]]'
	while IFS='|' read -r kind line; do
		with_functions "family() { echo $kind; }; tell_packages cmake gone gcc"
		says "To remove them: $line cmake gcc"
		with_functions "family() { echo $kind; }; tell_packages gone; tell_packages"
		is "$output" ""
	done <<- 'END'
		debian|apt purge --autoremove
		fedora|dnf remove
		opensuse|zypper remove --clean-deps
		arch|pacman -Rs
	END
}

@test "packages that came for a build that failed are named, too" {
	mkdir -p "$machine/usr/share"
	before=$(listing "$machine")
	get='trap clean_up EXIT; family() { echo debian; }; has_package() { true; }; is_dependency() { false; }; '
	with_functions "$get"'get_dependencies() { new_packages+=(cmake gcc); }; build() { exit 9; }; install'
	is "$status" 9
	for action in uninstall "install; uninstall"; do
		with_functions "$get"'get_dependencies() { :; }; '"$action"
		is "$status" 0
		says "To remove them: apt purge --autoremove cmake gcc"
		is "$(listing "$machine")" "$before"
		with_functions "$get"'get_dependencies() { new_packages+=(cmake gcc); }; build() { exit 9; }; install'
	done
}

@test "the demonstration's machine and the build are named with their sizes" {
	mkdir -p "$BATS_TEST_TMPDIR"/{cache,source/build}
	head -c 3000000 /dev/zero > "$BATS_TEST_TMPDIR/cache/image"
	with_functions 'root= ; source_dir='"$BATS_TEST_TMPDIR/source HOSTDEV_LAB_CACHE=$BATS_TEST_TMPDIR/cache"'; tell_folders'
	says "$BATS_TEST_TMPDIR/cache (3 MB). To remove it: ./install.sh --try --clean"
	says "Left is the build: $BATS_TEST_TMPDIR/source/build ("
	with_functions 'root= ; source_dir=/nowhere HOSTDEV_LAB_CACHE=/nowhere; tell_folders'
	is "$output" ""
}
