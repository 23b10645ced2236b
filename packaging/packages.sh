# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Which packages this machine has, by its family of distributions, and how more come; and what keeps a clean-up from taking away
# those with the libraries that the installed programs need. Read by install.sh, which gives "say", "root", "source_dir", "stage" and
# "prefix".

: "${root=}" "${stage=}" "${source_dir=}" "${prefix=/usr}"
new_packages=() # that were installed here
lists_fresh=no
kept_packages=() # with libraries that the programs need; a clean-up could have taken them

# The family of distributions this one belongs to, as tests/deps calls it; nothing where it is not known.
family() {
	[[ -r $root/etc/os-release ]] || return 0
	local word words
	# shellcheck source=/dev/null
	words=$(. "$root/etc/os-release" && echo "${ID-} ${ID_LIKE-}")
	for word in $words; do
		case $word in
		debian | ubuntu) echo debian; return ;;
		fedora | rhel) echo fedora; return ;;
		arch) echo arch; return ;;
		opensuse* | suse) echo opensuse; return ;;
		esac
	done
}

has_package() { # FAMILY PACKAGE
	case $1 in
	debian) [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$2" 2> /dev/null) == ii* ]] ;;
	arch) pacman -Q "$2" > /dev/null 2>&1 ;;
	*) rpm -q --whatprovides "$2" > /dev/null 2>&1 ;;
	esac
}

# The names under which programs find their libraries: what they are linked to, and what they open, whose names are in them.
libraries_of() { # PROGRAM...
	{
		ldd "$@" 2> /dev/null | awk '$2 == "=>" { print $1 }'
		grep -aohE 'lib[a-z0-9_+-]+\.so\.[0-9]+' "$@"
	} | grep -v '^libc\.so' | sort -u
}

owner_of() { # FAMILY FILE: the package it belongs to
	case $1 in
	# Where /lib is a link, a file may be listed by either path.
	debian) dpkg-query -S "$2" "/usr$2" "${2#/usr}" 2> /dev/null | awk -F : '!/^diversion / { print $1; exit }' ;;
	arch) pacman -Qqo "$2" 2> /dev/null ;;
	*) rpm -qf --qf '%{NAME}\n' "$2" 2> /dev/null ;;
	esac
}

# Was it only installed as something that another package needs?
is_dependency() { # FAMILY PACKAGE
	case $1 in
	debian) [[ -n $(apt-mark showauto "$2" 2> /dev/null) ]] ;;
	fedora) [[ $(dnf -q repoquery --installed --qf '%{reason}\n' "$2" 2> /dev/null) == *[Dd]ependency* ]] ;;
	opensuse) false ;; # zypper cannot mark a package, and takes none away that nobody has named
	arch) pacman -Qqd "$2" > /dev/null 2>&1 ;;
	esac
}

# Of Debian's packages, say, libxml2 comes only as what libxml2-dev needs, and goes with it when the build is cleaned up.
find_packages_to_keep() {
	local kind known library file package
	kind=$(family)
	[[ -z $root && -n $kind ]] || return 0
	# A root's shell may have come without the folder that it is in.
	known=$(PATH=$PATH:/usr/sbin:/sbin ldconfig -p) || return 0
	for library in $(libraries_of "$stage/tree$prefix/libexec/hostdev-hook/engine" "$stage/tree$prefix/bin/hostdevctl"); do
		file=$(awk -v name="$library" '$1 == name { print $NF; exit }' <<< "$known")
		package=
		[[ -z $file ]] || package=$(owner_of "$kind" "$file") || true
		if [[ -n $package && " ${kept_packages[*]} " != *" $package "* ]] && is_dependency "$kind" "$package"; then
			kept_packages+=("$package")
		fi
	done
}

mark_packages() { # FAMILY PACKAGE...: as wanted for themselves
	case $1 in
	debian) apt-mark manual "${@:2}" ;;
	fedora) dnf -q mark user "${@:2}" || dnf -q mark install "${@:2}" ;; # dnf 5, dnf 4
	arch) pacman -D --asexplicit "${@:2}" ;;
	esac > /dev/null 2>&1
}

unmark_command() { # FAMILY
	case $1 in
	debian) echo "apt-mark auto" ;;
	fedora) if command -v dnf5 > /dev/null; then echo "dnf mark dependency"; else echo "dnf mark remove"; fi ;;
	arch) echo "pacman -D --asdeps" ;;
	esac
}

keep_packages() {
	[[ ${#kept_packages[@]} -gt 0 ]] || return 0
	if mark_packages "$(family)" "${kept_packages[@]}"; then
		say "Marked as installed on purpose, so that no clean-up takes the libraries of hostdev-hook away: ${kept_packages[*]}"
	else
		say "Marking these packages as installed on purpose failed; a clean-up could take away what hostdev-hook needs: ${kept_packages[*]}"
	fi
}

still_there() { # FAMILY PACKAGE...: those of them that are installed, in one line
	local package
	local -a there=()
	for package in "${@:2}"; do
		! has_package "$1" "$package" || there+=("$package")
	done
	echo "${there[*]}"
}

tell_marked_packages() { # PACKAGE...
	local kind there
	kind=$(family) there=$(still_there "$kind" "$@")
	[[ -z $there ]] || say "Packages with the libraries of hostdev-hook were marked as installed on purpose." \
		"To undo that: $(unmark_command "$kind") $there"
}

# --- what is to be installed ---

packages() { # FAMILY PURPOSE
	awk -v family="$1" -v purpose="$2" \
		'$1 == family && $2 == purpose { for (i = 3; i <= NF; i++) print $i }' "$source_dir/tests/deps"
}

wanted_packages() { # FAMILY PURPOSE: those of them that are not here
	local package
	for package in $(packages "$1" "$2"); do
		has_package "$1" "$package" || echo "$package"
	done
}

# Once: before anything is asked of them.
refresh_lists() { # FAMILY
	[[ $1 == debian && $lists_fresh == no ]] || return 0
	lists_fresh=yes
	quietly "Reading the lists of packages" apt-get -q -o Acquire::Retries=2 update ||
		say "apt-get update failed; trying with the package lists that are there."
}

install_named() { # FAMILY PACKAGE...; false when the package manager failed
	local -a command=()
	case $1 in
	debian) command=(env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -q -y -o Dpkg::Use-Pty=0
		-o DPkg::Lock::Timeout=60 --no-install-recommends install) ;;
	fedora) command=(dnf -y --setopt=install_weak_deps=False install) ;;
	opensuse) command=(zypper --non-interactive install --no-recommends) ;;
	# Not -Sy: new lists without an upgrade would leave a half upgraded system.
	arch) command=(pacman -S --noconfirm --needed) ;;
	esac
	quietly "Installing packages" "${command[@]}" "${@:2}" || return
	new_packages+=("${@:2}")
}

install_packages() { # FAMILY PURPOSE; false when the package manager failed
	local -a wanted=()
	mapfile -t wanted < <(wanted_packages "$1" "$2")
	[[ ${#wanted[@]} -gt 0 ]] || return 0
	refresh_lists "$1"
	say "Installing packages: ${wanted[*]}"
	install_named "$1" "${wanted[@]}"
}

# What may help where the package manager did not find all that is wanted.
extra_repository() { # FAMILY
	local id version
	# shellcheck source=/dev/null
	id=$(. "$root/etc/os-release" && echo "${ID-}") version=$(. "$root/etc/os-release" && echo "${VERSION_ID-}")
	case $id in
	rhel) echo "switch on CodeReady Builder: subscription-manager repos --enable codeready-builder-for-rhel-${version%%.*}-$(uname -m)-rpms" ;;
	almalinux | rocky | centos) echo "switch on the repository CRB: dnf config-manager --set-enabled crb" ;;
	ol) echo "switch on CodeReady Builder: dnf config-manager --set-enabled ol${version%%.*}_codeready_builder" ;;
	sles | sled) echo "switch on the modules with development tools: SUSEConnect -p sle-module-development-tools/$version/$(uname -m)" \
		"and SUSEConnect -p PackageHub/$version/$(uname -m)" ;;
	esac
}
