#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What runs the processors of the lab's machines: how tests/lab/accelerator finds that out, and that each run asks once and
# each machine is told. /dev/kvm is played by /dev/null, and what boots with it by a script.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # what stands in quotes is for the stubs to expand

bats_require_minimum_version 1.5.0
load ../needs

setup() {
	needs_root
	tests=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	# The lab's scripts in a folder of their own, and what they call played.
	lab=$BATS_TEST_TMPDIR/source/tests/lab
	image=$BATS_TEST_TMPDIR/image
	mkdir -p "$lab/boots" "$image" "$BATS_TEST_TMPDIR/programs"
	cp "$tests"/lab/{accelerator,machine,run,cache.sh} "$lab"
	cp -R "$tests/lab/scenarios" "$lab"
	cp "$tests"/lab/boots/{machine,run,image,kernels,install} "$lab/boots"
	cp -R "$tests/lab/boots/scenarios" "$lab/boots"
	touch "$image/initrd"
	play image "echo '$image'"
	play initrd 'echo "$1/initrd"'
	play payload 'mkdir -p "$2"'
	play emulator 'exit 1'
	export HOSTDEV_LAB_KVM=/dev/null HOSTDEV_LAB_CACHE=$BATS_TEST_TMPDIR/cache TMPDIR=$BATS_TEST_TMPDIR SAID=$BATS_TEST_TMPDIR/said
	unset HOSTDEV_LAB_ACCEL
	kvm='-accel kvm -machine q35,kernel-irqchip=split -cpu host'
	tcg='-accel tcg -machine q35 -cpu qemu64,-svm'
}

play() { # NAME BODY
	printf '#!/bin/bash\n%s\n' "$2" > "$lab/$1"
	chmod 755 "$lab/$1"
}

is() { [[ $1 == "$2" ]] || { printf 'is:        %s\nshould be: %s\n' "$1" "$2"; return 1; }; }

chosen() { run --separate-stderr timeout 30 "$lab/accelerator" choose "$image"; }

@test "KVM, where a kernel says its first word with it" {
	play emulator 'echo "$*" > "$SAID"; echo "[    0.000000] Linux version 6.12"; exec sleep 50'
	chosen
	is "$status $output" "0 kvm"
	grep -q -- "$kvm" "$SAID"
	grep -q -- '-device intel-iommu' "$SAID"
}

@test "emulation, where QEMU ends, and where there is no device; the fallback has no words" {
	play emulator 'echo "qemu: failed to initialize kvm: Permission denied" >&2; exit 1'
	chosen
	is "$status $output$stderr" "0 tcg"
	play emulator 'echo "Linux version"'
	HOSTDEV_LAB_KVM=/nowhere chosen
	is "$status $output$stderr" "0 tcg"
}

@test "emulation, within seconds, where the machine is mute or KVM hangs, and nothing of it goes on" {
	play emulator 'trap "" TERM INT HUP; echo $$ > "$SAID"; echo SeaBIOS; while :; do sleep 0.1; done'
	local since=$SECONDS
	HOSTDEV_LAB_KVM_S=1 chosen
	is "$status $output$stderr" "0 tcg"
	((SECONDS - since < 5))
	# A killed process takes a moment to be gone.
	timeout 10 bash -c 'while kill -0 "$1" 2> /dev/null; do sleep 0.1; done' - "$(< "$SAID")"
	is "$(compgen -G "$BATS_TEST_TMPDIR/hostdev-kvm.*" | wc -l)" 0
}

@test "HOSTDEV_LAB_ACCEL is the answer, and nothing is tried" {
	play emulator 'echo tried > "$SAID"'
	local word
	for word in kvm tcg; do
		HOSTDEV_LAB_ACCEL=$word chosen
		is "$status $output" "0 $word"
	done
	[[ ! -e $SAID ]]
	HOSTDEV_LAB_ACCEL=xen chosen
	is "$status $output" "2 "
	[[ $stderr == *"HOSTDEV_LAB_ACCEL=xen is neither kvm nor tcg"* ]]
	run "$lab/accelerator" arguments
	is "$output" "$tcg"
}

# For each machine its answer, and the arguments that its emulator gets.
machine_with() { # MACHINE ANSWER
	play emulator 'echo "$*" > "$SAID"'
	mkdir -p "$BATS_TEST_TMPDIR/work"
	HOSTDEV_LAB_ACCEL=$2 "$lab/$1" "$image" "$BATS_TEST_TMPDIR/work"
	grep -q -- " ${!2} " "$SAID"
	is "$(grep -o -- '-accel' "$SAID" | wc -l) $(grep -o -- '-cpu' "$SAID" | wc -l)" "1 1"
}

@test "the lab's machine and the one that boots by itself run with it" {
	local machine word
	for machine in machine boots/machine; do
		for word in kvm tcg; do machine_with "$machine" "$word"; done
	done
}

@test "the first boot of the machine that boots by itself runs with it, too" {
	local word
	# What builds the tree and the file system is played.
	printf '#!/bin/sh\nfor tree; do :; done\nmkdir -p "$tree/boot"\ntouch "$tree/boot/vmlinuz-1" "$tree/boot/initrd.img-1"\n' \
		> "$BATS_TEST_TMPDIR/programs/mmdebstrap"
	printf '#!/bin/sh\n' > "$BATS_TEST_TMPDIR/programs/mke2fs"
	chmod 755 "$BATS_TEST_TMPDIR"/programs/*
	play emulator 'echo "$*" > "$SAID"; echo installed'
	for word in kvm tcg; do
		rm -rf "$HOSTDEV_LAB_CACHE"
		HOSTDEV_LAB_ACCEL=$word PATH=$BATS_TEST_TMPDIR/programs:$PATH "$lab/boots/image" trixie initramfs-tools
		grep -q -- " ${!word} " "$SAID"
	done
}

# What the machines of a run were told, a line each, and how often KVM was tried.
told_by() { # RUN OPTION...
	play emulator 'echo tried >> "$SAID.tried"; [[ ! -e $SAID.kvm ]] || { echo "Linux version"; exec sleep 50; }'
	play drive 'echo "$HOSTDEV_LAB_ACCEL" >> "$SAID"; echo "1 0" > "$2/count"'
	play boots/drive 'echo "$HOSTDEV_LAB_ACCEL" >> "$SAID"'
	play boots/payload ''
	play boots/image 'echo "$HOSTDEV_LAB_ACCEL" >> "$SAID"; echo image'
	"$lab/$1" "${@:2}" > "$BATS_TEST_TMPDIR/out"
}

@test "a run of the lab asks once, and tells its machines and whoever reads it" {
	local word
	for word in tcg kvm; do
		rm -f "$SAID"*
		[[ $word == tcg ]] || touch "$SAID.kvm"
		told_by run names
		is "$(sort "$SAID" | uniq -c | tr -s ' ')" " 2 $word"
		is "$(wc -l < "$SAID.tried")" 1
		grep -qx "the machines' processors: $word" "$BATS_TEST_TMPDIR/out"
	done
}

@test "so does a run of the machines that boot by themselves, before it builds an image" {
	local word
	for word in tcg kvm; do
		rm -f "$SAID"*
		[[ $word == tcg ]] || touch "$SAID.kvm"
		told_by boots/run --release trixie --initramfs initramfs-tools plain undo
		is "$(sort "$SAID" | uniq -c | tr -s ' ')" " 4 $word"
		is "$(wc -l < "$SAID.tried")" 1
		grep -qx "the machines' processors: $word" "$BATS_TEST_TMPDIR/out"
	done
}
