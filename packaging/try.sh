# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The show: what it downloads and leaves, which is said before and after, and how that goes again. Read by install.sh, which
# gives "say", "fail", "need_root", "packages", "has_package", "install_packages", "family", "yes" and "source_dir". What is shown
# is for tests/lab/try to know.

: "${source_dir=}" "${yes=no}"
lab_cache=$(realpath -m -- "${HOSTDEV_LAB_CACHE:-/var/cache/hostdev-hook-lab}") # as tests/lab/cache.sh has it
lab_packages=$lab_cache/packages                            # that --try has installed, one a line

missing_for_lab() {
	local tool
	for tool in mmdebstrap mke2fs; do
		command -v "$tool" > /dev/null || printf '%s ' "$tool"
	done
}

machine_is_built() { compgen -G "$lab_cache/trixie-????????????" > /dev/null; }

# As people say it.
size_of() { # FOLDER
	local megabytes
	megabytes=$(du -sm -- "$1" 2> /dev/null | cut -f 1)
	if ((${megabytes:=0} < 1000)); then
		echo "$megabytes MB"
	else
		echo "$((megabytes / 1000)).$((megabytes % 1000 / 100)) GB"
	fi
}

tell_what_try_takes() { # PACKAGES
	local free folder=$lab_cache
	if ! machine_is_built; then
		while [[ ! -d $folder && -n $folder ]]; do folder=${folder%/*}; done
		folder=${folder:-/}
		say "The show runs in an emulated computer, which is built now: that downloads about 300 MB from Debian and takes" \
			"some minutes. 1.7 GB of it stay in $lab_cache for the next time."
		free=$(df -Pm -- "$folder" 2> /dev/null | awk 'NR == 2 { print $4 }') || free=
		[[ -z $free ]] || ((free > 3500)) || fail "not tried: that needs 3.5 GB of room in $folder, and $free MB are free." \
			"Nothing was changed. For another folder: sudo HOSTDEV_LAB_CACHE=FOLDER ./install.sh --try, and so with --clean"
	fi
	[[ -z $1 ]] || say "It needs packages that are not here: $1. They are all that --try installs."
}

# get_lab_packages TOOLS - asks first, where somebody can answer.
get_lab_packages() {
	local package kind answer
	local -a wanted=()
	kind=$(family)
	[[ -z $1 || $kind == debian ]] || fail "the emulated computer needs: $1; install them by hand (this is automatic on" \
		"Debian and Ubuntu), then run this again"
	if [[ -n $1 ]]; then
		for package in $(packages "$kind" lab); do
			has_package "$kind" "$package" || wanted+=("$package")
		done
	fi
	tell_what_try_takes "${wanted[*]}"
	if [[ $yes == no && -t 0 ]] && { [[ -n $1 ]] || ! machine_is_built; }; then
		read -r -p "Go on? [Y/n] " answer || answer=n
		[[ ${answer:-y} == [Yy]* ]] || fail "not tried; nothing was changed"
	fi
	[[ -n $1 ]] || return 0
	install_packages "$kind" lab || fail "the package manager failed (see above)"
	mkdir -p "$lab_cache"
	printf '%s\n' "${wanted[@]}" >> "$lab_packages"
}

packages_of_try() {
	[[ ! -f $lab_packages ]] || sort -u "$lab_packages" | paste -sd ' '
}

try() {
	local status=0 installed
	need_root
	get_lab_packages "$(missing_for_lab)"
	"$source_dir/tests/lab/try" || status=$?
	installed=$(packages_of_try)
	say "All of this happened in the emulated computer; nothing of this host was touched."
	say "What stays here: $lab_cache ($(size_of "$lab_cache"))${installed:+, and the packages $installed}."
	say
	((status > 0)) || say "Next:                           sudo ./install.sh, then sudo hostdevctl check"
	say "To remove what the show leaves: sudo ./install.sh --try --clean"
	return "$status"
}

# What cache.sh makes, under the names that it is given, and what is written beside it.
of_the_lab() { # PATH
	local name=${1##*/} made='((bookworm|trixie|sid)|(initrd|product|tests|install|boots|generator)-[a-z][a-z-]*)'
	[[ ! -L $1 ]] || return
	if [[ -d $1 ]]; then
		[[ $name =~ ^$made(-[0-9a-f]{12}|\.new)$ || $name =~ ^install-[a-z]+-debs$ ]]
	else
		[[ -f $1 && ($name =~ ^$made\.lock$ || $name == packages || $name == console.txt) ]]
	fi
}

# A machine that runs holds a lock on its folder, a build on a file; older ones are known by their root folder and mounts.
refuse_while_lab_runs() {
	local path lock mounted used=
	for path in "$lab_cache"/*; do
		of_the_lab "$path" || continue
		exec {lock}< "$path"
		flock -n "$lock" || used=$path
	done
	for path in /proc/[0-9]*; do
		[[ $(readlink "$path/root" 2> /dev/null) != "$lab_cache"/* ]] || used=$lab_cache
	done
	# What is mounted below NAME.new without a builder was left by one that was killed.
	mounted=$(grep -hsF " $lab_cache/" /proc/[0-9]*/mountinfo | grep -vF ".new/") || :
	[[ -z $mounted ]] || used=$lab_cache
	[[ -z $used ]] || fail "$used is in use, by a show or a test that runs. Nothing was removed; run this again when that has ended"
}

try_clean() {
	local path size installed
	local -a stay=()
	need_root
	[[ -d $lab_cache ]] || { say "There is nothing to remove: $lab_cache is not there."; return; }
	refuse_while_lab_runs
	# shellcheck source=tests/lab/cache.sh
	. "$source_dir/tests/lab/cache.sh"
	size=$(size_of "$lab_cache") installed=$(packages_of_try)
	for path in "$lab_cache"/* "$lab_cache"/.[!.]*; do
		[[ -e $path || -L $path ]] || continue
		if of_the_lab "$path"; then
			cache_discard "$path"
		else
			stay+=("$path")
		fi
	done
	if [[ ${#stay[@]} -eq 0 ]]; then
		# One to which the admin's link leads is his, and a mounted one stays by itself.
		[[ -L ${HOSTDEV_LAB_CACHE:-/var/cache/hostdev-hook-lab} ]] || rmdir -- "$lab_cache" 2> /dev/null || :
		say "Removed $lab_cache: $size are free again."
	else
		say "Removed what the show had left in $lab_cache. These are not the show's, and stay: ${stay[*]}"
	fi
	[[ -z $installed ]] || say "These packages were installed for it: $installed. To remove them: apt purge --autoremove $installed"
}
