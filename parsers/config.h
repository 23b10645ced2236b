/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "base/host.h"
#include "model/policy.h"

/*
 * Applies /etc/hostdev-hook/hostdev-hook.conf to *policy. No such file: nothing to apply. Errors
 * name the file and what is wrong in it; EINVAL for an unknown key or value.
 */
int config_read(const struct host *host, struct policy *policy, struct error *err);
