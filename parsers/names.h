/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/snapshot.h"

/*
 * Fills device->name of every device in the snapshot that has none, and the names of its pins, from
 * the system's pci.ids (libpci). What has no name keeps NULL, or "". Costs milliseconds: call where
 * a message needs names.
 */
void names_fill(struct snapshot *snapshot);
