// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When the host has no keyboard any more. Tests: unit/test-typing.c.
 */
#include "model/keyboards.h"

enum keyboard_grade keyboards_lost(const struct snapshot *snapshot,
				   enum keyboard_fate (*fate)(const void *data,
							      const struct keyboard *keyboard),
				   const void *data)
{
	enum keyboard_grade best[] = {[KEYBOARD_STAYS] = KEYBOARD_NEVER,
				      [KEYBOARD_GOES] = KEYBOARD_NEVER,
				      [KEYBOARD_ELSEWHERE] = KEYBOARD_NEVER};

	for (size_t i = 0; i < snapshot->keyboard_count; i++) {
		const struct keyboard *keyboard = &snapshot->keyboards[i];
		enum keyboard_grade *grade = &best[fate(data, keyboard)];

		if (*grade < keyboard->grade)
			*grade = keyboard->grade;
	}
	if (best[KEYBOARD_STAYS] == KEYBOARD_SURE || best[KEYBOARD_STAYS] > best[KEYBOARD_GOES])
		return KEYBOARD_NEVER;
	return best[KEYBOARD_GOES];
}
