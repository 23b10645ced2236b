/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "generator/draft.h"
#include "generator/reserved.h"
#include "model/boot-words.h"
#include "model/setup.h"

/* x86 cuts a command line off at 2048 bytes with its NUL (COMMAND_LINE_SIZE). */
#define CMDLINE_MAX 2047

/*
 * One of the devices by its identity, as the boot scripts read it:
 * "0000:01:00.0=10de:2204:1458:403b:030000", vendor, device, both of the subsystem, class. Where
 * a twin of it (model/twins.h) is not reserved with it, "+2of3" follows, its place among twins.
 */
void words_item(const struct reserved *reserved, size_t index, struct text *out);

/* "hostdev.guest=ITEM,ITEM" */
void words_guest(const struct reserved *reserved, struct text *out);

/* "10de:2204:1458:403b,8086:1533:8086:0001", each once: what vfio-pci's option ids takes. */
void words_ids(const struct reserved *reserved, struct text *out);

/* Appends each of the words, between what is before and what is behind it. */
void words_each(const char *words, const char *before, const char *behind, struct text *out);

/* Of a word of boot_words_each that is not ours: what it does where it stands, for people. */
const char *words_effect(const char *word);

/* For a menu: what GRUB's language or a terminal could take for more than text is a blank. Heap. */
char *words_title(const char *text);

/*
 * Refuses words that would not fit behind the longest command line of the host, or that a shell or
 * GRUB would take for more than text.
 */
void words_check(const struct generate_facts *facts, const char *words, struct draft *draft);
