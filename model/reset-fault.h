/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Graphics cards that are known to come back badly from a guest. All constants. */
struct reset_fault {
	const char *cards; /* "AMD RX 5000 (Navi 10, 12 and 14)" */
	const char *what;  /* what happens: a sentence */
	bool has_module;   /* the module vendor-reset helps */
};

/* NULL: nothing bad is known of this device. */
const struct reset_fault *reset_fault_find(uint16_t vendor, uint16_t product);
