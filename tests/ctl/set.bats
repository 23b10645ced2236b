#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl set on made-up machines: what it writes into a guest's own file, what it leaves there, and which policy it
# says is in force.

# shellcheck disable=SC2154 # root, output and errors are set in machine.bash
load machine

setup() {
	machine_usual
	guests=$root/etc/hostdev-hook/guests
	file=$guests/win11.conf
}

# set_ok ARGUMENT...: hostdevctl set must succeed and say nothing on stderr.
set_ok() { ok set --root "$root" "$@"; }

# set_fails ARGUMENT...: it must fail and leave everything below /etc as it was.
set_fails() {
	local before
	before=$(etc_is)
	fails set --root "$root" "$@"
	[[ $(etc_is) == "$before" ]]
}
# set_misuses ARGUMENT...: the same for a command line that is wrong.
set_misuses() {
	local before
	before=$(etc_is)
	misuses set --root "$root" "$@"
	[[ $(etc_is) == "$before" ]]
}
etc_is() { find "$root/etc" -printf '%P %y %m %i %T@\n' | sort; }

# file_is: the guest's own file is what stands on standard input.
file_is() { diff -u - "$file"; }

# row KEY: its first row in the table, blanks squeezed.
row() { set_ok win11 > /dev/null && grep "^$1 " <<< "$output" | tr -s " " | head -n 1; }

@test "for several devices at once, or for none of them" {
	set_ok win11 --device 01:00.0,0000:02:00.0 processes=terminate services=wait
	file_is <<-'END'
		# Policy of the guest win11: hostdev-hook.conf(5)

		[0000:01:00.0]
		processes = terminate
		services = wait

		[0000:02:00.0]
		processes = terminate
		services = wait
	END
	[[ $(grep -c . <<< "$output") -eq 4 ]]
	set_fails win11 --device 01:00.0,02:00.0 display=stop group=whole
}

@test "the folder and the file are made, whatever the umask is" {
	rmdir "$root/etc/hostdev-hook"
	umask 077
	set_ok win11 display=stop
	[[ $output == "/etc/hostdev-hook/guests/win11.conf: display = stop" ]]
	file_is <<-'END'
		# Policy of the guest win11: hostdev-hook.conf(5)
		display = stop
	END
	[[ $(stat -c %a "$root/etc/hostdev-hook" "$guests" "$file" | xargs) == "755 755 644" ]]
	[[ $(find "$guests" -type f | wc -l) -eq 1 ]]
}

@test "several at once, with blanks, one for a device" {
	set_ok win11 'group = whole' wait-time=20
	for address in 01:00.0 0000:01:00.0 pci_0000_01_00_0; do
		set_ok win11 --device "$address" processes=wait
		[[ $output == "/etc/hostdev-hook/guests/win11.conf: [0000:01:00.0] processes = wait" ]]
	done
	set_ok win11 total-time=100
	file_is <<-'END'
		# Policy of the guest win11: hostdev-hook.conf(5)
		group = whole
		wait-time = 20
		total-time = 100

		[0000:01:00.0]
		processes = wait
	END
}

@test "what a human wrote stays" {
	mkdir "$guests"
	printf '%s' '# mine
  display=refuse   # because
allow = igpu # and why

# the card
[0000:01:00.0] # it
# its processes
processes = wait
[0000:02:00.0]
processes = wait' > "$file"
	set_ok win11 display=stop group=whole
	set_ok win11 --device 0000:01:00.0 services=wait processes=refuse
	set_ok win11 --device 0000:02:00.0 services=refuse
	set_ok win11 allow=
	file_is <<-'END'
		# mine
		  display=stop   # because
		group = whole

		# the card
		[0000:01:00.0] # it
		# its processes
		processes = refuse
		services = wait
		[0000:02:00.0]
		processes = wait
		services = refuse
	END
}

@test "a first setting for all comes before the sections, comments above them included" {
	mkdir "$guests"
	printf '# the card\n[0000:01:00.0]\nprocesses = wait\n' > "$file"
	ctl set --root "$root" win11 processes=refuse
	[[ $status -eq 0 && $errors == 'hostdevctl: for 0000:01:00.0 it is still "wait" (/etc/hostdev-hook/guests/win11.conf:5)' ]]
	file_is <<-'END'
		processes = refuse

		# the card
		[0000:01:00.0]
		processes = wait
	END
}

@test "KEY= takes it out" {
	set_ok win11 display=stop group=whole
	set_ok win11 display=
	[[ $output == *": display is set no more" ]]
	set_ok win11 display=
	[[ $output == *": display is not set, as before" ]]
	[[ $(row display) == "display refuse default" ]]
	[[ $(grep -c = "$file") -eq 1 ]]
	set_fails win11 colour=
	[[ $errors == "hostdevctl: nothing was written: unknown key colour" ]]
}

@test "allow+= and allow-= keep the rest of the list, wherever that stands" {
	echo 'allow = igpu, chipset' > "$root/etc/hostdev-hook/hostdev-hook.conf"
	set_ok win11 allow+=console
	[[ $output == *": allow = console, igpu, chipset" ]]
	set_ok win11 allow+=ssh allow+=igpu allow-=chipset
	[[ $(row allow) == "allow ssh, console, igpu /etc/hostdev-hook/guests/win11.conf:2" ]]
	set_ok win11 --device 02:00.0 'allow-=ssh, igpu, console'
	[[ $output == *": [0000:02:00.0] allow = none" ]]
	# A list that is given whole is taken so.
	ctl set --root "$root" win11 allow=ssh
	[[ $status -eq 0 && $output == *": allow = ssh" && $errors == *'for 0000:02:00.0 it is still "none"'* ]]
	set_fails win11 allow+=sleep
	[[ $errors == "hostdevctl: nothing was written: "*"allow = sleep: the value must be none, or of these"* ]]
	set_fails win11 display+=stop
	[[ $errors == *"only allow is a list" ]]
}

@test "bad values in the parser's words, and then nothing at all is written" {
	set_fails win11 group=whole display=of
	[[ $errors == "hostdevctl: nothing was written: /etc/hostdev-hook/guests/win11.conf: display = of: the value must be one of: refuse, release, stop" ]]
	[[ ! -e $guests ]]
	set_fails win11 colour=red
	[[ $errors == *"unknown key colour" ]]
	set_fails win11 wait-time=301
	set_fails win11 $'display=stop\ngroup=whole'
	set_fails win11 'display=stop # why'
	set_fails win11 --device 01:00.0 group=whole
	[[ $errors == *"group cannot be set for one device" ]]
	set_misuses win11 --device 1 display=stop
	set_misuses win11 --device 01:00.0, display=stop
	set_misuses win11 --device 01:00.0,1 display=stop
	[[ $errors == *"1: not an address such as 0000:01:00.0"* ]]
	set_misuses win11 group=whole display
	set_misuses win11 =stop
	[[ $errors == *"=stop: not of the form KEY=VALUE"* ]]
	set_fails win11 +=stop
	set_ok win11 display=stop
	set_fails win11 display=of
	[[ $errors == *"display = of"* ]]
}

@test "a file that is wrong, or whose owner is not root, is left alone" {
	mkdir "$guests"
	echo 'grup = whole' > "$file"
	set_fails win11 display=stop
	[[ $errors == *"win11.conf:1: unknown key grup; did you mean group?" ]]
	echo 'group = whole' > "$file"
	chmod 666 "$file"
	set_fails win11 display=stop
	[[ $errors == *"chmod go-w"* ]]
	rm "$file"
	echo 'group = whole' > "$BATS_TEST_TMPDIR/elsewhere"
	ln -s "$BATS_TEST_TMPDIR/elsewhere" "$file"
	set_fails win11 display=stop
	[[ $errors == *"is a link: edit what it leads to" && -L $file ]]
	rm "$file"
	chmod 777 "$guests"
	set_fails win11 display=stop
	[[ $errors == *"/etc/hostdev-hook/guests: others than its owner may write it"* ]]
}

@test "the mode of the file is kept" {
	set_ok win11 display=stop
	chmod 640 "$file"
	set_ok win11 group=whole
	[[ $(stat -c %a "$file") == 640 ]]
}

@test "whoever comes second waits until the first is done" {
	mkdir "$guests"
	exec 8< "$guests"
	flock 8
	"$HOSTDEVCTL" set --root "$root" win11 display=stop > "$BATS_TEST_TMPDIR/said" 8<&- &
	sleep 0.5
	[[ ! -e $file ]]
	exec 8<&-
	wait $!
	[[ -e $file && -s $BATS_TEST_TMPDIR/said ]]
}

@test "names" {
	set_ok 'two words' display=stop
	[[ -f $guests/two\ words.conf && $output == "/etc/hostdev-hook/guests/two words.conf: display = stop" ]]
	set_ok $'a\nb' display=stop
	[[ -f $guests/$'a\nb.conf' && $output == '/etc/hostdev-hook/guests/a\x0ab.conf: display = stop' ]]
	set_ok -- -win display=stop
	[[ -f $guests/-win.conf ]]
	set_ok 'Größe' display=stop
	set_fails .hidden display=stop
	[[ $errors == *"put its policy into its XML"* ]]
	set_fails '' display=stop
	set_fails "$(printf 'x%.0s' {1..251})" display=stop
}

@test "the policy in force, with where each value stands" {
	mkdir "$root/etc/hostdev-hook/hostdev-hook.conf.d"
	printf '\nservices = refuse\nwait-time = 3\n' > "$root/etc/hostdev-hook/hostdev-hook.conf"
	echo 'wait-time = 4' > "$root/etc/hostdev-hook/hostdev-hook.conf.d/50.conf"
	set_ok win11 --device 02:00.0 services=wait
	set_ok win11
	[[ $(row services) == "services refuse /etc/hostdev-hook/hostdev-hook.conf:2" ]]
	[[ $(row wait-time) == "wait-time 4 /etc/hostdev-hook/hostdev-hook.conf.d/50.conf:1" ]]
	[[ $(row allow) == "allow none default" && $(row unbind-time) == "unbind-time 10 default" ]]
	grep -q '^services 0000:02:00.0 wait  *.*/win11.conf:4$' <<< "$(tr -s ' ' <<< "$output")"
	set_ok -J win11
	[[ $(grep -c '"key":' <<< "$output") -eq 15 ]]
	set_ok -rn -o KEY,VALUE win11
	[[ $(head -n 1 <<< "$output") == "group refuse" ]]
}

@test "the guest's XML is read, counts more, and is never written" {
	xml=$BATS_TEST_TMPDIR/win11.xml
	guest_make win11 "$xml" 0000:02:00.0
	sed -i 's|<devices>|<metadata><h:policy xmlns:h="urn:hostdev-hook:1" display="release"/></metadata>&|' "$xml"
	before=$(< "$xml")
	set_ok "$xml"
	grep -q '^display  *release  *domain XML line 2, <hostdev:policy>$' <<< "$output"
	ctl set --root "$root" "$xml" display=stop group=whole
	[[ $status -eq 0 && $errors == 'hostdevctl: display is set to "release" by the guest'"'"'s XML (domain XML line 2, <hostdev:policy>), which counts more than its file: change it there' ]]
	[[ $(< "$xml") == "$before" && $(grep -c = "$file") -eq 2 ]]
}

@test "what was set is what a plan goes by" {
	xml=$BATS_TEST_TMPDIR/usb.xml
	guest_make usb "$xml" 0000:04:00.0
	fails plan --steps --root "$root" "$xml"
	set_ok usb group=whole
	ok plan --steps --root "$root" "$xml"
	set_ok usb group=
	fails plan --steps --root "$root" "$xml"
}

@test "only for root" {
	needs_root
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	cp "$HOSTDEVCTL" "$BATS_TEST_TMPDIR/hostdevctl"
	run setpriv --reuid 65534 --clear-groups "$BATS_TEST_TMPDIR/hostdevctl" set win11 display=stop
	[[ $status -eq 1 && $output == "hostdevctl: only root may write /etc/hostdev-hook/guests/win11.conf: run this with sudo" ]]
}

@test "wrong arguments" {
	misuses set
	[[ $errors == "hostdevctl: set takes one FILE or GUEST [KEY=VALUE...]"* ]]
	misuses set --root "$root" --device 01:00.0 win11
	[[ $errors == *"--device needs a KEY=VALUE"* ]]
	misuses guest --device 01:00.0 ./x
	[[ $errors == "hostdevctl: guest has no option --device"* ]]
	ok set --help
	[[ $output == "Usage: hostdevctl set "* ]]
}
