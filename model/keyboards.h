/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

enum keyboard_fate {
	KEYBOARD_STAYS,
	KEYBOARD_GOES,
	KEYBOARD_ELSEWHERE, /* the host does not have it now */
};

/*
 * The best of the keyboards that go, if the host would miss it: if nothing would be left that is a
 * keyboard for certain, nor at least better than this one. KEYBOARD_NEVER: none goes, or the host
 * can do without. What only looks like a keyboard (a token, a mouse with keys) must not stand for
 * one that goes.
 */
enum keyboard_grade keyboards_lost(const struct snapshot *snapshot,
				   enum keyboard_fate (*fate)(const void *data,
							      const struct keyboard *keyboard),
				   const void *data);
