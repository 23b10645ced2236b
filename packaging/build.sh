# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# How the programs are built: what that needs and how it comes, under whose name and with which places built in, and what is taken
# instead when they were built elsewhere. Read by install.sh, which gives "say", "fail", "root", "prefix", "hooks", "stage", "yes",
# "source_dir" and "build_dir".

: "${root=}" "${prefix=/usr}" "${hooks=/etc/libvirt/hooks}" "${stage=}" "${yes=no}" "${source_dir=}" "${build_dir=}" "${manifest=}"
: "${prefix_named=no}" "${hooks_named=no}"

# --- what the build needs ---

# What the build cannot find, one a line. Asked of the tools themselves: how a package is called matters only where
# one must be fetched.
missing_for_build() {
	local tool library version
	for tool in cc cmake ninja pkg-config; do
		command -v "$tool" > /dev/null || echo "$tool"
	done
	for library in libxml-2.0 libpci libkmod libmnl libvirt smartcols mount libcrypto; do
		pkg-config --exists "$library" 2> /dev/null || echo "the library $library (with its headers)"
	done
	# Without it no unit can be stopped, which is as it should be only where there is no systemd.
	# That of this machine is meant, where it is built, and not of a folder that is empty yet.
	[[ -z $(root='' family) ]] || pkg-config --exists libsystemd 2> /dev/null || echo "the library libsystemd (with its headers)"
	[[ -e /usr/share/misc/pci.ids || -e /usr/share/hwdata/pci.ids ]] || echo "pci.ids (the names of PCI devices)"
	if version=$(cmake --version 2> /dev/null); then
		version=$(head -n 1 <<< "$version") version=${version##* }
		[[ $(printf '3.22\n%s\n' "$version" | sort -V | head -n 1) == 3.22 ]] || echo "CMake 3.22 or newer (this one is $version)"
	fi
}

# Says what will come, how much and how it goes again, before anything does.
ask_for_packages() { # FAMILY PACKAGE...
	local cost answer
	refresh_lists "$1"
	cost=$(package_cost "$@")
	say "To build hostdev-hook, this machine needs packages that are not here: ${*:2}"
	if [[ -n $cost ]]; then
		say "With what they need in turn that is: $cost."
	else
		say "The package manager does not tell how much that is (packages named here: $(($# - 1)))."
	fi
	say "To remove them afterwards: $(remove_command "$1") ${*:2}"
	[[ $yes == no ]] || return 0
	if [[ ! -t 0 ]]; then
		say "Going on without a question, as there is no terminal for it."
		return
	fi
	read -r -p "Install them? [Y/n] " answer || answer=n
	[[ ${answer:-y} == [Yy]* ]] || fail "not installed; nothing was changed"
}

get_dependencies() {
	local missing kind advice=
	local -a wanted=()
	missing=$(missing_for_build)
	kind=$(family)
	if [[ -z $root && -n $kind ]]; then
		if [[ -z $missing ]]; then
			mapfile -t wanted < <(selinux_packages "$kind")
		elif ! is_writable /usr/share; then
			fail_without_packages "$kind" "$missing"
		else
			mapfile -t wanted < <(wanted_packages "$kind" build; selinux_packages "$kind")
		fi
		if [[ ${#wanted[@]} -gt 0 ]]; then
			ask_for_packages "$kind" "${wanted[@]}"
			install_named "$kind" "${wanted[@]}" || advice=$(extra_repository "$kind")
			missing=$(missing_for_build)
		fi
	fi
	[[ -n $missing ]] || return 0
	case $kind in
	debian) advice="see what apt-get says above" ;;
	fedora) advice="${advice:-see what dnf says above}" ;;
	opensuse) advice="${advice:-see what zypper says above}" ;;
	arch) advice="run \"pacman -Syu\" first" ;;
	*) advice="this distribution is not known here: install these by hand" ;;
	esac
	fail "the build still needs: ${missing//$'\n'/, }; $advice, then run this again"
}

# --- build ---

# The tree's owner, called by sudo, builds it himself where he can: no file of root's stays in his tree.
builder() {
	local user=${SUDO_USER-} folder
	[[ -n $user && $user != root && $EUID -eq 0 ]] || return 0
	for folder in "$source_dir" "${build_dir%/*}" "$build_dir"; do
		[[ ! -e $folder || $(stat -c %U "$folder") == "$user" ]] || return 0
	done
	printf '%s\n' sudo -H -u "$user"
}

configure_and_build() { # WORD...: what is to be said before each command
	# systemd looks below /usr and /usr/local only.
	local unit_dir=$prefix/lib/systemd/system
	[[ $prefix == /usr || $prefix == /usr/local ]] || unit_dir=/etc/systemd/system
	cd "$source_dir" && "$@" cmake --preset release -DCMAKE_INSTALL_PREFIX="$prefix" \
		-DHOSTDEV_HOOK_DIR="$hooks" -DHOSTDEV_UNIT_DIR="$unit_dir" -DBUILD_TESTING=OFF -DHOSTDEV_WERROR=OFF &&
		"$@" cmake --build "$build_dir"
}

build() {
	local -a as
	mapfile -t as < <(builder)
	# shellcheck disable=SC2034 # of a compiler more lines are needed
	local log_lines=40
	quietly "Building hostdev-hook in $build_dir" in_a_shell configure_and_build "${as[@]}" ||
		fail "the build failed (its last lines are above); nothing was installed"
	quietly "Gathering what is to be installed" env DESTDIR="$stage/tree" cmake --install "$build_dir" --prefix "$prefix" ||
		fail "cmake --install failed (its last lines are above); nothing was installed"
	rm -f "$build_dir/install_manifest.txt" # speaks of the empty folder, and is root's
}

in_a_shell() { ("$@"); }

# What was built elsewhere says itself for which places.
take_build() { # FOLDER
	local link there
	link=$(cd "$1" && find . -type l -name qemu -lname '/*/sbin/hostdev-hook' -printf '/%P\n' -quit)
	[[ -n $link ]] || fail "$1 holds no hostdev-hook that --destdir has put there; nothing was changed"
	[[ $hooks_named == no || $hooks == "${link%/qemu}" ]] ||
		fail "what is in $1 was built for hooks in ${link%/qemu}, and not in $hooks; nothing was changed"
	# shellcheck disable=SC2034 # as if they had been given as options
	hooks=${link%/qemu} hooks_named=yes
	link=$(readlink "$1$link") there=${link%/sbin/hostdev-hook}
	[[ $prefix_named == no || $prefix == "$there" ]] ||
		fail "what is in $1 was built for the prefix $there, and not for $prefix; nothing was changed"
	prefix_named=yes
	place_at "$there"
	[[ -e $1$manifest ]] || fail "$1 holds a hostdev-hook that --destdir has not put there: $manifest is missing; nothing was changed"
}

# Only what the manifest there names: the folder may be a whole system.
copy_build() { # FOLDER
	local path
	mkdir "$stage/tree"
	build_has dir "$1" | while read -r path; do mkdir -p "$stage/tree$path"; done
	{ build_has file "$1"; build_has config "$1"; build_has link "$1"; } | while read -r path; do
		mkdir -p "$stage/tree${path%/*}"
		cp -T --no-dereference --preserve=mode,timestamps,links "$1$path" "$stage/tree$path" ||
			fail "$1$path is missing, which was built; nothing was changed"
	done
}

build_has() { # KIND FOLDER
	local root=$2
	manifest_of "$1"
}
