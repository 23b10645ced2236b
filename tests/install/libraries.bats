#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which packages install.sh marks as installed on purpose, so that their libraries stay.
# shellcheck disable=SC2016,SC2154 # what stands in quotes is for the stubs to expand; variables are set in machine.bash

load machine

# The programs of a build, the machine's libraries and their packages, and what a package manager answers.
libraries() {
	stage=$BATS_TEST_TMPDIR/stage
	mkdir -p "$stage/tree/usr/bin" "$stage/tree/usr/libexec/hostdev-hook"
	printf 'x\0libxml2.so.2\0libkmod.so.2\0libc.so.6\0y' > "$stage/tree/usr/libexec/hostdev-hook/engine"
	printf 'x\0libxml2.so.2\0libvirt.so.0\0libgone.so.1\0libpci.so.3\0' > "$stage/tree/usr/bin/hostdevctl"
	stub ldd 'printf "\tlibsystemd.so.0 => /lib/libsystemd.so.0 (0x1)\n\tlibc.so.6 => /lib/libc.so.6 (0x2)\n"'
	stub ldconfig 'for name in libxml2.so.2 libkmod.so.2 libvirt.so.0 libpci.so.3 libsystemd.so.0 libc.so.6; do
		printf "\t%s (libc6,x86-64) => /lib/there/%s\n\t%s (libc6) => /lib/other/%s\n" $name $name $name $name; done
		# As many as a machine may have: more than a pipe holds.
		seq -f "	libother.so.%.0f (libc6,x86-64) => /lib/there/libother.so" 4000'
	# The owners: libxml2 and libpci3 are dependencies, libvirt is wanted by the admin, libkmod is in no package.
	local owners='name=${file##*/} name=${name%%.*}; [[ $file == /lib/there/* && $name != libkmod ]] || exit 1'
	stub dpkg-query 'case $1 in -W) echo "ii "; exit ;; esac; [[ $2 != /lib/other/* ]] || exit 1
		file=$2; '"$owners"'; echo "diversion by x from: $2"; echo "$name:amd64: /usr$2"'
	stub rpm 'file=${@: -1}; [[ $file == /* ]] || exit 0; '"$owners"'; echo "$name"'
	for manager in apt-mark dnf pacman; do
		stub "$manager" 'echo "'"$manager"' $*" >> "'"$BATS_TEST_TMPDIR"'/asked"
			case "'"$manager"' $*" in
			"dnf -q mark user"*) exit 1 ;;
			"pacman -Qqo"*) file=$2; '"$owners"'; echo "$name" ;;
			*showauto*libvirt) ;;
			*showauto*) echo "$2" ;;
			*repoquery*libvirt) echo user ;;
			*repoquery*) echo dependency ;;
			"pacman -Qqd libvirt") exit 1 ;;
			esac'
	done
}

@test "packages whose libraries are needed, and that nobody wanted, are marked, and how to undo that is told" {
	libraries
	while IFS='|' read -r kind mark undo; do
		rm -f "$BATS_TEST_TMPDIR/asked"
		with_functions "stage=$stage root= ; family() { echo $kind; }; find_packages_to_keep; keep_packages; tell_marked_packages \"\${kept_packages[@]}\""
		is "$status" 0
		is "$(grep -vE 'showauto|repoquery|-Qq[do]|-Q ' "$BATS_TEST_TMPDIR/asked" | tail -n 1)" "$mark"
		says "Marked as installed on purpose, so that no clean-up takes the libraries of hostdev-hook away: libpci libsystemd libxml2"
		says "To undo that: $undo libpci libsystemd libxml2"
	done <<- 'END'
		debian|apt-mark manual libpci libsystemd libxml2|apt-mark auto
		fedora|dnf -q mark install libpci libsystemd libxml2|dnf mark remove
		arch|pacman -D --asexplicit libpci libsystemd libxml2|pacman -D --asdeps
	END
	stub apt-mark 'case $1 in showauto) echo "$2" ;; *) exit 1 ;; esac'
	with_functions "stage=$stage root= ; family() { echo debian; }; find_packages_to_keep; keep_packages"
	is "$status" 0
	says "failed; a clean-up could take away what hostdev-hook needs: libpci libsystemd libvirt libxml2"
}

@test "where no package manager is known, or the machine is another, none is marked" {
	libraries
	with_functions "stage=$stage root= ; family() { :; }; find_packages_to_keep; keep_packages; tell_marked_packages"
	is "$status" 0
	is "$output" ""
	with_functions "stage=$stage; family() { echo debian; }; find_packages_to_keep; keep_packages"
	is "$output" ""
	with_functions "stage=$stage root= ; family() { echo opensuse; }; find_packages_to_keep; keep_packages"
	is "$output" ""
	[[ ! -e $BATS_TEST_TMPDIR/asked ]]
}

@test "what was marked stays in the manifest, also when the next installation finds nothing to mark" {
	libraries
	mkdir -p "$machine/etc"
	echo ID=debian > "$machine/etc/os-release"
	install_sh
	with_functions 'stage=$(mktemp -d); mkdir "$stage/tree"; kept_packages=(libxml2 libpci3); new_manifest' > /dev/null
	says "marked libpci3"
	says "marked libxml2"
	printf '%s\n' "$output" > "$machine/usr/share/hostdev-hook/manifest"
	install_sh
	grep -qx 'marked libxml2' "$machine/usr/share/hostdev-hook/manifest"
	install_sh --uninstall
	says "To undo that: apt-mark auto libpci3 libxml2"
}
