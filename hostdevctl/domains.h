/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

/*
 * The XML of the guest of that name from the system's libvirt, asked read-only: of the run where it
 * runs, else what the next start will use. Heap. ENOENT where there is no such guest. Libvirt
 * makes callers wait while a hook of the guest runs; after half a minute the process ends with a
 * message, as there is no way back out of that wait.
 */
int domains_read_xml(const char *name, char **ret, struct error *err);
