# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Another hook in the place of ours: how it is recognised, where it goes and how it comes back. A dispatcher, an old hook that
# only runs the scripts in qemu.d, is set aside, as hostdev-hook runs them itself; any other is kept in qemu.d if the admin says so.
# Read by install.sh, which gives "say", "fail", "root", "hooks", "program", "manifest", "source_dir" and "keep_existing".

: "${root=}" "${hooks=/etc/libvirt/hooks}" "${program=}" "${manifest=}" "${source_dir=}" "${keep_existing=no}"

ours() { [[ -L $root$hooks/qemu && $(readlink "$root$hooks/qemu") == "$program" ]]; }
something_at() { [[ -e $1 || -L $1 ]]; }

libvirt_version() {
	local daemon
	for daemon in libvirtd virtqemud; do
		"$daemon" --version 2> /dev/null | awk '{ print $NF; exit }' | grep . && return
	done
	return 0
}

# The marks of a dispatcher, from the one list there is: "hostdevctl check" knows it by the same.
dispatcher_marks() {
	awk '/FIND_HOOK_DISPATCHER, TOOL_HOOK,/ { text = $0; getline; text = text $0
		n = split(text, part, /NULL, "/); sub(/",[ \t]*"[^"]*"},?[ \t]*$/, "", part[n]); gsub(/\\"/, "\"", part[n]); print part[n] }' \
		"$source_dir/model/tool-sign.c" | tr '|' '\n'
}

is_dispatcher() { # FILE
	local marks
	[[ -f $1 ]] && marks=$(dispatcher_marks) && [[ -n $marks ]] || return
	sed -e 's/^[[:space:]]*#.*//' -e 's/[[:space:]]#.*//' "$1" | grep -aF -e "$marks" > /dev/null
}

# The commands of a shell script, each where one can begin, that no dispatcher needs, and what it writes to the kernel: of a hook that
# has some, setting it aside would lose them. Rather one too many than one too few. \001 stands for a variable.
other_commands() { # FILE
	sed -e 's/^[[:space:]]*#.*//' -e 's/[[:space:]]#.*//' "$1" | awk '
	BEGIN {
		split("if then else elif fi for while until do done case esac in function select time exec eval command env timeout nice nohup xargs", word)
		for (i in word) passed[word[i]] = 1
		split("[ [[ ]] test true false set shopt . source exit return export local declare readonly typeset unset shift read echo printf " \
			"logger cat dirname basename readlink realpath find sort ls grep sed awk cut tr head tail tee mktemp rm date bash sh sleep " \
			"wait pwd cd trap break continue mapfile readarray run-parts pushd popd id uname hostname umask type let", word, " ")
		for (i in word) harmless[word[i]] = 1
	}
	{
		if (match($0, /[^"=[:space:]]*\/(sys|proc)\/[^[:space:]]*/)) print substr($0, RSTART, RLENGTH)
		if (match($0, /^[[:space:]]*(function +)?[A-Za-z_][A-Za-z0-9_-]* *\( *\)/)) {
			name = $0; sub(/^[[:space:]]*(function +)?/, "", name); sub(/ *\(.*/, "", name); harmless[name] = 1
			sub(/^[[:space:]]*(function +)?[^(]*\( *\)/, "")
		}
		gsub(/\$(\{[^}]*\}|[A-Za-z0-9_@*#?]+)/, "\001")
		while (match($0, /\$\([^()]*\)|`[^`]*`/)) {
			inner = substr($0, RSTART, RLENGTH); gsub(/^\$\(|^`|[`)]$/, "", inner)
			$0 = substr($0, 1, RSTART - 1) "\001" substr($0, RSTART + RLENGTH) " ; " inner
		}
		if ($0 ~ /(^|[;[:space:]])case[[:space:]]/) in_case++
		if (in_case) {
			sub(/^[[:space:]]*[^();[:space:]]+([[:space:]]*\|[[:space:]]*[^();[:space:]]+)*[[:space:]]*\)/, "")
			gsub(/;;[[:space:]]*[^();[:space:]]+\)/, ";;")
		}
		if ($0 ~ /(^|[;[:space:]])esac([;[:space:]]|$)/) in_case--
		gsub(/\$\(|[|;&(){}!`]/, " ; ")
		gsub(/[\\"\047]/, "")
		count = split($0, part, " ; ")
		for (i = 1; i <= count; i++) {
			fields = split(part[i], field, /[[:space:]]+/)
			for (j = 1; j <= fields; j++) {
				text = field[j]
				if (text == "" || text in passed || text ~ /^[A-Za-z_][A-Za-z0-9_]*\+?=/ || text ~ /^[-0-9<>]/) continue
				# The name behind "for" and "case" is none, nor is what is listed or matched there.
				if (j > 1 && field[j - 1] ~ /^(for|case|function|select|in)$/) break
				sub(/^\/(usr\/)?(local\/)?s?bin\//, "", text)
				if (text !~ /^\001/ && text ~ /[A-Za-z]/ && !(text in harmless)) print text
				break
			}
		}
	}' | sort -u
}

# Refuses before anything is changed.
check_hook_place() {
	local version more
	if ! ours && is_dispatcher "$root$hooks/qemu"; then
		more=$(other_commands "$root$hooks/qemu")
		[[ -z $more ]] || fail "$root$hooks/qemu runs the scripts in qemu.d, as hostdev-hook does itself, and seems to do more:" \
			"${more//$'\n'/, }. Nothing was changed. Move what it does besides into a script in $hooks/qemu.d/, take the rest away" \
			"(both would run every script twice), and run this again"
	fi
	something_at "$root$hooks/qemu" && ! ours && ! is_dispatcher "$root$hooks/qemu" || return 0
	[[ $keep_existing == yes ]] || fail "$root$hooks/qemu is another hook and stays as it is; nothing was changed. To have" \
		"both, run this again with --keep-existing: it moves that hook to $hooks/qemu.d/, where libvirt runs it too"
	if something_at "$root$hooks/qemu.d" && [[ ! -d $root$hooks/qemu.d ]]; then
		fail "$root$hooks/qemu.d is no folder; move it away first. Nothing was changed"
	fi
	version=$(libvirt_version)
	if [[ -z $root && -n $version && $(printf '6.5.0\n%s\n' "$version" | sort -V | head -n 1) != 6.5.0 ]]; then
		fail "libvirt $version does not run the hooks in $hooks/qemu.d (6.5 does); $hooks/qemu stays. Nothing was changed"
	fi
}

free_name() { # PATH: it, or with a number behind it
	local path=$1 count=1
	while something_at "$root$path"; do
		count=$((count + 1)) path=$1-$count
	done
	echo "$path"
}

# Each new place goes into the manifest before the move.
move_foreign_hook() {
	local from=$root$hooks/qemu
	something_at "$from" && ! ours || return 0
	if is_dispatcher "$from"; then set_hook_aside "$from"; else keep_foreign_hook "$from"; fi
}

# Beside its old place, so that a relative link stays right; libvirt runs nothing of this name.
set_hook_aside() { # FROM
	local to files
	to=$(free_name "$hooks/qemu.before-hostdev-hook")
	echo "aside $(stat -c %a "$1")-$(print_of "$1") $to" >> "$root$manifest"
	mv -nT "$1" "$root$to"
	[[ -L $root$to ]] || chmod a-x "$root$to"
	say "The hook that was in $hooks/qemu only runs the scripts in $hooks/qemu.d. hostdev-hook runs them itself, so that hook is now"
	say "  $to, where nobody runs it (both would have run every script twice). --uninstall moves it back."
	# Some dispatchers run a file in the place of an operation's folder, too.
	files=$(find "$root$hooks/qemu.d" -mindepth 3 -maxdepth 3 -type f -perm /111 -printf "$hooks/qemu.d/%P\n" 2> /dev/null | sort) || files=
	[[ -z $files ]] || say "  CHECK THIS: hostdev-hook runs the files in a folder of this name, and here is a file: ${files//$'\n'/, }"
}

keep_foreign_hook() { # FROM
	local to target
	to=$(free_name "$hooks/qemu.d/50-kept-qemu")
	[[ -d $root$hooks/qemu.d ]] || { echo "dir $hooks/qemu.d" >> "$root$manifest"; mkdir "$root$hooks/qemu.d"; }
	if [[ -L $1 && $(readlink "$1") != /* ]]; then
		# One folder deeper, a relative link needs one step more to lead to the same file.
		target=$(readlink "$1")
		echo "kept $(printf '../%s\n' "$target" | sha256sum | cut -d ' ' -f 1) $to" >> "$root$manifest"
		ln -s "../$target" "$root$to"
		rm "$1"
	else
		echo "kept $(print_of "$1") $to" >> "$root$manifest"
		mv -nT "$1" "$root$to"
	fi
	say "The hook that was in $hooks/qemu is now $to; libvirt runs it after hostdev-hook."
	if grep -qsE 'dirname.*(\$\{?0|BASH_SOURCE)|\$\{(0|BASH_SOURCE[^}]*)%/\*\}' "$root$to"; then
		say "  CHECK IT: it looks for its files beside itself, and now finds none. Write $hooks there instead."
	fi
}

# Uninstalling: a hook goes back, if it is still what was moved and nothing has taken its place.
return_foreign_hook() { # PRINT PATH
	local to=$root$hooks/qemu from=$root$2 target mode=
	if [[ $1 == *-* ]]; then mode=${1%%-*}; fi
	something_at "$from" || return 0
	if something_at "$to" || [[ $(print_of "$from") != "${1#*-}" ]]; then
		say "Left: $2 was changed since it was moved there, or $hooks/qemu is taken. Move it back by hand."
	elif [[ -z $mode && -L $from && $(readlink "$from") == ../* ]]; then
		target=$(readlink "$from")
		if ln -s "${target#../}" "$to" && rm "$from"; then say "Moved back: $hooks/qemu"; else not_moved_back "$2"; fi
	elif mv -nT "$from" "$to"; then
		[[ -z $mode || -L $to ]] || chmod "$mode" "$to"
		say "Moved back: $hooks/qemu"
	else
		not_moved_back "$2"
	fi
}

not_moved_back() { say "Left: $1 could not be moved back to $hooks/qemu (see above). Move it by hand." >&2; } # PATH

return_foreign_hooks() {
	local path
	for path in $(manifest_of kept); do return_foreign_hook "$(print_in_manifest kept "$path")" "$path"; done
	for path in $(manifest_of aside); do return_foreign_hook "$(print_in_manifest aside "$path")" "$path"; done
}
