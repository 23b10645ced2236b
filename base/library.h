/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/error.h"

/*
 * The libraries that are opened at run time, each by the name that a program linked to it would
 * know it by; LIBRARY_XML, whose name changes, is read when the project is configured. Both
 * programs are linked to libc alone, so that a library that an upgrade or a clean-up has taken away
 * costs what it is needed for, and an answer that says so. install.sh finds these names in the
 * programs.
 */
#define LIBRARY_CRYPTO "libcrypto.so.3"
#define LIBRARY_KMOD "libkmod.so.2"
#define LIBRARY_MNL "libmnl.so.0"
#define LIBRARY_MOUNT "libmount.so.1"
#define LIBRARY_PCI "libpci.so.3"
#define LIBRARY_SMARTCOLS "libsmartcols.so.1"
#define LIBRARY_SYSTEMD "libsystemd.so.0"
#define LIBRARY_VIRT "libvirt.so.0"

/*
 * Tells packagers and their tools that this file opens a library at run time: a note in the program
 * (.note.dlopen of the UAPI group's ELF dlopen metadata), as the linker tells nothing of such a
 * library. feature: a word; priority: "required" where a guest with host devices cannot be started
 * without it, "recommended", or "suggested". To be written once for a library, in the file that
 * opens it.
 */
#define LIBRARY_NOTE(soname, feature, purpose, priority)                                           \
	LIBRARY_NOTE_("[{\"soname\":[\"" soname "\"],\"feature\":\"" feature                       \
		      "\",\"description\":\"" purpose "\",\"priority\":\"" priority "\"}]")
#define LIBRARY_NOTE_(json)                                                                        \
	static const struct {                                                                      \
		unsigned int name_size, json_size, type;                                           \
		char name[4];                                                                      \
		char text[(sizeof(json) + 3) & ~(size_t)3];                                        \
	} library_note __attribute__((used, aligned(4), section(".note.dlopen"))) = {              \
		4, sizeof(json), 0x407c0c0a, "FDO", json}

/* A function of a library, and where its address goes: a pointer of the function's own type. */
struct library_symbol {
	const char *name;
	void *slot;
};

/*
 * A file lists the functions that it calls once, as in
 *
 *   #define MNL_FUNCTIONS(use) use(mnl_socket_bind, bind) use(mnl_socket_close, close)
 *
 * and makes of the list the members of a struct, and the symbols that fill in "library", a pointer
 * to such a struct.
 */
#define LIBRARY_POINTER(function, member) __typeof__(function) *(member);
#define LIBRARY_SYMBOL(function, member) {#function, &library->member},

/*
 * Opens a shared library. *ret_handle: library_close. ELIBACC where it is not installed or lacks a
 * symbol, with what to do; package tells people what to look for.
 */
int library_open(const char *file, const char *package, const struct library_symbol *symbols,
		 size_t count, void **ret_handle, struct error *err);
void library_close(void **handle); /* fine on NULL */
