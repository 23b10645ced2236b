/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/refusal.h"

/*
 * The words of each kind of refusal, as parts of the lines that model/refusal.c lays out. Only
 * refusal.c and the refusal-*.c beside it include this header, which so is in a circle with
 * model/refusal.h.
 */
struct refusal_words {
	const struct refusal *refusal;
	const char *guest; /* as libvirt has it */
	const struct snapshot *snapshot;
	size_t name_size; /* the most bytes of a device's name; 0: no names */
	bool brief;       /* the tie to a device that the guest names is told in few words */
};

/* "0000:01:00.0 (NVIDIA GA102 ...): nvme0n1p1 is mounted on /srv.": no guest, no newline. */
void refusal_words_why(const struct refusal_words *words, struct text *out);

/* One line or two, without the last newline. */
void refusal_words_advice(const struct refusal_words *words, struct text *out);

/* "allow+=igpu": the argument of "hostdevctl set" that lifts the refusal. Heap; NULL: none does. */
char *refusal_words_setting(const struct refusal *refusal);

/* The second line of REFUSAL_MATE: which mates stand in the way, and why the host needs them. */
void refusal_words_mates(const struct refusal_words *words, struct text *out);

/* "Put the card into another slot": what parts the device from its mates. Heap; NULL: no slot. */
char *refusal_words_parting(const struct refusal_words *words);

/*
 * The offset in the evidence of a use at which the long part begins that stands behind the advice
 * (what could not be read, and why); the length of the evidence if there is no such part.
 */
size_t refusal_words_detail(const struct refusal *refusal);
