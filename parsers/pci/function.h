/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/device.h"

/* Of one thread: many functions have one driver. */
struct function_reader {
	const struct host *host;
	char module_of[HOST_NAME_SIZE], module[HOST_NAME_SIZE]; /* the last driver's */
};

/*
 * The function of that name in /sys/bus/pci/devices, whose address is set in *device already: as
 * parsers/pci/survey.h has it. Whether virtual functions of it are enabled is left open. ENOENT: it
 * is gone.
 */
int function_read(struct function_reader *reader, const char *name, struct device *device,
		  struct error *err);
