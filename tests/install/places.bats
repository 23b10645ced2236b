#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where install.sh puts things: another prefix, another folder for libvirt's hooks, a /usr that cannot be written, and what was
# built elsewhere.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # what stands in quotes is for the stubs and for install.sh's functions to expand

load machine

# A cmake that installs the product below whatever prefix and folder for hooks it was configured with.
any_place() {
	stub cmake 'case $1 in
		--version) echo "cmake version 3.25.1" ;;
		--preset) printf "%s\n" "$@" > "'"$BATS_TEST_TMPDIR"'/configured" ;;
		--install) prefix=$4 hooks=$(sed -n "s/^-DHOSTDEV_HOOK_DIR=//p" "'"$BATS_TEST_TMPDIR"'/configured")
			mkdir -p "$DESTDIR$prefix" "$DESTDIR/etc" "$DESTDIR$hooks" && cp -a "'"$product"'/usr/." "$DESTDIR$prefix" &&
			cp -a "'"$product"'/etc/hostdev-hook" "$DESTDIR/etc" && ln -s "$prefix/sbin/hostdev-hook" "$DESTDIR$hooks/qemu" ;;
		esac'
}

# The machine with a /usr that cannot be written, and a place in /usr/local that can.
read_only() { # SCRIPT
	needs_mounts
	mkdir -p "$machine"/{usr/local,var/usrlocal}
	run unshare --mount bash -c '
		mount --bind "$2/usr" "$2/usr" && mount -o remount,bind,ro "$2/usr" && mount --bind "$2/var/usrlocal" "$2/usr/local"
		. "$1"; root=$2; eval "$3"' - "$tree/install.sh" "$machine" "$1"
}

@test "--prefix: all is below it but the configuration and the link, and an update and --uninstall find it again" {
	any_place
	for prefix in /usr/local /opt/hook; do
		install_sh --prefix "$prefix"
		is "$status" 0
		grep -qx -- "-DCMAKE_INSTALL_PREFIX=$prefix" "$BATS_TEST_TMPDIR/configured"
		is "$(readlink "$hooks/qemu")" "$prefix/sbin/hostdev-hook"
		is "$(cat "$machine$prefix/libexec/hostdev-hook/engine")" engine
		[[ -e $machine$prefix/share/hostdev-hook/manifest && -e $machine/etc/hostdev-hook/hostdev-hook.conf ]]
		install_sh
		is "$status" 0
		[[ ! -e $machine/usr/sbin ]]
		install_sh --uninstall
		is "$status" 0
		is "$(listing "$machine")" ""
	done
	# systemd finds units below /usr and /usr/local by itself.
	grep -qx -- "-DHOSTDEV_UNIT_DIR=/etc/systemd/system" "$BATS_TEST_TMPDIR/configured"
}

@test "--prefix: an installation that was broken off before the link came is found in the usual places" {
	any_place
	install_sh --prefix /usr/local
	rm "$hooks/qemu"
	install_sh --uninstall
	is "$status" 0
	is "$(listing "$machine")" ""
}

@test "--prefix: not a second time elsewhere" {
	any_place
	install_sh
	before=$(listing "$machine")
	install_sh --prefix /usr/local
	is "$status" 1
	says "hostdev-hook is installed below /usr; to have it below /usr/local instead"
	is "$(listing "$machine")" "$before"
}

@test "libvirt's folder for hooks: by option or variable, given to the build, and found again" {
	any_place
	for way in option variable; do
		if [[ $way == option ]]; then
			install_sh --hook-dir /var/lib/libvirt/hooks
		else
			export HOSTDEV_HOOK_DIR=/var/lib/libvirt/hooks
			install_sh
			unset HOSTDEV_HOOK_DIR
		fi
		is "$status" 0
		grep -qx -- "-DHOSTDEV_HOOK_DIR=/var/lib/libvirt/hooks" "$BATS_TEST_TMPDIR/configured"
		is "$(readlink "$machine/var/lib/libvirt/hooks/qemu")" /usr/sbin/hostdev-hook
		[[ ! -e $hooks ]]
		install_sh
		[[ ! -e $hooks ]]
		install_sh --uninstall
		is "$status" 0
		is "$(listing "$machine")" ""
	done
	run "$tree/install.sh" --hook-dir
	is "$status" 1
	says "--hook-dir needs a folder"
}

@test "a prefix or a folder for hooks with a blank is refused before anything" {
	any_place
	for option in "--prefix=/opt/my hook" "--hook-dir=/srv/my hooks" "--prefix=/opt/*" '--hook-dir=/srv/"'; do
		install_sh "$option"
		is "$status" 1
		is "${#lines[@]}" 1
		says "cannot be used: only letters"
		is "$(listing "$machine")" ""
		[[ ! -e $BATS_TEST_TMPDIR/configured ]]
	done
}

@test "a change of the folder for hooks that was broken off before the old link went" {
	any_place
	install_sh
	for tool in install_sh --uninstall; do
		with_functions 'hooks=/srv/hooks hooks_named=yes; trap clean_up EXIT; something_at() { [[ $1 != */etc/libvirt/hooks/qemu ]] || exit 9; [[ -e $1 || -L $1 ]]; }; install'
		is "$status" 9
		[[ -L $machine/srv/hooks/qemu && -L $hooks/qemu ]]
		if [[ $tool == install_sh ]]; then install_sh; else install_sh --uninstall; fi
		is "$status" 0
	done
	is "$(listing "$machine")" ""
}

@test "another hook in the place that ours had before is not removed" {
	any_place
	install_sh
	rm "$hooks/qemu"
	echo mine > "$hooks/qemu"
	install_sh --hook-dir /srv/hooks
	is "$status" 0
	is "$(cat "$hooks/qemu")" mine
	install_sh --uninstall
	is "$(cd "$machine" && find . -type f)" ./etc/libvirt/hooks/qemu
}

@test "--uninstall: from where it is, whatever folder for hooks is named" {
	any_place
	mkdir -p "$hooks"
	echo mine > "$hooks/qemu"
	before=$(listing "$machine")
	for way in option variable; do
		install_sh --keep-existing
		is "$status" 0
		if [[ $way == option ]]; then install_sh --uninstall --hook-dir /srv/hooks; else HOSTDEV_HOOK_DIR=/srv/hooks install_sh --uninstall; fi
		is "$status" 0
		is "$(listing "$machine")" "$before"
	done
}

@test "a /usr that cannot be written is found before the build, and the way is named" {
	any_place
	read_only 'get_dependencies() { echo ASKED; }; install'
	is "$status" 1
	is "$output" "install.sh: $machine/usr cannot be written on this system. Nothing was changed. What works here is a place beside it: ./install.sh --prefix /usr/local"
	[[ ! -e $BATS_TEST_TMPDIR/configured ]]
	read_only 'place_at /usr/local; prefix_named=yes; stage=; install && rm -rf "$stage"'
	is "$status" 0
	is "$(readlink "$hooks/qemu")" /usr/local/sbin/hostdev-hook
	[[ -e $machine/var/usrlocal/sbin/hostdev-hook ]]
	read_only 'uninstall'
	is "$status" 0
	is "$(cd "$machine" && find . -type f)" ""
}

@test "where /usr/local cannot be written either, the system's own way is named" {
	needs_mounts
	mkdir -p "$machine/usr"
	while IFS='|' read -r tool want; do
		[[ -z $tool ]] || stub "$tool" 'exit 0'
		run unshare --mount bash -c 'mount --bind "$2/usr" "$2/usr" && mount -o remount,bind,ro "$2/usr"; . "$1"; root=$2; install' \
			- "$tree/install.sh" "$machine"
		is "$status" 1
		says "$want"
		[[ -z $tool ]] || rm "$stubs/$tool"
	done <<- 'END'
		steamos-readonly|steamos-readonly disable
		transactional-update|transactional-update shell
		|--prefix DIR
	END
}

@test "on such a system no package is asked for: they are named, with how to build in a container" {
	mkdir -p "$machine/etc"
	stub rpm 'exit 1'
	for tool in dnf rpm-ostree; do stub "$tool" "touch '$BATS_TEST_TMPDIR/asked'"; done
	with_functions 'root= ; place_at /usr/local; family() { echo fedora; }; is_writable() { false; }; missing_for_build() { echo cmake; }; get_dependencies'
	is "$status" 1
	says "the build still needs: cmake"
	says "    rpm-ostree install gcc cmake ninja-build"
	says "    sudo dnf install gcc cmake ninja-build"
	says "    ./install.sh --prefix /usr/local --destdir build/container"
	says "    sudo ./install.sh --from build/container"
	[[ ! -e $BATS_TEST_TMPDIR/asked ]]
}

@test "--from: what --destdir has put into a folder is installed from there, with nothing built" {
	any_place
	built=$BATS_TEST_TMPDIR/built
	run "$tree/install.sh" --prefix /usr/local --destdir "$built"
	is "$status" 0
	mkdir -p "$hooks"
	echo mine > "$hooks/qemu"
	stub cmake 'exit 1'
	install_sh --from "$built"
	is "$status" 1
	says "is another hook and stays as it is"
	rm "$hooks/qemu"
	install_sh --from "$built"
	is "$status" 0
	is "$(readlink "$hooks/qemu")" /usr/local/sbin/hostdev-hook
	is "$(cd "$machine" && find . ! -name manifest | sort)" "$(cd "$built" && find . ! -name manifest | sort)"
	is "$(grep -c '^file' "$machine/usr/local/share/hostdev-hook/manifest")" "$(grep -c '^file' "$built/usr/local/share/hostdev-hook/manifest")"
	install_sh --uninstall
	is "$status" 0
	is "$(cd "$machine" && find . -type f)" ""
	install_sh --from "$machine"
	is "$status" 1
	says "holds no hostdev-hook that --destdir has put there"
}

@test "--from: what else lies in that folder stays there, and a folder without a manifest is none" {
	any_place
	built=$BATS_TEST_TMPDIR/built
	mkdir -p "$built/etc" "$built/usr/bin" "$machine/etc" "$machine/usr/bin"
	echo theirs | tee "$built/etc/passwd" > "$built/usr/bin/bash"
	echo mine | tee "$machine/etc/passwd" > "$machine/usr/bin/bash"
	before=$(listing "$machine")
	run "$tree/install.sh" --destdir "$built"
	is "$status" 0
	install_sh --from "$built"
	is "$status" 0
	is "$(cat "$machine/etc/passwd" "$machine/usr/bin/bash")" $'mine\nmine'
	[[ -d $machine/etc/hostdev-hook/guests && -e $machine/usr/share/man/man8/hostdev-hook.8 ]]
	install_sh --uninstall
	is "$status" 0
	is "$(listing "$machine")" "$before"
	rm "$built/usr/bin/hostdevctl"
	install_sh --from "$built"
	is "$status" 1
	says "/usr/bin/hostdevctl is missing, which was built"
	rm "$built/usr/share/hostdev-hook/manifest"
	install_sh --from "$built"
	is "$status" 1
	says "/usr/share/hostdev-hook/manifest is missing; nothing was changed"
	is "$(listing "$machine")" "$before"
}

@test "--from: a prefix or a folder for hooks that is not the build's is refused" {
	any_place
	built=$BATS_TEST_TMPDIR/built
	run "$tree/install.sh" --prefix /usr/local --destdir "$built"
	install_sh --from "$built" --prefix /opt/hook
	is "$status" 1
	says "was built for the prefix /usr/local, and not for /opt/hook"
	install_sh --from "$built" --hook-dir /srv/hooks
	is "$status" 1
	says "was built for hooks in /etc/libvirt/hooks, and not in /srv/hooks"
	is "$(listing "$machine")" ""
	install_sh --from "$built" --prefix /usr/local --hook-dir /etc/libvirt/hooks
	is "$status" 0
}

@test "AppArmor is told of another prefix, and of none twice" {
	mkdir -p "$machine"/{sys/kernel/security/apparmor,etc/apparmor.d/local}
	touch "$machine/sys/kernel/security/apparmor/profiles" "$machine/etc/apparmor.d/usr.sbin.libvirtd"
	with_functions 'advise_apparmor /usr'
	is "$output" ""
	with_functions 'advise_apparmor /usr/local'
	says "printf '%s PUx,\\n' /usr/local/sbin/hostdev-hook /usr/local/libexec/hostdev-hook/engine >> /etc/apparmor.d/local/usr.sbin.libvirtd"
	says "apparmor_parser -r /etc/apparmor.d/usr.sbin.libvirtd"
	[[ $output != *virtqemud* ]]
	# As it says, and as packaging/apparmor has it.
	printf '%s PUx,\n' /usr/local/sbin/hostdev-hook /usr/local/libexec/hostdev-hook/engine > "$machine/etc/apparmor.d/local/usr.sbin.libvirtd"
	is "$(grep -Fxc -f "$machine/etc/apparmor.d/local/usr.sbin.libvirtd" "$tree/packaging/apparmor/hostdev-hook")" 2
	with_functions 'advise_apparmor /usr/local'
	is "$output" ""
}
