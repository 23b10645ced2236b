/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/cell.h"
#include "model/step.h"

/*
 * What a kind of cell can do: be read, be set. Reading must not block. Setting may block for ever
 * and is called in a worker; it verifies nothing (the executor reads the cell again).
 */
struct step_ops {
	int (*read)(const struct host *host, const char *target, char ret[CELL_VALUE_SIZE],
		    struct error *err);
	int (*set)(struct host *host, const char *target, const char *value, struct error *err);
	/*
	 * Must target stay where it is while other, which has not come back, is (other_is_lent) or
	 * perhaps is in the guest's hand? NULL: never. Reads nothing that could block.
	 */
	bool (*together)(const struct host *host, const char *target, const char *other,
			 bool other_is_lent);
	unsigned int timeout_ms; /* how long a set may take before it counts as stuck */
	bool keep;               /* never undone: the value after does no harm to anybody */
};

extern const struct step_ops module_ops, power_ops, driver_ops;

const struct step_ops *step_ops(enum step_kind kind);
