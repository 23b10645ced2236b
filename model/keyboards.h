/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

enum keyboard_fate {
	KEYBOARD_STAYS,
	KEYBOARD_GOES,
	KEYBOARD_ELSEWHERE, /* the host does not have it now */
};

/*
 * The grade of the best keyboard that goes, if the host would miss it: neither a certain keyboard
 * stays, nor a better one than this. KEYBOARD_NEVER: no keyboard goes, or enough is left. A device
 * that only looks like a keyboard (a token, a mouse with keys) does not replace a keyboard.
 */
enum keyboard_grade keyboards_lost(const struct snapshot *snapshot,
				   enum keyboard_fate (*fate)(const void *data,
							      const struct keyboard *keyboard),
				   const void *data);
