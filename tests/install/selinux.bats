#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SELinux: where install.sh builds and loads the module, what it labels, and that the module goes again. What is asked of the
# commands is written down by stubs.
# shellcheck disable=SC2016,SC2154 # what stands in quotes is for the stubs and for install.sh's functions to expand

load machine

# A machine where it enforces, and a daemon that runs in this domain.
enforcing() { # DAEMON TYPE
	mkdir -p "$machine"/{sys/fs/selinux,proc/7/attr}
	echo 1 > "$machine/sys/fs/selinux/enforce"
	echo "$1" > "$machine/proc/7/comm"
	printf 'system_u:system_r:%s:s0-s0:c0.c1023\0' "$2" > "$machine/proc/7/attr/current"
}

@test "the module is needed where it enforces and the daemon runs in virtqemu's domain, as hostdevctl check has it" {
	while read -r daemon type enforce want; do
		enforcing "$daemon" "$type"
		echo "$enforce" > "$machine/sys/fs/selinux/enforce"
		with_functions 'needs_module && echo yes || echo no'
		is "$output" "$want"
	done <<- 'END'
		virtqemud virtqemud_t 1 yes
		libvirtd virtqemud_t 1 yes
		virtqemud virtqemud_t 0 no
		virtqemud virtd_t 1 no
		libvirtd virtd_t 1 no
	END
	rm -r "$machine/sys"
	with_functions 'needs_module && echo yes || echo no'
	is "$output" no
	# No daemon runs: the label of the program says what it will be.
	enforcing bash unconfined_t
	mkdir -p "$machine/usr/sbin"
	stub stat 'echo system_u:object_r:virtqemud_exec_t:s0'
	with_functions 'needs_module && echo yes || echo no'
	is "$output" yes
	stub stat 'echo system_u:object_r:virtd_exec_t:s0'
	with_functions 'needs_module && echo yes || echo no'
	is "$output" no
}

@test "what builds it is a package that is asked for with the others, once" {
	enforcing virtqemud virtqemud_t
	while read -r family want; do
		with_functions "selinux_makefile=/nowhere; selinux_packages $family"
		is "$output" "$want"
		with_functions "selinux_makefile=/dev/null; selinux_packages $family"
		is "$output" ""
	done <<- 'END'
		fedora selinux-policy-devel
		opensuse selinux-policy-devel
		debian selinux-policy-dev
	END
	with_functions 'machine=$root root= ; family() { echo fedora; }; selinux_packages() { echo selinux-policy-devel; }
		missing_for_build() { :; }; ask_for_packages() { echo "asked: $*"; }; install_named() { echo "installed: $*"; }; get_dependencies'
	is "$output" "asked: fedora selinux-policy-devel
installed: fedora selinux-policy-devel"
}

@test "it is built outside of the tree and loaded, the labels are set, and it goes with the rest" {
	enforcing virtqemud virtqemud_t
	stub make 'echo "make $*" >> "'"$BATS_TEST_TMPDIR"'/asked"'
	stub semodule 'echo "semodule $*" >> "'"$BATS_TEST_TMPDIR"'/asked"; [[ $1 != -l ]] || printf "abrt\nhostdev_hook\nzz\n"'
	stub restorecon 'echo "restorecon $*" >> "'"$BATS_TEST_TMPDIR"'/asked"; [[ $* != *"-f -"* ]] || cat > "'"$BATS_TEST_TMPDIR"'/labelled"'
	install_sh
	with_functions 'stage=$(mktemp -d); selinux_makefile=/dev/null; load_module; load_module; label_files; echo "$stage" > "$root/../stage"'
	is "$status" 0
	stage=$(< "$BATS_TEST_TMPDIR/stage")
	grep -qx "make -C $stage/selinux -f /dev/null hostdev_hook.pp" "$BATS_TEST_TMPDIR/asked"
	grep -qx "semodule -i $stage/selinux/hostdev_hook.pp" "$BATS_TEST_TMPDIR/asked"
	is "$(cd "$stage/selinux" && md5sum hostdev_hook.*)" "$(cd "$tree/packaging/selinux" && md5sum hostdev_hook.*)"
	is "$(grep -c '^module hostdev_hook$' "$machine/usr/share/hostdev-hook/manifest")" 1
	for path in /usr/sbin/hostdev-hook /usr/libexec/hostdev-hook/engine /usr/bin/hostdevctl /usr/share/man/man8/hostdev-hook.8 \
		/etc/libvirt/hooks/qemu /etc/libvirt/hooks /etc/hostdev-hook/hostdev-hook.conf /usr/share/hostdev-hook/manifest; do
		grep -qx "$path" "$BATS_TEST_TMPDIR/labelled"
	done
	# The next installation keeps the line, and the uninstallation removes the module.
	install_sh
	grep -qx 'module hostdev_hook' "$machine/usr/share/hostdev-hook/manifest"
	with_functions 'manifest_of module'
	is "$output" hostdev_hook
	with_functions 'remove_module hostdev_hook'
	grep -qx "semodule -r hostdev_hook" "$BATS_TEST_TMPDIR/asked"
	says "Removed from SELinux's policy: the module hostdev_hook."
	stub semodule '[[ $1 == -l ]] && echo hostdev_hook'
	with_functions 'remove_module hostdev_hook'
	is "$status" 0
	says "Remove it with: semodule -r hostdev_hook"
	# One that could not be loaded is no news.
	stub semodule '[[ $1 == -l ]] && echo hostdev_hook_other'
	with_functions 'remove_module hostdev_hook'
	is "$status" 0
	is "$output" ""
}

@test "another prefix has the same labels, and none is there twice" {
	contexts=$tree/packaging/selinux/hostdev_hook.fc
	for prefix in /usr /usr/local /opt/hook; do
		with_functions "place_at $prefix"'; module_sources "$root$prefix"; cat "$root$prefix/hostdev_hook.fc"'
		is "$status" 0
		says "$prefix/sbin/hostdev-hook"
		says "$prefix/libexec/hostdev-hook/engine"
		is "$(head -n "$(wc -l < "$contexts")" <<< "$output")" "$(< "$contexts")"
		is "$(sort <<< "$output" | uniq -d)" ""
	done
	is "$(grep -c '^/opt/hook/' <<< "$output")" "$(grep -c '^/usr/[^/]*/hostdev-hook' "$contexts")"
}

@test "a module that cannot be built stops nothing, and is told" {
	enforcing virtqemud virtqemud_t
	stub make 'echo "no such policy"; exit 2'
	with_functions 'stage=$(mktemp -d); selinux_makefile=/dev/null; load_module; echo "then: $(manifest_of module)."'
	is "$status" 0
	says "no such policy"
	says "Without that module the hook can change nothing where SELinux is enforced."
	says "then: ."
	with_functions 'stage=$(mktemp -d); selinux_makefile=/nowhere; load_module'
	is "$status" 0
	says "see packaging/selinux/README.md"
}
