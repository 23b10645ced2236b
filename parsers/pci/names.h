/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/*
 * Fills device->name of every device in the snapshot that has none, and the names of its pins, from
 * the system's pci.ids (libpci). What has no name keeps NULL, or "". Costs milliseconds: call where
 * a message needs names.
 */
void names_fill(struct snapshot *snapshot);

/*
 * For a program that has other things to do before it needs names: a thread reads the list
 * meanwhile. The program may fork workers while the thread reads. Heap; NULL where there is no
 * list. names_ahead_done.
 */
struct names_ahead *names_read_ahead(void);
void names_ahead_done(struct names_ahead **ahead); /* fine on NULL */

/* names_fill by the list that was read ahead, if *ahead is not NULL. */
void names_fill_ahead(struct names_ahead *ahead, struct snapshot *snapshot);
