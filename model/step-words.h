/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/step.h"

/*
 * Steps in words for people. The values of cells have a spelling of their own (model/cell.h), which
 * the journal and the log need and which an error message must not show.
 */

/*
 * The beginning of an error message: "0000:01:00.0 could not be bound to vfio-pci". value is what
 * the cell was to be set to: step->after, or on the way back step->before. Heap.
 */
char *step_words_failed(const struct step *step, const char *value);

/* A sentence on what the cell is now: "0000:01:00.0 is bound to nouveau". Heap. */
char *step_words_state(const struct step *step, const char *value);
