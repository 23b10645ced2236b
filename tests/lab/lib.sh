# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced inside the machine by every scenario: the words a scenario is written in. It knows how to put a guest together,
# how virsh and the hook are called, and what counts as a failure. Every check ends the scenario when it fails; one that
# fails where bash would go on (a subshell, a pipe, a condition) leaves a mark, and a marked scenario has failed.
#
#   guest NAME PIECE...            define a guest of host devices and other pieces of XML
#     hostdev yes|no ADDRESS...    pieces: host devices, managed or not
#     policy KEY=VALUE...          our policy element
#   with_firmware                  the guests that are defined from here on run QEMU's own firmware
#   described NAME PIECE...        the same without libvirt; xml_of NAME is what the hook gets to read
#   start NAME   stop NAME         through virsh, and they must succeed
#   refused NAME TEXT...           virsh must refuse the start with these words, and nothing was changed
#   start_fails NAME TEXT...       it may fail later than that, and the host is soon as it was
#   on_vfio ADDRESS...             exactly these are on vfio-pci, all else as before
#   before / same_as_before        remember the host / it reads as remembered (done at the start of each scenario)
#   conf FILE LINE...              our configuration below /etc/hostdev-hook
#   script FILE LINE...            a user's script below /etc/libvirt/hooks/qemu.d
#   hold [OPTION...] NODE          a process that holds it (see hold.c); HELD is its number, SAYS what it says
#   has_ended PID   lives PID      what the hook did about it; end PID ends it by hand
#   unit NAME LINE...              with systemd: a unit, then active NAME, inactive NAME, held_by NODE main_pid NAME
#   at_seat COMMAND...             with systemd: alice logs in at the screen, until logged_out
#   log_in_by_ssh NEAR FAR         somebody's connection to a program called sshd, from FAR's other world; log_out_of_ssh NEAR
#   misbehave PARAMETER=VALUE...   what the driver of EDU and EDU2 does from now on (module/hostdev-lab.c); well_behaved
#   power_off_host                 with systemd: as crash_host, but orderly, and off until it is switched on again
#   crash_host                     as when the power is cut: the scenario runs again at the next boot, with CRASHED set
#   known NAME                     a guest that was defined before the crash
#   count WHAT [NUMBER]            for the sum at the end: rounds, hand-overs, kills
#   hook NAME OP SUB EXTRA         call the hook as libvirt does, XML on stdin; then said_nothing or said_no TEXT...
. /lab/host.sh

HOOK=/etc/libvirt/hooks/qemu
WORK=${LAB_WORK:=$LAB/work}
declare -A uuid_of=() lends=()

# What is said goes to the scenario's own output, wherever the command's goes.
exec 9>&1
say() { printf '+ %s\n' "$*" >&9; }

fail() {
	printf 'FAILED: %s\n' "$*"
	printf '%s\n' "$*" >> "$WORK/failed"
	exit 1
} >&2

count() { echo "$1 ${2:-1}" >> "$WORK/counts"; }

before() { host_text > "$WORK/before"; }

# compare BEFORE-FILE WHAT-IT-MEANS - the host now with a text of it; a difference is shown and fails.
compare() {
	reads_as "$1" && return 0
	diff -U0 "$1" "$WORK/now" | sed -n '/^[-+][^-+]/p' >&2 || :
	fail "$2"
}

# reads_as FILE
reads_as() { host_text > "$WORK/now" && cmp -s "$1" "$WORK/now"; }

# What a driver finds behind a device comes up after it is bound, and udev tells of it later still: what is to be read
# of devices must be right at once, the rest soon.
devices_of() { sed -n '1,/^drivers_autoprobe/p; /^journal /p' "$1"; }
devices_differ() { ! diff -U0 <(devices_of "$1") <(devices_of "$WORK/now") > "$WORK/differ"; }
compare_soon() {
	reads_as "$1" && return 0
	if devices_differ "$1"; then
		say "at the first look: $(sed -n '/^[-+][^-+]/p' "$WORK/differ")"
		compare "$1" "$2"
		return
	fi
	# Once it reads so, it is so: a look more would only meet what udev still has to say of the way there.
	udevadm settle --timeout=20 || :
	poll 20 reads_as "$1" || compare "$1" "$2"
}

same_as_before() { compare_soon "$WORK/before" "the host is not as it was"; }
soon_same_as_before() { poll "$1" reads_as "$WORK/before" || same_as_before; }

# escaped TEXT - as XML text.
escaped() {
	local text=${1//&/"&amp;"}
	text=${text//</"&lt;"}
	printf "%s" "${text//\"/"&quot;"}"
}

# address_xml ADDRESS [ATTRIBUTE] - the element libvirt wants.
address_xml() {
	local domain bus slot function
	IFS=:. read -r domain bus slot function <<< "$1"
	[[ $function ]] || fail "'$1' is no address: this machine lacks the device"
	printf "<address %s domain='0x%s' bus='0x%s' slot='0x%s' function='0x%s'/>" "${2:-}" "$domain" "$bus" "$slot" "$function"
}

hostdev() {
	local managed=$1 address
	shift
	for address in "$@"; do
		printf "<hostdev mode='subsystem' type='pci' managed='%s'><source>%s</source><rom bar='off'/></hostdev>\n" \
			"$managed" "$(address_xml "$address")"
	done
}

# policy KEY=VALUE... [ADDRESS KEY=VALUE...]... - what stands behind an address holds for that device.
policy() {
	local word all='' devices='' open=''
	for word in "$@"; do
		case $word in
		????:??:??.?) devices+="$open<hostdev:device address='$word'"; open='/>' ;;
		*) if [[ $open ]]; then devices+=" ${word%%=*}='${word#*=}'"; else all+=" ${word%%=*}='${word#*=}'"; fi ;;
		esac
	done
	printf "<metadata><hostdev:policy xmlns:hostdev='urn:hostdev-hook:1'%s>%s</hostdev:policy></metadata>" \
		"$all" "$devices$open"
}

# conf FILE LINE... - a file of our configuration; play puts the folder back after the scenario.
conf() {
	local file=/etc/hostdev-hook/$1
	shift
	say "$file: $*"
	mkdir -p "${file%/*}"
	printf '%s\n' "$@" > "$file"
}

# script FILE LINE... - for the shell; play removes the folder after the scenario.
script() {
	local file=/etc/libvirt/hooks/qemu.d/$1
	shift
	say "$file: $*"
	mkdir -p "${file%/*}"
	printf '%s\n' '#!/bin/sh' "$@" > "$file"
	chmod 755 "$file"
}

# As it is, libvirt asks QEMU at each start for every feature of the processor by itself: three quarters of the time of a
# start here. Without this one word of QEMU's it asks once for them all, as it did for older releases.
QUICK="<qemu:capabilities><qemu:del capability='cpu-unavailable-features'/></qemu:capabilities>"

# The guest's processor is emulated by a machine that is emulated itself, so QEMU's own firmware costs seconds of every start.
# Most scenarios are about the host alone: their guests run a firmware that only halts (see payload).
FIRMWARE="<loader readonly='yes' type='rom'>/lab/halt.rom</loader>"
with_firmware() { FIRMWARE=''; }
# Halting, such a guest lets go of no device either: this one lets go of one that is asked for, and then halts.
with_ejecting_firmware() { FIRMWARE="<loader readonly='yes' type='rom'>/lab/eject.rom</loader>"; }

# domain_xml NAME PIECE... - pieces outside <devices> are known by their element.
domain_xml() {
	local piece head='' devices='' tail=''
	for piece in "${@:2}"; do
		case $piece in
		'<metadata'* | '<iommufd'*) head+=$piece ;;
		'<qemu:commandline'*) tail+=$piece ;;
		*) devices+=$piece ;;
		esac
	done
	cat << XML
<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>$(escaped "$1")</name>
  <uuid>${uuid_of[$1]}</uuid>
  $head
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type>$FIRMWARE</os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    $devices
  </devices>
  $QUICK$tail
</domain>
XML
}

# virsh_run ARGUMENT... - its exit status, with what it said in $WORK/virsh.out and .err.
virsh_run() {
	local status=0
	say "virsh $*"
	timeout 90 virsh -q "$@" > "$WORK/virsh.out" 2> "$WORK/virsh.err" < /dev/null || status=$?
	cat "$WORK/virsh.out" "$WORK/virsh.err"
	[[ $status -ne 124 ]] || fail "virsh $1 did not end"
	return "$status"
}

# described NAME PIECE... - a guest that libvirt does not know, to call the hook for by hand.
described() {
	local name=$1 uuid
	read -r uuid < /proc/sys/kernel/random/uuid
	uuid_of[$name]=$uuid
	[[ $* != *"<address "* && $* != *"<source network="* ]] || lends[$name]=yes
	domain_xml "$@" > "$WORK/$uuid.xml"
}

guest() {
	described "$@"
	virsh_run define "$WORK/${uuid_of[$1]}.xml" || fail "libvirt does not take the guest '$1'"
	echo "${uuid_of[$1]}" >> "$WORK/defined"
}

known() {
	uuid_of[$1]=$(virsh -q domuuid -- "$1") || fail "libvirt does not know '$1' any more"
	lends[$1]=yes
}

keep_for_next_boot() {
	rm -rf /var/lib/lab/kept
	cp -a "$WORK" /var/lib/lab/kept
	echo "$SCENARIO" > /var/lib/lab/crash
	sync
}

# What started this scenario would take its end for a failure, and switch the machine off by itself.
power_off_host() {
	say "the host is powered off"
	keep_for_next_boot
	echo off > /dev/ttyS1
	systemd-run -q --unit=lab-power bash -c \
		"kill -KILL \$(systemctl show -P MainPID lab.service) \$(pgrep -f ^/bin/bash./lab/play); systemctl poweroff"
	sleep 120
}

crash_host() {
	say "the host crashes"
	keep_for_next_boot
	echo b > /proc/sysrq-trigger
	sleep 60
}

# xml_of NAME - as it was defined.
xml_file() { echo "$WORK/${uuid_of[$1]}.xml"; }
xml_of() { cat "$(xml_file "$1")"; }

journal_of() { echo "$STATE/${uuid_of[$1]}.journal"; }
pins_of() { echo "/var/lib/hostdev-hook/${uuid_of[$1]}.pins"; }
has_journal() { [[ $(journals) == *"${uuid_of[$1]}"* ]]; }
has_no_journal() { ! has_journal "$1"; }
qemu_pid() { pgrep -f -- "qemu-system.*${uuid_of[$1]}"; }

running() {
	qemu_pid "$1" > /dev/null || fail "the guest '$1' is not running"
}

start() {
	virsh_run start -- "$1" || fail "the guest '$1' does not start"
	running "$1"
	count hand-overs
	if [[ ${lends[$1]:-} ]]; then
		has_journal "$1" || fail "the guest '$1' runs without a journal: the hook did nothing"
	else
		! has_journal "$1" || fail "the guest '$1' has no host device, and a journal"
	fi
}

stop() {
	virsh_run destroy -- "$1" || fail "the guest '$1' does not stop"
	came_home "$1"
}

came_home() {
	! has_journal "$1" || fail "the guest '$1' is gone, its journal is not"
}

# contains FILE TEXT... - each of them, as plain text.
contains() {
	local file=$1 text
	shift
	for text in "$@"; do
		grep -qF -- "$text" "$file" || fail "not said: $text"
	done
}

# start_fails NAME TEXT... - for whatever reason, with these words; and the host is as it was.
# libvirt may return what was lent in another thread, behind the answer.
start_fails() {
	failing_start "$@"
	poll 60 has_no_journal "$1" || fail "the guest '$1' did not start, and its journal stays"
	compare_soon "$WORK/untouched" "the failed start left something changed"
}

# Nothing was changed: not even for a moment.
refused() {
	failing_start "$@" "othing was changed"
	compare "$WORK/untouched" "the refused start changed something"
}

failing_start() {
	local name=$1
	shift
	host_text > "$WORK/untouched"
	! virsh_run start -- "$name" || fail "the guest '$name' started"
	! qemu_pid "$name" > /dev/null || fail "the guest '$name' runs all the same"
	contains "$WORK/virsh.err" "$@"
}

# drivers_of FILE - the driver of each function that a text of the host names, in DRIVER_OF.
declare -A DRIVER_OF=()
drivers_of() {
	local address driver _
	DRIVER_OF=()
	while read -r address driver _; do
		[[ $address != ????:??:??.? ]] || DRIVER_OF[$address]=${driver#driver=}
	done < "$1"
}

on_vfio() {
	local address driver wanted _
	host_text > "$WORK/now"
	drivers_of "$WORK/before"
	while read -r address driver _; do
		[[ $address == ????:??:??.? ]] || continue
		driver=${driver#driver=}
		wanted=${DRIVER_OF[$address]:-}
		[[ $wanted ]] || fail "$address was not there before"
		[[ " $* " != *" $address "* ]] || wanted=vfio-pci
		[[ $driver == "$wanted" ]] || fail "$address is on $driver, not on $wanted"
	done < "$WORK/now"
	for address in "$@"; do
		[[ -d $PCI/$address ]] || fail "$address is not there"
	done
}

# kill_qemu NAME - as a crash would.
kill_qemu() {
	local pid
	pid=$(qemu_pid "$1") || fail "the guest '$1' is not running"
	say "kill -9 the QEMU of $1"
	kill -9 "$pid"
	poll 30 gone "$pid" || fail "QEMU $pid does not die"
}

must() {
	say "$*"
	"$@" || fail "$1 failed"
}

hook() {
	say "hook $*"
	HOOK_STATUS=0
	env -i LC_ALL=C PATH="$PATH" HOME=/root timeout 60 "$HOOK" "$@" > "$WORK/hook.out" 2> "$WORK/hook.err" || HOOK_STATUS=$?
	cat "$WORK/hook.err"
	[[ ! -s $WORK/hook.out ]] || fail "the hook wrote to stdout: $(head -c 300 "$WORK/hook.out")"
}

said_nothing() {
	[[ $HOOK_STATUS -eq 0 ]] || fail "the hook ended with $HOOK_STATUS"
	[[ ! -s $WORK/hook.err ]] || fail "the hook wrote to stderr"
}

said_no() {
	[[ $HOOK_STATUS -eq 1 ]] || fail "the hook ended with $HOOK_STATUS, not with 1"
	# Libvirt's own words come before it: it begins on a line of its own.
	[[ $(head -n 1 "$WORK/hook.err") == '' ]] || fail "it does not begin on a line of its own"
	contains "$WORK/hook.err" "$@"
	same_as_before
}

# hold [OPTION...] NODE - see hold.c. What it says goes to SAYS.
HELD='' SAYS=''
held=0
hold() { hold_with /lab/hold "$@"; }
# hold_as_alice [OPTION...] NODE
hold_as_alice() { hold_with setpriv --reuid alice --regid alice --init-groups /lab/hold "$@"; }
hold_with() {
	SAYS=$WORK/hold.$((++held))
	say "$*"
	: > "$SAYS"
	"$@" >> "$SAYS" 2>&1 3>&- 9>&- &
	HELD=$!
	poll 20 grep -q . "$SAYS" || fail "it does not say a word"
	grep -qx ready "$SAYS" || fail "it does not hold: $(< "$SAYS")"
}

# has_ended PID... - the hook has ended it, and nobody has started it again.
has_ended() {
	local pid
	for pid in "$@"; do
		poll 5 gone "$pid" || fail "process $pid is still there"
	done
	! pgrep -x hold > /dev/null || fail "somebody holds again: $(pgrep -ax hold)"
}

# lives PID... - the hook has left it alone.
lives() {
	local pid
	for pid in "$@"; do
		! gone "$pid" || fail "process $pid was ended"
	done
}

# end PID... - by hand.
end() {
	kill -9 "$@"
	wait "$@" 2> /dev/null || :
}

# card_node, control_node, disk_node ADDRESS - the node of a graphics card, a sound card, the disk behind a device.
node_of() {
	local found
	found=$("${@:2}") || fail "$1 has no node"
	echo "${found##*/}"
}
card_node() { echo "/dev/dri/$(node_of "$1" compgen -G "$PCI/$1/drm/card*")"; }
control_node() { echo "/dev/snd/$(node_of "$1" compgen -G "$PCI/$1/sound/card*/controlC*")"; }
disk_node() { echo "/dev/$(node_of "$1" disks "$1")"; }

# partition NODE, format NODE, wipe NODE - with one partition; with a file system; empty again.
partition() {
	# An entry of a partition table: kind 0x83, from sector 0x800, 0x10000 sectors.
	printf '\0\0\0\0\203\0\0\0\0\10\0\0\0\0\1\0' | dd of="$1" bs=1 seek=446 conv=notrunc status=none
	printf '\125\252' | dd of="$1" bs=1 seek=510 conv=notrunc status=none
	must blockdev --rereadpt "$1"
	must udevadm settle
}
format() { must mkfs.ext4 -q -E lazy_itable_init=0 "$1"; }
wipe() {
	must wipefs -q -a "$1"
	must udevadm settle
}
# interface ADDRESS - its name.
interface() { basename "$PCI/$1"/net/*; }
# link_up INTERFACE - until it has a carrier: the kernel takes no route over a dead link for a way.
link_up() {
	must ip link set dev "$1" up
	poll 20 grep -qx up "/sys/class/net/$1/operstate" || fail "$1 has no carrier"
}

# log_in_by_ssh NEAR FAR - to others, a connection to port 22 of a program called sshd is a login. log_out_of_ssh NEAR ends it.
other_net() { [[ $(readlink "/proc/$WORLD/ns/net") != "$(readlink /proc/self/ns/net)" ]]; }
in_world() { nsenter --target "$WORLD" --net "$@"; }
listens_for_ssh() { grep -q ':0016 0*:0000 0A' /proc/net/tcp{,6}; }
is_logged_in() { grep -qE '010200C0:0016 [0F]*020200C0:.... 01' /proc/net/tcp{,6}; }
log_in_by_ssh() {
	unshare --net sleep 1000 3>&- 9>&- &
	WORLD=$! WORLD_CARD=$(readlink -f "/sys/class/net/$2/device")
	poll 20 other_net || fail "no network namespace"
	must ip address add 192.0.2.1/24 dev "$1"
	must ip link set dev "$1" up
	must ip link set dev "$2" netns "$WORLD"
	must in_world ip address add 192.0.2.2/24 dev "$2"
	must in_world ip link set dev "$2" up
	cp /bin/busybox /tmp/sshd
	(sleep 1000 | exec -a nc /tmp/sshd -l -p 22) > /dev/null 2>&1 3>&- 9>&- &
	poll 20 listens_for_ssh || fail "nobody listens"
	(sleep 1000 | in_world busybox nc 192.0.2.1 22) > /dev/null 2>&1 3>&- 9>&- &
	poll 30 is_logged_in || fail "there is no connection"
}
world_is_over() { compgen -G "$WORLD_CARD/net/*" > /dev/null; }
log_out_of_ssh() {
	pkill -x sshd || :
	end "$WORLD"
	must ip address flush dev "$1"
	must ip link set dev "$1" down
	poll 20 world_is_over || fail "the interface did not come back"
}

# unit NAME LINE... - a unit of systemd, until the machine's end.
unit() {
	local name=$1
	shift
	say "$name: $*"
	printf '%s\n' "$@" > "/run/systemd/system/$name"
	must systemctl daemon-reload
}

is_active() { systemctl -q is-active "$@"; }
active() { poll 20 is_active "$@" || fail "$* is not active"; }
inactive() { ! is_active "$@" || fail "$* is active"; }

# holds PID NODE
holds() { [[ $(readlink "/proc/$1"/fd/*) == *"$2"* ]]; }

# held_by NODE COMMAND... - waits until the process whose number COMMAND prints holds it; HELD is that number.
holder_is() { HELD=$("${@:2}") && holds "$HELD" "$1"; }
held_by() { poll 60 holder_is "$@" || fail "${*:2}: nobody holds $1"; }
main_pid() { systemctl show -P MainPID "$1"; }

# at_seat COMMAND... - alice logs in at the screen, and her session runs COMMAND. logged_out ends that.
at_seat() {
	say "alice logs in and runs $*"
	systemd-run -q --unit=lab-seat -p PAMName=login -p User=alice -p TTYPath=/dev/tty1 -p Environment=XDG_SESSION_TYPE=tty "$@"
}

session_of() { sed -n 's|.*/session-\([^/]*\)\.scope.*|\1|p' "/proc/$1/cgroup"; }

has_no_sessions() { [[ ! -e /run/systemd/users/1000 ]]; }
logged_out() {
	systemctl stop lab-seat 2> /dev/null || :
	systemctl reset-failed lab-seat 2> /dev/null || :
	loginctl terminate-user alice 2> /dev/null || :
	poll 30 has_no_sessions || fail "alice is still there"
}

# of_alice COMMAND... - systemctl or systemd-run with her own manager, which runs without her if need be.
of_alice() { "$1" -q --user -M alice@ "${@:2}"; }
