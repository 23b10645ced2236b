#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/layers says yes to a small house that stands, and no to the same house with one rule broken: a rule that cannot
# fail proves nothing.

setup() {
	layers=$BATS_TEST_DIRNAME/layers
	house=$BATS_TEST_TMPDIR/house
	build=$BATS_TEST_TMPDIR/build
	mkdir -p "$house"/{base,model,state,scan,parsers/{domain,pci,users},actions/{kinds,setup},session,generator,hook,hostdevctl/{check,output}} "$build"/{model,generator,hook}
	mkdir "$house/tests"
	: > "$house/tests/house.bats"
	put base/error.h ''
	put base/host.h ''
	put model/addr.h '#include "base/error.h"'
	put model/addr.c '#include "model/addr.h"' '#include <string.h>' 'unsigned long addr_length(const char *a) { return strlen(a); }'
	put parsers/domain/domain.c '#include "base/host.h"' '#include "model/addr.h"' '#include <libxml/parser.h>'
	put parsers/domain/domain.h ''
	put actions/step-ops.h ''
	put generator/emit.h ''
	put generator/emit.c '#include "generator/emit.h"' 'unsigned long emit(const char *a) { return addr_length(a); }'
	put session/session.h ''
	put session/session.c '#include "session/session.h"' '#include "parsers/domain/domain.h"' '#include "actions/step-ops.h"'
	put hostdevctl/domains.c '#include <libvirt/libvirt.h>' '#include "generator/emit.h"'
	compile model/addr.c
	compile generator/emit.c
	program hostdev-hook
	program engine
}

put() { # FILE LINES...: a source file of the house, which says by which test it is tested
	printf '%s\n' '/* SPDX-License-Identifier: GPL-2.0-or-later Tests: house.bats. */' "${@:2}" > "$house/$1"
}

# As gnu89: no later C lets a function be called that nobody has declared, and some compilers know no other way to allow it.
compile() { # FOLDER/FILE: into that folder's archive
	(cd "$house" && cc -std=gnu89 -w -I. -c "$1" -o "$BATS_TEST_TMPDIR/object.o")
	ar rc "$build/${1%%/*}/libhostdev-${1%%/*}.a" "$BATS_TEST_TMPDIR/object.o"
}

program() { # NAME LINKER-OPTIONS...
	echo 'int main(void) { return 0; }' | cc -x c -o "$build/hook/$1" - -Wl,--no-as-needed "${@:2}"
}

fails_with() {
	run "$layers" "$house" "$build"
	[[ $status -eq 1 && $output == *"$1"* ]] || { echo "exit $status, does not say: $1"; echo "$output"; return 1; }
}

@test "a house that stands" {
	run "$layers" "$house" "$build"
	echo "$output"
	[[ $status -eq 0 && -z $output ]]
}

@test "each forbidden arrow" {
	while read -r from to; do
		put "$from/wrong.c" "#include \"$to/some.h\""
		fails_with "$from/wrong.c:2: $from must not include $to/some.h"
		rm "$house/$from/wrong.c"
	done <<- 'END'
		base model
		base parsers
		model scan
		model state
		state scan
		state parsers
		state actions
		state session
		scan state
		model parsers
		model actions
		model hook
		scan parsers
		scan actions
		scan hook
		parsers actions
		parsers generator
		parsers hook
		actions parsers
		actions generator
		actions hostdevctl
		generator scan
		generator state
		generator parsers
		generator actions
		generator hook
		parsers session
		actions session
		session hook
		session hostdevctl
		session generator
		hook generator
		hook hostdevctl
		hook tests
	END
}

@test "each forbidden arrow between rooms" {
	while read -r from to; do
		put "$from/wrong.c" "#include \"$to/some.h\""
		fails_with "$from/wrong.c:2: $from must not include $to/some.h"
		rm "$house/$from/wrong.c"
	done <<- 'END'
		parsers/domain parsers/pci
		parsers/pci parsers/users
		parsers/pci parsers/attic
		actions/kinds actions/setup
		actions/setup actions/kinds
		hostdevctl/check hostdevctl/status
		hostdevctl/output hostdevctl/check
	END
}

@test "a room that nobody has drawn" {
	mkdir "$house/parsers/attic"
	put parsers/attic/wrong.c ''
	fails_with "parsers/attic is no room that the layer test knows"
}

@test "a parser that sees the whole" {
	put parsers/pci/wrong.c '#include "parsers/situation.h"'
	fails_with "parsers must not include parsers/situation.h"
}

@test "two structs of one tag" {
	put parsers/wrong.c 'struct reading {' '	int x;' '};'
	put actions/wrong.c 'struct reading {' '	int y;' '};'
	fails_with "struct reading is also in"
}

@test "two functions of one name" {
	put parsers/wrong.c 'int find_it(void)' '{ return 0; }'
	put actions/wrong.c 'int find_it(int x)' '{ return x; }'
	fails_with "find_it() is also in"
	put actions/wrong.c 'static int find_it(int x)' '{ return x; }'
	fails_with "actions/wrong.c: static find_it() is a public function of parsers/wrong.c"
}

@test "a function with another noun than its header's" {
	put parsers/disk-uses.h 'int disk_uses_read(void);' 'int disk_use_first(void);' 'int uses_count(void);'
	put parsers/odd.h 'struct even {' '	int x;' '};' 'int even_read(void);' 'int odd_read(void); /* int wrong(void); */'
	run "$layers" "$house" "$build"
	[[ $output != *noun* ]]
	put parsers/odd.h 'struct even {' '	int x;' '};' 'int evening_read(void);'
	fails_with "parsers/odd.h: evening_read bears neither the noun of this header nor of a struct in it"
	put parsers/odd.h '/* They have names of their own. */' 'int evening_read(void);'
	run "$layers" "$house" "$build"
	[[ $output != *noun* ]]
}

@test "files that include each other in a circle" {
	put parsers/one.h '#include "parsers/two.h"'
	put parsers/two.h 'int two_read(void);'
	put parsers/two.c '#include "parsers/two.h"' '#include "parsers/three.h"'
	put parsers/three.h '#include "parsers/one.h"'
	fails_with "these include each other in a circle: parsers/one parsers/three parsers/two"
	put parsers/three.h '/* In a circle with two.h, because. */' '#include "parsers/one.h"'
	fails_with "in a circle: "
	put parsers/three.h '/* It is in a circle with two.h, because. */' '#include "parsers/one.h"'
	run "$layers" "$house" "$build"
	[[ $output != *circle* ]]
}

@test "a folder that clang-tidy does not know" {
	echo "HeaderFilterRegex: '.*/(base|model|state|scan|parsers|actions|session|generator|hostdevctl|tests|bench)/.*'" > "$house/.clang-tidy"
	fails_with ".clang-tidy: HeaderFilterRegex does not know hook/"
}

@test "an include that goes up" {
	put parsers/wrong.c '#include "../actions/table.h"'
	fails_with "goes up"
}

@test "the model knows no machine" {
	put model/wrong.c '#include "base/host.h"'
	fails_with "the model must not know base/host.h"
}

@test "the generator knows no machine" {
	for header in host host-change trust; do
		put generator/wrong.c "#include \"base/$header.h\""
		fails_with "the generator must not know base/$header.h"
	done
}

@test "a foreign library has one file" {
	put parsers/second.c '#include <libxml/tree.h>'
	fails_with "<libxml/tree.h> is the business of"
}

@test "a foreign header in a header" {
	put hostdevctl/wrong.h '#include <libvirt/virterror.h>'
	fails_with "<libvirt/virterror.h> belongs into a .c file"
}

@test "the model asks the machine" {
	for call in 'open("/", 0)' 'read(0, 0, 0)' 'write(1, "", 0)' 'fopen("/", "r")' 'printf("%d", 1)' 'time(0)' 'getenv("HOME")'; do
		put model/addr.c "long wrong(void) { return (long)$call; }"
		compile model/addr.c
		fails_with "of the model calls ${call%%(*}"
	done
}

@test "the generator asks the machine" {
	for call in 'open("/", 0)' 'fopen("/", "r")' 'host_exists(0)' 'digest_sha256("")'; do
		put generator/emit.c "long wrong(void) { return (long)$call; }"
		compile generator/emit.c
		fails_with "of the generator calls ${call%%(*}"
	done
}

@test "the model asks the generator" {
	put model/addr.c 'long wrong(void) { return emit("a"); }'
	compile model/addr.c
	fails_with "of the model calls emit"
}

@test "what a sanitizer puts in is no call of the model's" {
	put generator/emit.c 'int emit(void) { return 1; }'
	compile generator/emit.c
	for call in __asan_report_load8 __ubsan_handle_add_overflow __sanitizer_cov_trace_pc __start_asan_globals __stop_asan_globals; do
		put model/addr.c "void $call(void); void fine(void) { $call(); }"
		compile model/addr.c
		run "$layers" "$house" "$build"
		[[ $status -eq 0 ]] || { echo "$output"; return 1; }
	done
	put model/addr.c 'void __start_engine(void); void wrong(void) { __start_engine(); }'
	compile model/addr.c
	fails_with "of the model calls __start_engine"
}

@test "a shell, or the environment" {
	mkdir -p "$build/actions"
	echo 'int system(const char *); int wrong(void) { return system("true"); }' | cc -x c -c -o "$build/actions/wrong.o" -
	fails_with "calls system"
}

@test "the environment is asked for colours and the width, by one file of hostdevctl each" {
	local asks='char *getenv(const char *); char *ask(void) { return getenv("NO_COLOR"); }'

	mkdir -p "$build"/{hostdevctl,hook}
	cc -x c -c -o "$build/hostdevctl/color.c.o" - <<< "$asks"
	cc -x c -c -o "$build/hostdevctl/output-layout.c.o" - <<< "$asks"
	run "$layers" "$house" "$build"
	[[ $status -eq 0 ]] || { echo "$output"; return 1; }
	for other in hostdevctl/other.c.o hostdevctl/mycolor.c.o hook/color.c.o hook/output-layout.c.o; do
		cc -x c -c -o "$build/$other" - <<< "$asks"
		fails_with "$other calls getenv"
		rm "$build/$other"
	done
	cc -x c -c -o "$build/hostdevctl/color.c.o" - <<< 'int system(const char *); int wrong(void) { return system("true"); }'
	fails_with "color.c.o calls system"
}

@test "a front door that loads more than libc" {
	program hostdev-hook -lm
	fails_with "loads libm.so.6; the front door loads libc alone"
}

@test "a hook linked to libvirt" {
	echo 'int x;' | cc -x c -shared -o "$BATS_TEST_TMPDIR/libvirt.so" -Wl,-soname,libvirt.so.0 -
	program engine -L"$BATS_TEST_TMPDIR" -lvirt
	fails_with "is linked to libvirt.so.0"
}

@test "a program that is linked to a library" {
	program engine -lm
	fails_with "engine is linked to libm.so.6; open it when it is needed"
	program engine
	mkdir "$build/hostdevctl"
	echo 'int main(void) { return 0; }' | cc -x c -o "$build/hostdevctl/hostdevctl" - -Wl,--no-as-needed -lm
	fails_with "hostdevctl is linked to libm.so.6; open it when it is needed"
}

@test "a library that is opened and not noted, or noted and not opened" {
	echo 'const char *volatile name = "libx.so.1"; int main(void) { return !*name; }' | cc -x c -o "$build/hook/engine" -
	fails_with "engine: libx.so.1 opened; LIBRARY_NOTE is to be once"
	echo 'const char note[] __attribute__((section(".note.dlopen"), used)) = "[{\"soname\":[\"liby.so.2\"]}]"; int main(void) { return 0; }' |
		cc -x c -o "$build/hook/engine" -
	fails_with "engine: liby.so.2 noted; LIBRARY_NOTE is to be once"
}

@test "a library that is called by its name elsewhere, or that nobody looks for" {
	put base/library.h '#define LIBRARY_PCI "libpci.so.3"' '#define LIBRARY_MNL "libmnl.so.0"'
	put hostdevctl/check/check-libraries.c 'const char *all[] = {LIBRARY_PCI};'
	fails_with "hostdevctl/check/check-libraries.c: does not look for LIBRARY_MNL"
	put hostdevctl/check/check-libraries.c 'const char *all[] = {LIBRARY_PCI, LIBRARY_MNL};'
	run "$layers" "$house" "$build"
	[[ $status -eq 0 ]]
	put parsers/wrong.c 'const char *name = "libkmod.so.2";'
	fails_with 'parsers/wrong.c:2: "libkmod.so.2" has its name in base/library.h'
}

@test "a path that an installation chooses" {
	put base/wrong.c 'const char *hooks = "/etc/libvirt/hooks/qemu";'
	fails_with 'base/wrong.c:2: names where something is installed'
	put base/wrong.c 'const char *program(void)' '{' '	return "run /usr/sbin/hostdev-hook";' '}'
	fails_with 'base/wrong.c:4: names where something is installed'
	put base/wrong.c '/* A link in "/etc/libvirt/hooks", say. */' 'const char *lib = "/usr/lib/hostdev-hook/binder";'
	put base/wrong.h '/*' ' * "/usr/sbin/hostdev-hook" is such a program.' ' */'
	run "$layers" "$house" "$build"
	[[ $status -eq 0 ]] || { echo "$output"; return 1; }
}

@test "nothing built, or one of the two that compute" {
	rm "$build/generator/libhostdev-generator.a"
	fails_with "generator/libhostdev-generator.a: not built"
	rm -r "${build:?}"/*
	fails_with "model/libhostdev-model.a: not built"
}

@test "a file without SPDX, one that is too long, one outside the house" {
	echo 'int x;' > "$house/base/bare.c"
	fails_with "base/bare.c: no SPDX line"
	rm "$house/base/bare.c"
	put base/long.c 'int x;'
	yes '' | head -n 499 >> "$house/base/long.c"
	fails_with "base/long.c: 501 lines"
	rm "$house/base/long.c"
	mkdir "$house/cellar"
	put cellar/wrong.c 'int x;'
	fails_with "cellar/wrong.c: not in a folder of the house"
}

@test "a file that says of no test" {
	printf '%s\n' '/* What it is. */' > "$house/base/untested.c"
	fails_with 'base/untested.c: neither a test of its noun nor "Tests: ..." at its head'
	printf '%s\n' '/*' ' * What it is. Tests: unit/test-first.c, ctl/second.bats.' ' */' > "$house/base/untested.c"
	mkdir -p "$house/tests/unit" "$house/tests/ctl"
	put tests/unit/test-first.c 'int first;'
	fails_with 'base/untested.c: tests/ctl/second.bats is not there'
	put tests/ctl/second.bats '# a suite'
	run "$layers" "$house" "$build"
	[[ $output != *"at its head"* && $output != *"is not there"* ]]
}

@test "a test whose name begins with test_" {
	mkdir -p "$house/tests/unit"
	put tests/unit/test-addr.c 'static void an_address(void **state)' '{}'
	run "$layers" "$house" "$build"
	[[ $status -eq 0 ]] || { echo "$output"; return 1; }
	put tests/unit/test-addr.c 'static void test_address(void **state)' '{}'
	fails_with 'tests/unit/test-addr.c:2: call a test by what is so, without "test_"'
}

@test "a test that is passed over" {
	local word=skip
	mkdir -p "$house/tests/unit"
	put tests/unit/test-addr.c 'void test_addr(void);' '/* Who may skip a test? */'
	put tests/addr.bats "# to skip is no use" "	text_$word lines"
	run "$layers" "$house" "$build"
	[[ $status -eq 0 ]] || { echo "$output"; return 1; }
	put tests/unit/test-addr.c 'void test_addr(void)' '{' "	$word();" '}'
	fails_with "tests/unit/test-addr.c:4: passes a test over"
	rm "$house/tests/unit/test-addr.c"
	put tests/addr.bats '@test "an address" {' "	command -v lspci || $word \"no lspci\"" '}'
	fails_with "tests/addr.bats:3: passes a test over"
	put tests/addr.bats "	if [[ \$EUID -ne 0 ]]; then $word; fi"
	fails_with "tests/addr.bats:2: passes a test over"
	put tests/addr.bats "	$word"
	fails_with "tests/addr.bats:2: passes a test over"
}
