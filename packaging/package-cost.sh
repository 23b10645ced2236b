# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# How much comes with packages that are to be installed, as the package managers say it when they are asked and told no; and how
# packages go again. Read by install.sh, which gives "say" and "root".

# What they say, and nothing is installed. English, as it is read below.
package_forecast() { # FAMILY PACKAGE...
	case $1 in
	debian) LC_ALL=C apt-get --assume-no --no-install-recommends install "${@:2}" ;;
	fedora) LC_ALL=C dnf --assumeno --setopt=install_weak_deps=False install "${@:2}" ;;
	opensuse) LC_ALL=C zypper --non-interactive install --dry-run --no-recommends "${@:2}" ;;
	arch) LC_ALL=C pacman -S --needed --print --print-format 'pacman %s' "${@:2}" ;;
	esac 2> /dev/null < /dev/null || true
}

# "85 packages, 71.1 MB to download, 269 MB on the disk", as far as it is said; or nothing.
package_cost() { # FAMILY PACKAGE...
	package_forecast "$@" | tr -d '\r' | awk '
	function size(text) { # the first "NUMBER UNIT" of a text; a unit of dnf 4 is one letter
		if (!match(text, /[0-9][0-9.,]* *([kKMG]i?B?|B)/)) return ""
		text = substr(text, RSTART, RLENGTH)
		if (text ~ /[kKMG]$/) text = text "B"
		if (text !~ / /) { match(text, /[kKMG]?i?B$/); text = substr(text, 1, RSTART - 1) " " substr(text, RSTART) }
		return text
	}
	function after(words) { return substr($0, index($0, words) + length(words)) }
	/[0-9]+ newly installed/ { count = $0; sub(/ newly installed.*/, "", count); sub(/.* /, "", count) }       # apt
	/^Need to get / { get = size($0) }
	/^After this operation,/ { disk = size($0) }                                                               # apt, dnf 5
	/^ *Install(ing:)? +[0-9]+ [Pp]ackages?/ { match($0, /[0-9]+/); count = substr($0, RSTART, RLENGTH) }      # dnf 4, dnf 5
	/^Total download size:/ { get = size($0) }
	/^Installed size:/ { disk = size($0) }
	/Need to download / { get = size(after("Need to download ")) }
	/^[0-9]+ (new )?packages? to (install|upgrade)/ {                                                          # zypper
		count = $1; if ($0 ~ /, [0-9]+ new/) { count = $0; sub(/ new.*/, "", count); sub(/.* /, "", count) }
	}
	/[Dd]ownload size: / { get = size(after("ownload size:")) }
	/After the operation, additional/ { disk = size(after("additional")) }
	/required by (packages|to be)/ { disk = size($0) }
	/^pacman [0-9]+$/ { count++; bytes += $2 }                                                                 # pacman
	END {
		if (bytes) get = sprintf("%.1f MB", bytes / 1000000)
		if (!count) exit
		text = count (count == 1 ? " package" : " packages")
		if (get) text = text ", " get " to download"
		if (disk) text = text ", " disk " on the disk"
		print text
	}'
}

remove_command() { # FAMILY
	case $1 in
	debian) echo "apt purge --autoremove" ;;
	fedora) echo "dnf remove" ;;
	opensuse) echo "zypper remove --clean-deps" ;;
	arch) echo "pacman -Rs" ;;
	esac
}
