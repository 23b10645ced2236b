/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What a start of the host looks for by a line of fstab(5) or crypttab(5), or by a unit. */
struct start_line {
	char *source; /* heap: a path below /dev; "UUID=..." and such as the link that udev makes */
	char *name;   /* heap: of crypttab, what is made of it; "" for all else */
	char *how;    /* heap, escaped: "what /etc/fstab mounts on /srv" */
	bool asks;    /* somebody has to type a passphrase for it */
	const char *spared; /* why it may be missing ("nofail"), a constant; NULL: it may not */
	char *help; /* heap: how it may be missing all the same; NULL: spared tells why it may */
};

struct start_lines {
	struct start_line *all;
	size_t count;
};

/*
 * The path below /dev of a source, "UUID=..." and such as above; heap, NULL: no device of this
 * machine. The text is taken apart.
 */
char *start_line_source(char *source);

void start_lines_done(struct start_lines *lines);
/* Each appends. Text is taken apart. Lines whose source is no device are left out. */
void start_lines_fstab(char *text, struct start_lines *lines);
void start_lines_crypttab(char *text, struct start_lines *lines);
/* Of a unit "NAME.mount" or "NAME.swap"; spared as above, help copied (NULL: none). */
void start_lines_unit(char *text, const char *name, const char *spared, const char *help,
		      struct start_lines *lines);
/*
 * Where the kernel's command line says that a system is to be found which was hibernated, and where
 * keys and headers of disks are.
 */
void start_lines_cmdline(const char *cmdline, struct start_lines *lines);
/* The same for the text of initramfs-tools' conf.d/resume, which goes into the image. */
void start_lines_resume_conf(char *text, struct start_lines *lines);
