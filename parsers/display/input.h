/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/snapshot.h"

/*
 * Fills in the host's keyboards: event devices with all letters, that somebody can touch. One
 * keyboard may be several. What only looks like one (a security key, some mice) is among them, with
 * a grade that says so (parsers/display/keyboard.h).
 */
int input_read(const struct host *host, struct snapshot *snapshot, struct error *err);
