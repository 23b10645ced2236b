/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* What tells whose a machine is, and is replaced in a text that anybody may read. */
enum disguise_kind {
	DISGUISE_HOST,      /* a name of this host, or of another */
	DISGUISE_USER,      /* a name of a user, or the folder of such a user */
	DISGUISE_PLACE,     /* where the admin has mounted something */
	DISGUISE_INTERFACE, /* a network interface whose name the admin has chosen */
	DISGUISE_SERIAL,    /* a serial number */
	DISGUISE_DISK,      /* a label or another name of a disk */
	DISGUISE_UUID,
	DISGUISE_MAC,
	DISGUISE_ADDRESS, /* of the network */
	DISGUISE_SECRET,  /* a password on the command line of the kernel */
	DISGUISE_KINDS
};

struct disguise_name {
	enum disguise_kind kind;
	char *secret, *shown; /* heap */
	bool by_form;         /* it was recognised by its form, and its word alone is no secret */
	bool kept;            /* it is not replaced: disguise_keep_words */
	bool used;
};

/* Each secret, and what stands for it: the same everywhere. Begins zeroed. */
struct disguise {
	struct disguise_name *names;
	size_t count;
	size_t numbers[DISGUISE_KINDS];
};

void disguise_done(struct disguise *disguise);
#define auto_disguise cleanup(disguise_done)

/*
 * A name is to be replaced, where it stands as a word, by shown (NULL: by the next made-up one of
 * its kind). Nothing is done for an empty name and for a name that is known already.
 */
void disguise_add(struct disguise *disguise, enum disguise_kind kind, const char *secret,
		  const char *shown);

/* Names of users that only the paths of their folders tell. */
void disguise_learn(struct disguise *disguise, const char *text);

/*
 * A name that is a word of this text, which holds no secret, is not replaced: else a host that is
 * called "nvidia" would have a driver of another name.
 */
void disguise_keep_words(struct disguise *disguise, const char *text);

/*
 * Appends the text with the names replaced, and all that is a UUID, a MAC address, an IP address or
 * a name of a disk by its form.
 */
void disguise_text(struct disguise *disguise, const char *text, struct text *out);

/* How many of the kind were replaced. */
size_t disguise_count(const struct disguise *disguise, enum disguise_kind kind);
