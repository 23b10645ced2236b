# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A made-up machine, a build that is only played, and how install.sh is called there. Loaded by the tests beside it.
# shellcheck disable=SC2016,SC2034,SC2154 # what stands in quotes is for the stubs and for install.sh's functions to expand
load ../needs

setup() {
	tree=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	machine=$BATS_TEST_TMPDIR/machine
	stubs=$BATS_TEST_TMPDIR/stubs
	product=$BATS_TEST_TMPDIR/product
	mkdir -p "$machine" "$stubs" "$product"/{usr/sbin,usr/bin,usr/libexec/hostdev-hook,usr/share/man/man8,etc/hostdev-hook/{hostdev-hook.conf.d,guests},etc/libvirt/hooks}
	echo front > "$product/usr/sbin/hostdev-hook"
	echo engine > "$product/usr/libexec/hostdev-hook/engine"
	echo ctl > "$product/usr/bin/hostdevctl"
	echo page > "$product/usr/share/man/man8/hostdev-hook.8"
	chmod 755 "$product/usr/sbin/hostdev-hook"
	printf '# comment\n#group = whole\n' > "$product/etc/hostdev-hook/hostdev-hook.conf"
	ln -s /usr/sbin/hostdev-hook "$product/etc/libvirt/hooks/qemu"
	stub cmake 'case $1 in --version) echo "cmake version 3.25.1" ;; --install) mkdir -p "$DESTDIR" && cp -a "'"$product"'/." "$DESTDIR" ;; esac'
	stub pkg-config 'exit 0'
	stub ninja 'exit 0'
	stub cc 'exit 0'
	PATH=$stubs:$PATH
	export TMPDIR=$BATS_TEST_TMPDIR/tmp # for logs that a failure leaves
	mkdir "$TMPDIR"
	hooks=$machine/etc/libvirt/hooks
}

stub() { # NAME BODY
	printf '#!/bin/bash\n%s\n' "$2" > "$stubs/$1"
	chmod 755 "$stubs/$1"
}

install_sh() { run "$tree/install.sh" --destdir "$machine" "$@"; }

# Everything below a folder: type, mode, path, where a link leads, and what is in a file.
listing() {
	(cd "$1" && find . -mindepth 1 -printf '%y %m %p %l\n' | sort && find . -type f -print0 | sort -z | xargs -0r sha256sum)
}

# Calls functions of install.sh: the rest of the arguments is a script.
with_functions() { run bash -c '. "$1"; root=$2; eval "$3"' - "$tree/install.sh" "$machine" "$1"; }

is() { [[ $1 == "$2" ]] || { printf 'is:      %s\nwants:   %s\n' "$1" "$2"; return 1; }; }
says() { [[ $output == *"$1"* ]] || { printf 'does not say: %s\nbut: %s\n' "$1" "$output"; return 1; }; }
