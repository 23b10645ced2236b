#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# install.sh on a made-up machine: a folder given with --destdir. The build is played by a cmake that only answers and
# "installs" a handful of files, the package managers by scripts that write down what they were asked for.
# shellcheck disable=SC2016,SC2154 # what stands in quotes is for the stubs and for install.sh's functions to expand

bats_require_minimum_version 1.5.0
load machine

foreign_hook() {
	mkdir -p "$hooks"
	printf '#!/bin/sh\n%s\n' "${1:-logger mine}" > "$hooks/qemu"
	chmod 750 "$hooks/qemu"
}

@test "--help says how, and a mistake is one line" {
	run "$tree/install.sh" --help
	is "$status" 0
	says "--keep-existing"
	run "$tree/install.sh" --frobnicate
	is "$status" 1
	is "${#lines[@]}" 1
	run "$tree/install.sh" --destdir
	is "$status" 1
	says "--destdir needs a folder"
}

@test "without root it says so" {
	needs_root
	cp -r "$tree/install.sh" "$tree/packaging" "$BATS_TEST_TMPDIR/"
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	run setpriv --reuid 65534 --clear-groups bash "$BATS_TEST_TMPDIR/install.sh"
	is "$status" 1
	says "run it with sudo"
}

@test "installs the files, the link last, and uninstalls every one" {
	install_sh
	is "$status" 0
	is "$(readlink "$hooks/qemu")" /usr/sbin/hostdev-hook
	is "$(cat "$machine/usr/libexec/hostdev-hook/engine")" engine
	is "$(stat -c %a "$machine/usr/sbin/hostdev-hook")" 755
	install_sh --uninstall
	is "$status" 0
	is "$(listing "$machine")" ""
}

@test "installing twice is installing once" {
	install_sh
	once=$(listing "$machine")
	install_sh
	is "$status" 0
	is "$(listing "$machine")" "$once"
	install_sh --uninstall
	is "$(listing "$machine")" ""
}

@test "folders and files of others survive" {
	mkdir -p "$machine"/{usr/bin,usr/share/man/man8,etc/libvirt/hooks/qemu.d,etc/hostdev-hook.d}
	echo mine > "$machine/etc/libvirt/hooks/qemu.d/mine"
	before=$(listing "$machine")
	install_sh
	install_sh --uninstall
	is "$status" 0
	is "$(listing "$machine")" "$before"
}

@test "a machine whose path has a space" {
	install_sh
	mv "$machine" "$BATS_TEST_TMPDIR/a machine"
	run "$tree/install.sh" --destdir="$BATS_TEST_TMPDIR/a machine"
	is "$status" 0
	run "$tree/install.sh" --uninstall --destdir="$BATS_TEST_TMPDIR/a machine"
	is "$status" 0
	is "$(listing "$BATS_TEST_TMPDIR/a machine")" ""
}

@test "a foreign hook stops the installation, and nothing is changed" {
	foreign_hook
	before=$(listing "$machine")
	install_sh
	is "$status" 1
	is "${#lines[@]}" 1
	says "$hooks/qemu is another hook"
	says "--keep-existing"
	is "$(listing "$machine")" "$before"
}

@test "so do a dangling link and a folder in its place" {
	mkdir -p "$hooks"
	ln -s /nowhere "$hooks/qemu"
	install_sh
	is "$status" 1
	rm "$hooks/qemu"
	mkdir "$hooks/qemu"
	install_sh
	is "$status" 1
	[[ -d $hooks/qemu ]]
}

@test "--keep-existing moves it to qemu.d with its mode, and --uninstall moves it back" {
	foreign_hook
	before=$(listing "$machine")
	install_sh --keep-existing
	is "$status" 0
	says "/etc/libvirt/hooks/qemu.d/50-kept-qemu"
	is "$(stat -c %a "$hooks/qemu.d/50-kept-qemu")" 750
	is "$(readlink "$hooks/qemu")" /usr/sbin/hostdev-hook
	install_sh
	is "$status" 0
	install_sh --uninstall
	is "$status" 0
	says "Moved back"
	is "$(listing "$machine")" "$before"
}

@test "--keep-existing overwrites nothing in qemu.d" {
	foreign_hook
	mkdir "$hooks/qemu.d"
	echo older > "$hooks/qemu.d/50-kept-qemu"
	before=$(listing "$machine")
	install_sh --keep-existing
	is "$status" 0
	is "$(cat "$hooks/qemu.d/50-kept-qemu")" older
	[[ -f $hooks/qemu.d/50-kept-qemu-2 ]]
	install_sh --uninstall
	is "$(listing "$machine")" "$before"
}

@test "--keep-existing: a qemu.d that is no folder stops it" {
	foreign_hook
	touch "$hooks/qemu.d"
	before=$(listing "$machine")
	install_sh --keep-existing
	is "$status" 1
	is "$(listing "$machine")" "$before"
}

@test "--keep-existing: a relative link leads to the same file and comes back as it was" {
	foreign_hook
	mv "$hooks/qemu" "$hooks/mine"
	ln -s mine "$hooks/qemu"
	before=$(listing "$machine")
	install_sh --keep-existing
	is "$status" 0
	is "$(realpath "$hooks/qemu.d/50-kept-qemu")" "$(realpath "$hooks/mine")"
	install_sh --uninstall
	is "$(listing "$machine")" "$before"
}

@test "--keep-existing: says so when the hook looks for files beside itself" {
	foreign_hook '. "$(dirname "$0")/functions"'
	install_sh --keep-existing
	is "$status" 0
	says "CHECK IT"
	install_sh --uninstall
	foreign_hook
	install_sh --keep-existing
	[[ $output != *"CHECK IT"* ]]
}

@test "a kept hook that was changed since stays where it is" {
	foreign_hook
	install_sh --keep-existing
	echo changed >> "$hooks/qemu.d/50-kept-qemu"
	install_sh --uninstall
	is "$status" 0
	says "Move it back by hand"
	[[ -f $hooks/qemu.d/50-kept-qemu && ! -e $hooks/qemu ]]
}

@test "an installation broken off at any file can be removed, or repeated" {
	foreign_hook
	mkdir -p "$machine/usr/share"
	before=$(listing "$machine")
	for step in {1..8}; do
		for tool in cp mv; do
			rm -f "$BATS_TEST_TMPDIR/count"
			stub "$tool" 'count='"$BATS_TEST_TMPDIR"'/count; echo x >> "$count"
				[[ $(wc -l < "$count") -ne '"$step"' ]] || { kill -KILL $PPID; exit 1; }
				exec '"$(PATH=${PATH#"$stubs":} type -P "$tool")"' "$@"'
			install_sh --keep-existing
			rm "$stubs/$tool"
			install_sh --uninstall
			is "$status" 0
			is "$(listing "$machine")" "$before"
		done
	done
	install_sh --keep-existing
	is "$status" 0
	install_sh --uninstall
	is "$(listing "$machine")" "$before"
}

@test "a failing build changes nothing and shows why" {
	stub cmake 'case $1 in --version) echo "cmake version 3.25.1" ;; --build) echo "syntax error in moon.c"; exit 1 ;; esac'
	install_sh
	is "$status" 1
	says "syntax error in moon.c"
	says "nothing was installed"
	is "$(listing "$machine")" ""
}

@test "a changed configuration survives a new installation, and --uninstall keeps it beside its place" {
	install_sh
	conf=$machine/etc/hostdev-hook/hostdev-hook.conf
	echo "group = whole" >> "$conf"
	echo "# new default" >> "$product/etc/hostdev-hook/hostdev-hook.conf"
	install_sh
	is "$status" 0
	says "you changed it"
	is "$(tail -n 1 "$conf")" "group = whole"
	install_sh
	is "$(tail -n 1 "$conf")" "group = whole"
	install_sh --uninstall
	says "Kept, as you changed it: /etc/hostdev-hook/hostdev-hook.conf.saved"
	says "these are yours: /etc/hostdev-hook/hostdev-hook.conf.saved"
	is "$(cd "$machine" && find . -type f)" ./etc/hostdev-hook/hostdev-hook.conf.saved
	is "$(tail -n 1 "$conf.saved")" "group = whole"
	# It is not taken by itself, and is not overwritten.
	install_sh
	says "It is not used; copy from it to /etc/hostdev-hook/hostdev-hook.conf"
	is "$(tail -n 1 "$conf")" "# new default"
	echo "group = device" >> "$conf"
	install_sh --uninstall
	is "$(tail -qn 1 "$conf".saved*)" "group = device
group = whole"
	# When the admin has removed them, nothing of the installations is left.
	install_sh
	rm "$conf".saved*
	install_sh --uninstall
	is "$(listing "$machine/etc")" ""
}

@test "an untouched configuration follows the new version" {
	install_sh
	echo "# new default" >> "$product/etc/hostdev-hook/hostdev-hook.conf"
	install_sh
	is "$(tail -n 1 "$machine/etc/hostdev-hook/hostdev-hook.conf")" "# new default"
}

@test "the folders for the admin's own files are there, and what he put there stays" {
	(umask 077 && install_sh && [[ $status -eq 0 ]])
	is "$(stat -c %a "$machine/etc/hostdev-hook" "$machine/etc/hostdev-hook/"{hostdev-hook.conf.d,guests} | sort -u)" 755
	echo "group = whole" > "$machine/etc/hostdev-hook/guests/win11.conf"
	install_sh --uninstall
	is "$status" 0
	says "Left, as these are yours: /etc/hostdev-hook/guests/win11.conf"
	[[ $output != *"not ours"* ]]
	is "$(cd "$machine" && find . -type f)" ./etc/hostdev-hook/guests/win11.conf
}

@test "--uninstall takes the pins and what is remembered of loans along" {
	install_sh
	mkdir -p "$machine/var/lib/hostdev-hook"
	touch "$machine/var/lib/hostdev-hook/"{a.pins,b.pins,b.pins.new,a.loan,a.loan.new}
	install_sh --uninstall
	is "$status" 0
	[[ ! -e $machine/var/lib/hostdev-hook && -d $machine/var/lib ]]
	install_sh
	mkdir "$machine/var/lib/hostdev-hook"
	touch "$machine/var/lib/hostdev-hook/"{a.pins,others}
	install_sh --uninstall
	is "$status" 0
	says "/var/lib/hostdev-hook"
	is "$(cd "$machine/var/lib" && find . -type f)" ./hostdev-hook/others
}

@test "--uninstall stops before anything else where devices are reserved from boot on" {
	install_sh
	mkdir -p "$machine/var/lib/hostdev-hook/generate/bytes"
	touch "$machine/var/lib/hostdev-hook/generate/"{1.setup,lock}
	install_sh --uninstall
	is "$status" 1
	says "hostdevctl generate undo --root $machine --apply"
	[[ -L $machine/etc/libvirt/hooks/qemu ]]
	rm "$machine/var/lib/hostdev-hook/generate/1.setup"
	install_sh --uninstall
	is "$status" 0
	[[ ! -e $machine/var/lib/hostdev-hook ]]
}

@test "--uninstall stops as well where no record tells of what reserves them" {
	install_sh
	printf '#!/bin/sh\n[ "$*" = "generate undo --root %s --json" ] && cat "$0.says"\n' "$machine" > "$machine/usr/bin/hostdevctl"
	chmod 755 "$machine/usr/bin/hostdevctl"
	# The answer is larger than a pipe: a reader that stops at the line it looks for would end the program.
	{ echo '   "changed": true,'; head -c 1000000 /dev/zero | tr '\0' 'x'; } > "$machine/usr/bin/hostdevctl.says"
	install_sh --uninstall
	is "$status" 1
	says "hostdevctl generate undo --root $machine --apply"
	[[ -L $machine/etc/libvirt/hooks/qemu ]]
	echo '   "changed": false' > "$machine/usr/bin/hostdevctl.says"
	install_sh --uninstall
	is "$status" 0
}

@test "what a new version no longer has goes" {
	install_sh
	rm "$product/usr/share/man/man8/hostdev-hook.8"
	install_sh
	is "$status" 0
	[[ ! -e $machine/usr/share/man/man8/hostdev-hook.8 ]]
	install_sh --uninstall
	is "$(listing "$machine")" ""
}

@test "--uninstall is refused while guests have devices, naming them" {
	install_sh
	mkdir -p "$machine/run/hostdev-hook"
	printf 'hostdev-hook journal 1\nboot x\nguest my win11\n' > "$machine/run/hostdev-hook/a.journal"
	before=$(listing "$machine")
	install_sh --uninstall
	is "$status" 1
	says "lent to my win11"
	is "$(listing "$machine")" "$before"
	mv "$machine/run/hostdev-hook/a.journal" "$machine/run/hostdev-hook/a.last"
	install_sh --uninstall
	is "$status" 0
	[[ ! -e $machine/run/hostdev-hook ]]
}

@test "--uninstall without an installation" {
	install_sh --uninstall
	is "$status" 0
	says "not installed"
	mkdir -p "$hooks"
	ln -s /usr/sbin/hostdev-hook "$hooks/qemu"
	install_sh --uninstall
	is "$status" 1
	says "manifest is missing"
	[[ -L $hooks/qemu ]]
}

@test "the family of a distribution" {
	mkdir -p "$machine/etc"
	while read -r want id like; do
		printf 'ID=%s\nID_LIKE="%s"\n' "$id" "$like" > "$machine/etc/os-release"
		with_functions family
		is "$output" "${want#none}"
	done <<- 'END'
		debian debian
		debian ubuntu debian
		debian linuxmint ubuntu debian
		fedora fedora
		fedora nobara fedora
		arch arch
		arch endeavouros arch
		opensuse opensuse-tumbleweed opensuse suse
		opensuse opensuse-leap suse opensuse
		none gentoo
	END
}

@test "each family's package manager is asked once, for what is not there" {
	for manager in apt-get dnf pacman zypper; do
		stub "$manager" '[[ $1 != -Q ]] || exit 1; echo "'"$manager"' $*" >> "'"$BATS_TEST_TMPDIR"'/asked"'
	done
	stub dpkg-query '[[ $4 == gcc ]] && echo "ii "'
	stub rpm '[[ $3 == gcc ]]'
	while read -r kind line; do
		rm -f "$BATS_TEST_TMPDIR/asked"
		with_functions "install_packages $kind build"
		is "$status" 0
		is "$(tail -n 1 "$BATS_TEST_TMPDIR/asked")" "$line"
	done <<- 'END'
		debian apt-get -q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=60 --no-install-recommends install libc6-dev cmake ninja-build pkg-config pci.ids libxml2-dev libpci-dev libkmod-dev libvirt-dev libsystemd-dev libsmartcols-dev libmount-dev libmnl-dev libssl-dev
		fedora dnf -y --setopt=install_weak_deps=False install cmake ninja-build pkgconf-pkg-config hwdata libxml2-devel pciutils-devel kmod-devel libvirt-devel systemd-devel libsmartcols-devel libmount-devel libmnl-devel openssl-devel
		opensuse zypper --non-interactive install --no-recommends cmake ninja pkg-config hwdata libxml2-devel pciutils-devel libkmod-devel libvirt-devel systemd-devel libsmartcols-devel libmount-devel libmnl-devel libopenssl-devel
		arch pacman -S --noconfirm --needed gcc cmake ninja pkgconf hwdata libxml2 pciutils kmod libvirt systemd-libs util-linux-libs libmnl openssl
	END
}

# As on a machine on which systemd runs; its own is not asked.
with_systemd() { # SCRIPT
	with_functions 'systemd_runs() { true; }; selinux_enforces() { false; }; trap clean_up EXIT; '"$1"
}

@test "the unit is enabled once, and disabled before it goes" {
	stub systemctl 'echo "systemctl $*" >> "'"$BATS_TEST_TMPDIR"'/asked"'
	for folder in usr/lib etc; do
		rm -f "$BATS_TEST_TMPDIR/asked"
		mkdir -p "$product/$folder/systemd/system"
		touch "$product/$folder/systemd/system/hostdev-hook-recover.service"
		# One that was installed before may have been disabled since.
		for _ in 1 2 3; do
			with_systemd install
			is "$status" 0
		done
		run ! grep enable "$machine/usr/share/hostdev-hook/manifest"
		with_systemd uninstall
		is "$status" 0
		is "$(< "$BATS_TEST_TMPDIR/asked")" "systemctl -q enable hostdev-hook-recover.service
systemctl daemon-reload
systemctl daemon-reload
systemctl -q disable hostdev-hook-recover.service
systemctl daemon-reload"
		rm -r "$product/$folder/systemd"
	done
	rm "$BATS_TEST_TMPDIR/asked"
	# Another machine's systemd is not asked.
	install_sh
	install_sh --uninstall
	[[ ! -e $BATS_TEST_TMPDIR/asked ]]
	stub systemctl 'exit 1'
	mkdir -p "$product/usr/lib/systemd/system"
	touch "$product/usr/lib/systemd/system/hostdev-hook-recover.service"
	with_systemd install
	is "$status" 0
	says "run \"systemctl enable hostdev-hook-recover.service\""
}

@test "an installation that is repeated after it was broken off enables the unit" {
	stub systemctl 'echo "systemctl $*" >> "'"$BATS_TEST_TMPDIR"'/asked"'
	mkdir -p "$product/usr/lib/systemd/system"
	touch "$product/usr/lib/systemd/system/hostdev-hook-recover.service"
	for broken in move_foreign_hook keep_packages; do
		rm -f "$BATS_TEST_TMPDIR/asked"
		with_systemd "$broken"'() { exit 9; }; install'
		is "$status" 9
		[[ ! -e $BATS_TEST_TMPDIR/asked ]]
		with_systemd install
		is "$status" 0
		is "$(< "$BATS_TEST_TMPDIR/asked")" "systemctl -q enable hostdev-hook-recover.service"
		with_systemd uninstall
		is "$(listing "$machine")" ""
	done
}

@test "nothing missing: no package manager" {
	stub apt-get "touch '$BATS_TEST_TMPDIR/asked'"
	mkdir -p "$machine/etc"
	echo ID=debian > "$machine/etc/os-release"
	with_functions 'missing_for_build() { :; }; get_dependencies'
	is "$status" 0
	[[ ! -e $BATS_TEST_TMPDIR/asked ]]
}

@test "what stays missing is named, with what to do" {
	with_functions 'missing_for_build() { echo cmake; echo "the library libxml-2.0"; }; get_dependencies'
	is "$status" 1
	says "the build still needs: cmake, the library libxml-2.0"
	says "not known here"
	stub pkg-config 'exit 1'
	stub cmake 'echo "cmake version 3.21.9"'
	with_functions missing_for_build
	says "the library libkmod"
	says "CMake 3.22 or newer (this one is 3.21.9)"
	stub cmake 'echo "cmake version 3.22.1"'
	with_functions missing_for_build
	[[ $output != *CMake* ]]
}

@test "an old libvirt does not run qemu.d: no move" {
	foreign_hook
	with_functions 'hooks=$root$hooks root= keep_existing=yes; libvirt_version() { echo 6.0.0; }; check_hook_place'
	is "$status" 1
	says "does not run the hooks"
	with_functions 'hooks=$root$hooks root= keep_existing=yes; libvirt_version() { echo 10.0.0; }; check_hook_place'
	is "$status" 0
}

@test "how libvirt comes and is started here" {
	mkdir -p "$machine"/{proc/7,etc,usr/sbin}
	echo ID=fedora > "$machine/etc/os-release"
	with_functions advise_libvirt
	says "dnf install libvirt-daemon-kvm"
	for daemon in libvirtd virtqemud; do
		printf '#!/bin/sh\n' > "$machine/usr/sbin/$daemon"
		chmod 755 "$machine/usr/sbin/$daemon"
	done
	# Where both are there, the distribution has turned to the modular one,
	with_functions advise_libvirt
	is "$output" "libvirt is not running: start virtqemud."
	mkdir -p "$machine/run/systemd/system"
	stub systemctl 'exit 1'
	with_functions advise_libvirt
	is "$output" "libvirt is not running: systemctl enable --now virtqemud.socket."
	# unless the admin has enabled the other.
	stub systemctl '[[ "$*" == "-q is-enabled libvirtd.socket" ]]'
	with_functions advise_libvirt
	is "$output" "libvirt is not running: systemctl enable --now libvirtd.socket."
	rm -r "$machine/run"
	echo virtqemud > "$machine/proc/7/comm"
	with_functions advise_libvirt
	is "$output" ""
}
