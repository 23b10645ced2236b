#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What install.sh says of packages before they come, what it asks, where the noise goes, and what it says when they do not come.
# shellcheck disable=SC2016,SC2154 # what stands in quotes is for the stubs and for install.sh's functions to expand

load machine

# A Debian without what the build needs; apt-get answers like the real one, and apt-get install mends what is missing.
debian() {
	mkdir -p "$machine/etc"
	echo ID=debian > "$machine/etc/os-release"
	stub dpkg-query 'exit 1'
	stub apt-get 'echo "$*" >> "'"$BATS_TEST_TMPDIR"'/asked"
		case "$*" in
		*--assume-no*) echo "0 upgraded, 85 newly installed, 0 to remove and 2 not upgraded."
			echo "Need to get 71.1 MB of archives."
			echo "After this operation, 269 MB of additional disk space will be used."; exit 1 ;;
		*install*) echo "Setting up cmake (3.25.1-1) ..."; touch "'"$BATS_TEST_TMPDIR"'/mended" ;;
		esac'
	get='root= ; family() { echo debian; }; is_writable() { true; }; selinux_packages() { :; }
		log_begin() { log=$TMPDIR/log; : >> "$log"; }
		missing_for_build() { [[ -e '"$BATS_TEST_TMPDIR"'/mended ]] || echo cmake; }; '
}

on_a_terminal() { # ANSWER SCRIPT
	printf '. "%s"; root=%q; %s\n' "$tree/install.sh" "$machine" "$2" > "$BATS_TEST_TMPDIR/script"
	run script -qec "bash $BATS_TEST_TMPDIR/script" /dev/null <<< "$1"
}

@test "how much comes, from what each package manager says" {
	while IFS='|' read -r family want text; do
		stub "${family#*:}" 'printf "%b\n" "'"$text"'"; exit 1'
		with_functions "package_cost ${family%:*} a b"
		is "$output" "$want"
	done <<- 'END'
		debian:apt-get|85 packages, 71.1 MB to download, 269 MB on the disk|0 upgraded, 85 newly installed, 0 to remove and 2 not upgraded.\nNeed to get 71.1 MB of archives.\nAfter this operation, 269 MB of additional disk space will be used.
		debian:apt-get|1 package, 0 B to download, 1,024 kB on the disk|0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.\nNeed to get 0 B/310 kB of archives.\nAfter this operation, 1,024 kB of additional disk space will be used.
		debian:apt-get||E: Unable to locate package a
		fedora:dnf|102 packages, 35 MiB to download, 121 MiB on the disk|Transaction Summary:\n Installing:       102 packages\n\nTotal size of inbound packages is 36 MiB. Need to download 35 MiB.\nAfter this operation, 121 MiB extra will be used (install 121 MiB, remove 0 B).
		fedora:dnf|39 packages, 571 kB to download, 2.2 MB on the disk|Transaction Summary\n=====\nInstall  39 Packages\n\nTotal download size: 571 k\nInstalled size: 2.2 M\nOperation aborted.
		opensuse:zypper|21 packages, 36.4 MiB to download, 85.7 MiB on the disk|21 new packages to install.\nOverall download size: 36.4 MiB. Already cached: 0 B. After the operation, additional 85.7 MiB will be used.
		opensuse:zypper|3 packages, 423.6 KiB to download, 1.8 MiB on the disk|2 packages to upgrade, 3 new.\n\nPackage download size:   423.6 KiB\n\nPackage install size change:\n              \|       1.8 MiB  required by packages that will be installed\n     1.8 MiB  \|  -      0 B    released by packages that will be removed
		arch:pacman|2 packages, 3.0 MB to download|pacman 1000000\npacman 2000000
	END
}

@test "names, sizes and the way back are said first; on a terminal n leaves all as it is" {
	needs_program script
	debian
	on_a_terminal n "$get get_dependencies"
	is "$status" 1
	says "packages that are not here: gcc libc6-dev cmake"
	says "that is: 85 packages, 71.1 MB to download, 269 MB on the disk."
	says "To remove them afterwards: apt purge --autoremove gcc libc6-dev cmake"
	says "Install them? [Y/n]"
	says "not installed; nothing was changed"
	[[ $(< "$BATS_TEST_TMPDIR/asked") != *" -y "* ]]
}

@test "on a terminal the end of the input is no" {
	needs_program script
	debian
	on_a_terminal $'\004' "$get get_dependencies"
	is "$status" 1
	says "not installed; nothing was changed"
}

@test "on a terminal the empty answer is yes, and a line moves meanwhile" {
	needs_program script
	debian
	stub apt-get 'case "$*" in *--assume-no*) ;; *install*) echo "Setting up cmake (3.25.1-1) ..."; sleep 1.5
		touch "'"$BATS_TEST_TMPDIR"'/mended" ;; esac'
	on_a_terminal "" "$get get_dependencies"
	is "$status" 0
	local moved=$'\rInstalling packages: [1-9][0-9]* s  Setting up cmake \\(3\\.25\\.1-1\\) \\.\\.\\.'
	[[ $output =~ $moved ]]
	says "Installing packages: done in"
}

@test "--yes asks nothing; without a terminal it goes on and says so; what the package manager says is in the log" {
	debian
	with_functions "$get"'yes=yes; get_dependencies'
	is "$status" 0
	[[ $output != *"[Y/n]"* && $output != *"Going on"* && $output != *"Setting up"* ]]
	grep -q "Setting up cmake" "$TMPDIR/log"
	rm "$BATS_TEST_TMPDIR/mended"
	with_functions "$get"'get_dependencies < /dev/null'
	is "$status" 0
	says "Going on without a question, as there is no terminal for it."
}

@test "where the package manager does not tell how much comes, their number is said" {
	debian
	stub apt-get 'case "$*" in *--assume-no*) ;; *install*) touch "'"$BATS_TEST_TMPDIR"'/mended" ;; esac'
	with_functions "$get"'wanted_packages() { printf "%s\n" cmake gcc; }; yes=yes; get_dependencies'
	is "$status" 0
	says "does not tell how much that is (packages named here: 2)."
}

@test "nothing to install: no question, and no list of packages is read" {
	debian
	touch "$BATS_TEST_TMPDIR/mended"
	with_functions "$get"'get_dependencies'
	is "$status" 0
	is "$output" ""
	[[ ! -e $BATS_TEST_TMPDIR/asked ]]
}

@test "when packages do not come, the end of what was said is shown, and the log is named" {
	debian
	stub apt-get 'case "$*" in *--assume-no*) ;; *install*) seq -f "line %g" 100; echo "E: Unable to locate package cmake"; exit 100 ;; esac'
	with_functions "$get"'get_dependencies'
	is "$status" 1
	says "  E: Unable to locate package cmake"
	says "All of it is in $TMPDIR/log"
	says "the build still needs: cmake; see what apt-get says above"
	[[ $output != *"line 50"* ]]
	grep -qx "line 50" "$TMPDIR/log"
}

@test "where a distribution has a repository of its own for developers, it is named when packages do not come" {
	stub dnf 'exit 1'
	stub zypper 'exit 1'
	stub rpm 'exit 1'
	mkdir -p "$machine/etc"
	while IFS='|' read -r family id version want; do
		printf 'ID=%s\nVERSION_ID=%s\n' "$id" "$version" > "$machine/etc/os-release"
		with_functions 'is_writable() { true; }; selinux_packages() { :; }; missing_for_build() { echo ninja; }; machine=$root root= 
			family() { echo '"$family"'; }
			eval "$(declare -f extra_repository | sed s/extra_repository/original/)"
			extra_repository() { root=$machine original "$@"; }
			log_begin() { log=$TMPDIR/log; : >> "$log"; }; yes=yes; get_dependencies'
		is "$status" 1
		says "$want"
	done <<- END
		fedora|rhel|9.4|subscription-manager repos --enable codeready-builder-for-rhel-9-$(uname -m)-rpms
		fedora|almalinux|10.0|dnf config-manager --set-enabled crb
		fedora|rocky|9.3|dnf config-manager --set-enabled crb
		fedora|ol|9.4|dnf config-manager --set-enabled ol9_codeready_builder
		opensuse|sles|15.6|SUSEConnect -p sle-module-development-tools/15.6/$(uname -m) and SUSEConnect -p PackageHub/15.6/$(uname -m)
		fedora|fedora|42|see what dnf says above
	END
}

@test "what the build needs is asked of the machine it runs on, also with --destdir" {
	stub pkg-config '[[ $2 != libsystemd ]]'
	with_functions 'family() { [[ -n $root ]] || echo debian; }; missing_for_build'
	is "$output" "the library libsystemd (with its headers)"
	with_functions 'family() { :; }; missing_for_build'
	is "$output" ""
}

@test "who calls sudo builds in his own tree himself, where nothing of root's is in his way" {
	needs_root
	local source=$BATS_TEST_TMPDIR/source name
	name=$(id -nu 65534)
	mkdir "$source"
	built_by() { SUDO_USER=$1 with_functions "source_dir=$source build_dir=$source/build/release; builder"; }
	built_by "$name"
	is "$output" ""
	chown 65534 "$source"
	built_by "$name"
	is "$output" $'sudo\n-H\n-u\n'"$name"
	built_by root
	is "$output" ""
	# As "sudo ./install.sh --destdir build/container" makes it.
	mkdir "$source/build"
	built_by "$name"
	is "$output" ""
	chown 65534 "$source/build"
	built_by "$name"
	says "$name"
	mkdir "$source/build/release"
	built_by "$name"
	is "$output" ""
}

@test "what was not meant so is not taken for an option" {
	while read -r word want; do
		run "$tree/install.sh" "$word"
		is "$status" 1
		is "$output" "install.sh: unknown option \"$word\"; did you mean $want? Nothing was changed"
	done <<- 'END'
		uninstall --uninstall
		--unistall --uninstall
		try --try
		-try --try
		--keepexisting --keep-existing
		help --help
	END
	run "$tree/install.sh" ""
	is "$status" 1
}
