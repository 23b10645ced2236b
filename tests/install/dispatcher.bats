#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An old hook that only runs the scripts in qemu.d: install.sh sets it aside, and brings it back.
# shellcheck disable=SC2016,SC2154 # what stands in quotes is a hook's text; variables are set in machine.bash

load machine

dispatcher() {
	mkdir -p "$hooks"
	printf '#!/bin/bash\n%s\n' "${1:-BASEDIR="\$(dirname \$0)"; ls "\$BASEDIR/qemu.d/\$1/\$2/\$3"}" > "$hooks/qemu"
	chmod 755 "$hooks/qemu"
}

aside=qemu.before-hostdev-hook

@test "a dispatcher stops nothing, is set aside where nobody runs it, and --uninstall brings it back as it was" {
	dispatcher
	before=$(listing "$machine")
	install_sh
	is "$status" 0
	says "The hook that was in /etc/libvirt/hooks/qemu only runs the scripts in /etc/libvirt/hooks/qemu.d."
	says "/etc/libvirt/hooks/$aside, where nobody runs it"
	is "$(readlink "$hooks/qemu")" /usr/sbin/hostdev-hook
	is "$(stat -c %a "$hooks/$aside")" 644
	[[ ! -e $hooks/qemu.d ]]
	install_sh
	is "$status" 0
	install_sh --uninstall
	is "$status" 0
	says "Moved back: /etc/libvirt/hooks/qemu"
	is "$(listing "$machine")" "$before"
}

@test "so is it with --keep-existing: both would run each script" {
	dispatcher
	install_sh --keep-existing
	is "$status" 0
	[[ -e $hooks/$aside && ! -e $hooks/qemu.d/50-kept-qemu ]]
}

# As PassthroughPOST/VFIO-Tools has it (0e50fd1), and one with what others do in theirs.
dispatchers=('
BASEDIR="$(dirname $0)"
HOOKPATH="$BASEDIR/qemu.d/$GUEST_NAME/$HOOK_NAME/$STATE_NAME"
set -e # If a script exits with an error, we should as well.
if [ -f "$HOOKPATH" ] && [ -s "$HOOKPATH"] && [ -x "$HOOKPATH" ]; then
    eval \"$HOOKPATH\" "$@"
elif [ -d "$HOOKPATH" ]; then
    while read file; do
        if [ ! -z "$file" ]; then
          eval \"$file\" "$@"
        fi
    done <<< "$(find -L "$HOOKPATH" -maxdepth 1 -type f -executable -print;)"
fi' '
HOOK_FOLDER="$(dirname "$0")/qemu.d/$1/$2/$3"
XML=$(cat)
log() { echo "$(date "+%F %T") hook: $*" >> /var/log/libvirt/hook.log; }
[ -d "$HOOK_FOLDER" ] || exit 0
for script in "$HOOK_FOLDER"/*; do
    [ ! -x "$script" ] || printf "%s" "$XML" | "$script" "$@" || exit 1
done
case "$2/$3" in
prepare/begin) log begin ;;
release/end | stopped/end) log "end" ;;
esac
if [ -f "/etc/libvirt/hooks/qemu.d/$1" ]; then . "/etc/libvirt/hooks/qemu.d/$1"; fi
ls -1 "$HOOK_FOLDER" | sort | while read -r f; do exec "$HOOK_FOLDER/$f" "$@"; done')

@test "one that does more is refused with the names of what it does, and stays" {
	local text other wanted
	for text in "${dispatchers[@]}"; do
		dispatcher "$text"
		install_sh
		is "$status" 0
		install_sh --uninstall
		is "$status" 0
		while IFS='|' read -r wanted other; do
			dispatcher "$text
$other"
			before=$(listing "$machine")
			for option in "" --keep-existing; do
				install_sh $option
				is "$status" 1
				says "seems to do more: $wanted. Nothing was changed."
				is "$(listing "$machine")" "$before"
			done
		done <<- 'END'
			iptables|if [ "$1" = web ]; then /sbin/iptables -t nat -I PREROUTING -p tcp --dport 443 -j DNAT --to 192.168.122.10:443; fi
			cpupower|timeout 5 cpupower frequency-set -g performance
			virsh|state=$(virsh domstate "$1")
			setpci|state=`setpci -s 1:0.0 COMMAND`
			ethtool, modprobe|(cd /tmp && ethtool -K eth0 gro off); { modprobe vfio; }
			ip|case $2 in started) ip route add 10.0.0.0/8 dev virbr0 ;; esac
			/sys/bus/pci/rescan|echo 1 > /sys/bus/pci/rescan
		END
	done
}

@test "a file in the place of an operation's folder, which some dispatchers run, is named" {
	dispatcher
	mkdir -p "$hooks/qemu.d/win11/prepare" "$hooks/qemu.d/win11/release/end"
	for file in prepare/begin release/end/stop.sh; do
		echo '#!/bin/sh' > "$hooks/qemu.d/win11/$file"
		chmod 755 "$hooks/qemu.d/win11/$file"
	done
	install_sh
	says "CHECK THIS: hostdev-hook runs the files in a folder of this name, and here is a file: /etc/libvirt/hooks/qemu.d/win11/prepare/begin"
	[[ $output != *stop.sh* ]]
	install_sh --uninstall
	rm "$hooks/qemu.d/win11/prepare/begin"
	install_sh
	[[ $output != *"CHECK THIS"* ]]
}

@test "the marks are those of hostdevctl check" {
	for text in 'run "/etc/libvirt/hooks/qemu.d/$1"' 'HOOKPATH="$BASEDIR/qemu.d/$GUEST_NAME/$HOOK_NAME/$STATE_NAME"' 'ls "$DIR/qemu.d"/$1' \
		'for f in "qemu.d/"$1/*; do'; do
		dispatcher "$text"
		with_functions 'is_dispatcher "$root/etc/libvirt/hooks/qemu" && echo yes'
		is "$output" yes
	done
	for text in 'logger qemu.d' '# HOOKPATH="$BASEDIR/qemu.d/$1"' 'true # qemu.d/$1' '/bin/vfio-startup.sh'; do
		dispatcher "$text"
		with_functions 'is_dispatcher "$root/etc/libvirt/hooks/qemu" || echo no'
		is "$output" no
	done
	# From the one list: where a mark is taken away there, it is not known here.
	with_functions 'dispatcher_marks | wc -l'
	is "$output" 3
	mkdir -p "$BATS_TEST_TMPDIR/source/model"
	sed 's/qemu.d\/\$|//' "$tree/model/tool-sign.c" > "$BATS_TEST_TMPDIR/source/model/tool-sign.c"
	with_functions 'source_dir='"$BATS_TEST_TMPDIR/source"'; dispatcher_marks'
	is "$output" 'qemu.d"/$
qemu.d/"$'
}

@test "a dispatcher that is a link, relative too, comes back as a link" {
	mkdir -p "$hooks"
	dispatcher
	mv "$hooks/qemu" "$hooks/mine"
	ln -s mine "$hooks/qemu"
	before=$(listing "$machine")
	install_sh
	is "$status" 0
	is "$(readlink "$hooks/$aside")" mine
	[[ -x $hooks/mine ]]
	install_sh --uninstall
	is "$(listing "$machine")" "$before"
}

@test "nothing is overwritten by what is set aside, nor by what comes back" {
	dispatcher
	echo older > "$hooks/$aside"
	before=$(listing "$machine")
	install_sh
	is "$status" 0
	is "$(cat "$hooks/$aside")" older
	[[ -e $hooks/$aside-2 ]]
	install_sh --uninstall
	is "$(listing "$machine")" "$before"
	install_sh
	echo changed >> "$hooks/$aside-2"
	install_sh --uninstall
	says "Move it back by hand"
	[[ -e $hooks/$aside-2 && ! -e $hooks/qemu ]]
}

@test "a hook that cannot be moved back is named" {
	for kind in dispatcher kept link; do
		dispatcher
		[[ $kind == dispatcher ]] || echo logger > "$hooks/qemu"
		if [[ $kind == link ]]; then mv "$hooks/qemu" "$hooks/mine"; ln -s mine "$hooks/qemu"; fi
		install_sh --keep-existing
		is "$status" 0
		stub mv 'echo "mv: no" >&2; exit 1'
		stub ln 'echo "ln: no" >&2; exit 1'
		install_sh --uninstall
		rm "$stubs/mv" "$stubs/ln"
		is "$status" 0
		says "could not be moved back to /etc/libvirt/hooks/qemu"
		rm -r "$hooks"
	done
}

@test "an installation that is broken off at any step leaves a dispatcher that comes back" {
	dispatcher
	mkdir -p "$machine/usr/share"
	before=$(listing "$machine")
	while read -r tool step; do
		rm -f "$BATS_TEST_TMPDIR/count"
		stub "$tool" 'count='"$BATS_TEST_TMPDIR"'/count; echo x >> "$count"
			[[ $(wc -l < "$count") -ne '"$step"' ]] || { kill -KILL $PPID; exit 1; }
			exec '"$(PATH=${PATH#"$stubs":} type -P "$tool")"' "$@"'
		install_sh
		rm "$stubs/$tool"
		install_sh --uninstall
		is "$status" 0
		is "$(listing "$machine")" "$before"
	done <<< "chmod 1
$(seq -f "mv %g" 9)"
}
