#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# install.sh --try and --try --clean, and tests/lab/try with an image, a build and a machine that are only played: each is a
# script that answers at once, and the machine says what the test has it say.
# shellcheck disable=SC2028,SC2030,SC2031,SC2016,SC2154 # what stands in quotes is for the stubs and for install.sh's functions to expand

load machine

# The lab's scripts in a folder of their own, and what they call played.
lab() {
	lab=$BATS_TEST_TMPDIR/source/tests/lab
	export HOSTDEV_LAB_CACHE=$BATS_TEST_TMPDIR/cache TMPDIR=$BATS_TEST_TMPDIR MACHINES=$BATS_TEST_TMPDIR/machines
	mkdir -p "$lab" "$BATS_TEST_TMPDIR/image"
	cp "$tree/tests/lab/try" "$tree/tests/lab/accelerator" "$lab"
	play image "echo $BATS_TEST_TMPDIR/image"
	play payload 'tar -cf "$2" -T /dev/null'
	play initrd 'echo "$1/initrd"'
	play emulator 'exit 1'
	export HOSTDEV_LAB_KVM=/nowhere
	# The machine's n-th start is what the script of that number says.
	play machine 'starts=$(($(cat "$MACHINES/starts" 2> /dev/null || echo 0) + 1)); echo "$starts" > "$MACHINES/starts"
		echo "$HOSTDEV_LAB_ACCEL $HOSTDEV_LAB_CPUS $HOSTDEV_LAB_DEVICES" >> "$MACHINES/with"
		echo "rcu: noise of the kernel" > "$2/console"; echo "qemu: noise" >&2
		exec bash "$MACHINES/$starts"'
	mkdir -p "$MACHINES"
	echo 'printf "%s\n" alive "= A step" "$ a command" "| an answer" home end' > "$MACHINES/1"
}

play() { # NAME BODY
	printf '#!/bin/bash\n%s\n' "$2" > "$lab/$1"
	chmod 755 "$lab/$1"
}

try() { run timeout 60 "$lab/try"; }

silent() { ! [[ $output == *"$1"* ]] || { printf 'says: %s\nin: %s\n' "$1" "$output"; return 1; }; }

@test "the show: headings, commands and answers, and no word of what is inside" {
	needs_root
	lab
	try
	is "$status" 0
	says $'\nA step\n  # a command\n  an answer\n'
	silent alive
	silent noise
	silent "$BATS_TEST_TMPDIR/image"
	is "$(cat "$MACHINES/with")" "tcg 1 show"
	[[ ! -e $HOSTDEV_LAB_CACHE/console.txt ]]
}

@test "a long answer is folded, and goes on further in" {
	needs_root
	lab
	echo 'printf "| %s\n" "$(printf "word %.0s" {1..40})"; echo home' > "$MACHINES/1"
	try
	is "$status" 0
	says $'\n  word word'
	says $'\n    word word'
	[[ $(wc -L <<< "$output") -le 120 ]]
}

@test "never silent for more than five seconds" {
	needs_root
	lab
	echo 'sleep 4.8; echo home' > "$MACHINES/1"
	"$lab/try" | while IFS= read -r line; do printf '%s %s\n' "${EPOCHREALTIME/[.,]/}" "$line"; done > "$BATS_TEST_TMPDIR/lines"
	awk 'NR > 1 && $1 - before > 5000000 { print "silent before: " $0; exit 1 } { before = $1 }' "$BATS_TEST_TMPDIR/lines"
	is "$(grep -c '  \.\.\. 4 s$' "$BATS_TEST_TMPDIR/lines")" 1
}

@test "on a terminal one line goes on instead, and is taken away" {
	needs_root
	lab
	play payload 'sleep 2.7; tar -cf "$2" -T /dev/null'
	TERM=xterm script -qec "$lab/try" /dev/null > "$BATS_TEST_TMPDIR/screen"
	grep -q $'\r  ... 2 s' "$BATS_TEST_TMPDIR/screen"
	grep -q $'\r\e\[K.*Starting it' "$BATS_TEST_TMPDIR/screen"
	grep -q $'\e\[1mA step\e\[0m' "$BATS_TEST_TMPDIR/screen"
}

@test "a machine that gets stuck is started once more, without a word of its console" {
	needs_root
	lab
	cp "$MACHINES/1" "$MACHINES/2"
	echo 'echo alive; exec sleep 50' > "$MACHINES/1"
	HOSTDEV_TRY_PATIENCE=1 try
	is "$status" 0
	says "The emulated machine got stuck."
	says "That says nothing about your machine or about hostdev-hook; it is started once more."
	says "  an answer"
	silent noise
	is "$(cat "$MACHINES/starts")" 2
}

@test "so is one that ends before its first word; and with the processor emulated, whatever it was before" {
	needs_root
	lab
	cp "$MACHINES/1" "$MACHINES/2"
	echo 'exit 1' > "$MACHINES/1"
	HOSTDEV_LAB_ACCEL=kvm try
	is "$status" 0
	says "it is started once more"
	is "$(cat "$MACHINES/with")" $'kvm 1 show\ntcg 1 show'
}

@test "stuck again: says so, and where the console is kept" {
	needs_root
	lab
	echo 'exec sleep 50' | tee "$MACHINES/1" > "$MACHINES/2"
	HOSTDEV_TRY_PATIENCE=1 try
	is "$status" 1
	says "The emulated machine got stuck again"
	says "What its console said is kept in $HOSTDEV_LAB_CACHE/console.txt."
	silent noise
	grep -q "rcu: noise of the kernel" "$HOSTDEV_LAB_CACHE/console.txt"
	grep -q "qemu: noise" "$HOSTDEV_LAB_CACHE/console.txt"
	is "$(cat "$MACHINES/starts")" 2
}

@test "what is shown and not so is no matter of the machine: it fails at once" {
	needs_root
	lab
	echo 'printf "%s\n" "= A step" "| the card is not home" failed' > "$MACHINES/1"
	try
	is "$status" 1
	says "  the card is not home"
	says "console.txt"
	silent "got stuck"
	is "$(cat "$MACHINES/starts")" 1
}

@test "what cannot be built is said with the last words of the builder" {
	needs_root
	lab
	play image 'echo "mmdebstrap could not make a tree" >&2; exit 1'
	try
	is "$status" 1
	says "  mmdebstrap could not make a tree"
	says "could not be built"
}

@test "an initrd without a module is not kept" {
	needs_mounts
	needs_program busybox
	lab
	cp "$tree"/tests/lab/{initrd,cache.sh} "$lab"
	mkdir -p "$BATS_TEST_TMPDIR/trixie-0123456789ab"
	play inside 'exec unshare --mount bash -c "mount -t tmpfs none /mnt && mkdir /mnt/new && mount --bind \"\$1\" /mnt/new && exec sh -e -c \"\$2\"" - "$2" "$3"'
	stub cpio 'cat'
	for result in 1 0; do
		stub modprobe 'echo "insmod '"$stubs"'/cpio"; exit '"$result"
		run "$lab/initrd" "$BATS_TEST_TMPDIR/trixie-0123456789ab"
		is "$status" "$result"
		is "$(compgen -G "$HOSTDEV_LAB_CACHE/initrd-trixie-????????????/initrd" | wc -l)" $((1 - result))
	done
}

# --- install.sh ---

show() { # a tree with a show that is only played
	export HOSTDEV_LAB_CACHE=$BATS_TEST_TMPDIR/cache
	mkdir -p "$machine/etc" "$BATS_TEST_TMPDIR/tree/tests/lab"
	cp "$tree/tests/deps" "$BATS_TEST_TMPDIR/tree/tests"
	printf '#!/bin/sh\necho the lab runs\nmkdir -p "%s/trixie-0123456789ab"\n' "$HOSTDEV_LAB_CACHE" > "$BATS_TEST_TMPDIR/tree/tests/lab/try"
	chmod 755 "$BATS_TEST_TMPDIR/tree/tests/lab/try"
	stub apt-get 'echo "$*" >> "'"$BATS_TEST_TMPDIR"'/asked"'
	stub dpkg-query 'exit 1'
	stub df 'printf "F\nx 0 0 ${FREE:-9000} 0%% /\n"'
	echo ID=debian > "$machine/etc/os-release"
}

with_show() { with_functions 'source_dir='"$BATS_TEST_TMPDIR"'/tree; missing_for_lab() { echo "$MISSING"; }; '"$1"; }

@test "--try: says what it downloads and leaves, installs the lab's packages only, runs the lab, says what stays" {
	needs_root
	show
	MISSING=mmdebstrap with_show 'try < /dev/null'
	is "$status" 0
	says "300 MB"
	says "1.7 GB of it stay in $HOSTDEV_LAB_CACHE"
	says "They are all that --try installs"
	grep -q "install mmdebstrap" "$BATS_TEST_TMPDIR/asked"
	[[ $(< "$BATS_TEST_TMPDIR/asked") != *libxml2-dev* ]]
	says "the lab runs"
	says "and the packages debian-archive-keyring e2fsprogs mmdebstrap util-linux."
	says "sudo ./install.sh, then sudo hostdevctl check"
	says "sudo ./install.sh --try --clean"
}

@test "--try: with all there it asks nothing and promises no download" {
	needs_root
	show
	mkdir -p "$HOSTDEV_LAB_CACHE/trixie-0123456789ab"
	MISSING='' with_show 'try < /dev/null'
	is "$status" 0
	is "${lines[0]}" "the lab runs"
	[[ $output != *300* && $output != *packages* ]]
}

@test "--try: a show that fails is one, and what it leaves is told all the same" {
	needs_root
	show
	printf '#!/bin/sh\nexit 1\n' > "$BATS_TEST_TMPDIR/tree/tests/lab/try"
	MISSING='' with_show 'try < /dev/null'
	is "$status" 1
	says "--try --clean"
	[[ $output != *"hostdevctl check"* ]]
}

@test "--try: too little room stops it before anything is changed" {
	needs_root
	show
	FREE=800 MISSING=mmdebstrap with_show 'try < /dev/null'
	is "$status" 1
	says "800 MB are free"
	[[ $output != *asked* && ! -e $HOSTDEV_LAB_CACHE ]]
}

@test "--try: elsewhere the tools are the admin's to install" {
	needs_root
	show
	echo ID=gentoo > "$machine/etc/os-release"
	MISSING=mmdebstrap with_show 'try < /dev/null'
	is "$status" 1
	says "install them by hand"
}

cache_of_the_lab() {
	export HOSTDEV_LAB_CACHE=$BATS_TEST_TMPDIR/cache
	mkdir -p "$HOSTDEV_LAB_CACHE"/{trixie-0123456789ab/tree,boots-trixie-dracut-0123456789ab,product-trixie.new}
	touch "$HOSTDEV_LAB_CACHE"/{trixie.lock,boots-trixie-dracut.lock,console.txt}
	printf 'mmdebstrap\n' > "$HOSTDEV_LAB_CACHE/packages"
}

@test "--try --clean: removes what the lab makes, and names the packages with the command" {
	needs_root
	cache_of_the_lab
	head -c 3M /dev/urandom > "$HOSTDEV_LAB_CACHE/trixie-0123456789ab/disk.img"
	run "$tree/install.sh" --try --clean
	is "$status" 0
	[[ ! -e $HOSTDEV_LAB_CACHE ]]
	says "Removed $HOSTDEV_LAB_CACHE: 4 MB are free again."
	says "apt purge --autoremove mmdebstrap"
	run "$tree/install.sh" --clean --try
	is "$status" 0
	says "nothing to remove"
}

@test "--try --clean: what a killed build has left mounted goes, and what runs mounted refuses it" {
	needs_root
	cache_of_the_lab
	local built=$HOSTDEV_LAB_CACHE/trixie-0123456789ab/tree left=$HOSTDEV_LAB_CACHE/product-trixie.new/tree/proc
	mkdir -p "$left"
	mount -t tmpfs none "$built"
	run "$tree/install.sh" --try --clean
	umount "$built"
	mount -t tmpfs none "$left"
	is "$status" 1
	says "is in use"
	run "$tree/install.sh" --try --clean
	! mountpoint -q "$left" || umount "$left"
	is "$status" 0
	[[ ! -e $HOSTDEV_LAB_CACHE ]]
}

@test "--try --clean: what is not the lab's stays" {
	needs_root
	cache_of_the_lab
	mkdir "$HOSTDEV_LAB_CACHE/mine"
	touch "$HOSTDEV_LAB_CACHE/.mine" "$HOSTDEV_LAB_CACHE/notes-0123456789ab.txt"
	ln -s /etc "$HOSTDEV_LAB_CACHE/link-0123456789ab"
	run "$tree/install.sh" --try --clean
	is "$status" 0
	says "not the show's, and stay: "
	is "$(cd "$HOSTDEV_LAB_CACHE" && find . -mindepth 1 | sort | paste -sd ' ')" "./.mine ./link-0123456789ab ./mine ./notes-0123456789ab.txt"
	[[ -e /etc/passwd ]]
}

@test "--try --clean: what only looks like the lab's stays, too" {
	needs_root
	cache_of_the_lab
	rm "$HOSTDEV_LAB_CACHE"/{packages,console.txt}
	theirs=(packages/mine console.txt/mine my.new photos-0123456789ab work-debs trixie.lock.d)
	for name in "${theirs[@]}"; do mkdir -p "$HOSTDEV_LAB_CACHE/$name"; done
	touch "$HOSTDEV_LAB_CACHE/yarn.lock" "$HOSTDEV_LAB_CACHE/bookworm-0123456789ab"
	run "$tree/install.sh" --try --clean
	is "$status" 0
	is "$(cd "$HOSTDEV_LAB_CACHE" && echo ./*)" \
		"./bookworm-0123456789ab ./console.txt ./my.new ./packages ./photos-0123456789ab ./trixie.lock.d ./work-debs ./yarn.lock"
	[[ -d $HOSTDEV_LAB_CACHE/packages/mine ]]
}

@test "--try --clean: every name that the lab gives is known" {
	with_functions 'cache=$TMPDIR/known; mkdir "$cache"
		grep -rhoE --exclude="*.bats" "cache_begin \"[^\"]+\"" "'"$tree"'/tests" |
			sed -e "s/.* .//; s/.\$//" -e "s/\\\${name%-\\*}/boots-trixie-dracut/; s/\\\$release/bookworm/; s/\\\$kind/systemd-boot/" > "$cache.names"
		while read -r name; do
			mkdir "$cache/$name-0123456789ab" "$cache/$name.new"; touch "$cache/$name.lock"
		done < "$cache.names"
		wc -l < "$cache.names"
		for path in "$cache"/*; do of_the_lab "$path" || echo "not known: $path"; done'
	is "$status" 0
	is "$output" 7
}

@test "--try --clean: a cache that is a link is emptied" {
	needs_root
	cache_of_the_lab
	mv "$HOSTDEV_LAB_CACHE" "$BATS_TEST_TMPDIR/big"
	ln -s big "$HOSTDEV_LAB_CACHE"
	run "$tree/install.sh" --try --clean
	is "$status" 0
	says "apt purge --autoremove mmdebstrap"
	is "$(ls -A "$BATS_TEST_TMPDIR/big")" ""
	[[ -L $HOSTDEV_LAB_CACHE ]]
}

@test "--try: a cache whose parent is not there yet" {
	needs_root
	show
	export HOSTDEV_LAB_CACHE=$BATS_TEST_TMPDIR/no/where/cache
	printf '#!/bin/bash\n[[ -d ${!#} ]] || exit 1\nprintf "F\\nx 0 0 ${FREE:-9000} 0%%%% /\\n"\n' > "$stubs/df"
	MISSING='' with_show 'try < /dev/null'
	is "$status" 0
	says "the lab runs"
	FREE=800 MISSING='' with_show 'try < /dev/null'
	is "$status" 1
	says "3.5 GB of room in $BATS_TEST_TMPDIR, and 800 MB are free"
	says "sudo HOSTDEV_LAB_CACHE=FOLDER ./install.sh --try"
}

@test "--try --clean: not while a machine runs, something is built, or something is mounted there" {
	needs_root
	cache_of_the_lab
	for path in trixie-0123456789ab trixie.lock; do
		exec 5< "$HOSTDEV_LAB_CACHE/$path"
		flock -s 5
		run "$tree/install.sh" --try --clean
		is "$status" 1
		says "$path is in use"
		says "Nothing was removed"
		exec 5<&-
	done
	run unshare --mount --propagation private bash -c 'mount -t tmpfs none "$1/trixie-0123456789ab/tree" && exec "$2" --try --clean' - \
		"$HOSTDEV_LAB_CACHE" "$tree/install.sh"
	is "$status" 1
	says "is in use"
	[[ -e $HOSTDEV_LAB_CACHE/packages && -d $HOSTDEV_LAB_CACHE/product-trixie.new ]]
}

@test "--clean alone is a mistake" {
	run "$tree/install.sh" --clean
	is "$status" 1
	is "${#lines[@]}" 1
	says "--clean goes with --try"
}
