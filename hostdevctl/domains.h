/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"

/*
 * The XML of a guest, by name, UUID or id, from the system's libvirt, which is asked read-only: of
 * the run where it runs, else what the next start will use. Heap. ENOENT: there is no such guest,
 * and the message names those that are there; ENOTCONN: libvirt cannot be asked; ETIMEDOUT: it has
 * not answered within seconds (it hangs, or a hook of this guest is at work).
 */
int domains_read_xml(const char *word, char **ret, struct error *err);

/*
 * The version of the system's libvirt, "9.0.0", asked read-only of the daemon; heap. ENOTCONN and
 * ETIMEDOUT as above.
 */
int domains_read_version(char **ret, struct error *err);
