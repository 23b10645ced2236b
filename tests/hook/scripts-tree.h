/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A directory of scripts as users have it, below a temporary one that belongs to us alone. What
 * scripts leave behind for the test goes to files beside it; each gets the path of that place.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/host/check.h"

static char tree[64];         /* the temporary directory: $T in scripts */
static char scripts_dir[128]; /* qemu.d in it */

static inline int remove_entry(const char *path, const struct stat *status, int type,
			       struct FTW *ftw)
{
	(void)status, (void)type, (void)ftw;
	return remove(path);
}

static inline int tree_make(void **state)
{
	(void)state;
	strcpy(tree, "/tmp/test-scripts-XXXXXX");
	if (!mkdtemp(tree))
		return -1;
	snprintf(scripts_dir, sizeof(scripts_dir), "%s/qemu.d", tree);
	return mkdir(scripts_dir, 0755);
}

static inline int tree_end(void **state)
{
	(void)state;
	return nftw(tree, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#define in_tree(test) cmocka_unit_test_setup_teardown(test, tree_make, tree_end)

static inline char *tree_path(const char *name)
{
	return xasprintf("%s/%s", tree, name);
}

/* Makes the directories above it. */
static inline void make_way(char *path)
{
	for (char *slash = path + strlen(tree) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

/* name: below the tree ("qemu.d/g1/prepare/begin/10-x"). */
static inline void put_file(const char *name, const char *text, mode_t mode)
{
	auto_free char *path = tree_path(name);
	FILE *file;

	make_way(path);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static inline void put_script(const char *name, const char *body)
{
	auto_free char *text = xasprintf("#!/bin/sh\nT=%s\n%s\n", tree, body);

	put_file(name, text, 0755);
}

static inline void put_dir(const char *name)
{
	auto_free char *path = xasprintf("%s/%s/", tree, name);

	make_way(path);
}

static inline void put_link(const char *name, const char *target)
{
	auto_free char *path = tree_path(name);

	make_way(path);
	assert_int_equal(symlink(target, path), 0);
}

static inline void give_to(const char *name, uid_t owner)
{
	auto_free char *path = tree_path(name);

	assert_int_equal(lchown(path, owner, (gid_t)-1), 0);
}

static inline void set_mode(const char *name, mode_t mode)
{
	auto_free char *path = tree_path(name);

	assert_int_equal(chmod(path, mode), 0);
}

/* What scripts left there; heap, "" where there is nothing. */
static inline char *left_in(const char *name)
{
	auto_free char *path = tree_path(name);
	auto_fclose FILE *file = fopen(path, "r");
	struct text text = TEXT_INIT;
	char chunk[4096];
	size_t length;

	text_append(&text, "", 0);
	while (file && (length = fread(chunk, 1, sizeof(chunk), file)) > 0)
		text_append(&text, chunk, length);
	return text.data;
}

static inline void assert_left(const char *name, const char *expected)
{
	auto_free char *found = left_in(name);

	assert_text(found, expected);
}
