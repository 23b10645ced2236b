/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "generator/menu.h"

/*
 * How to start the host for one boot without what is reserved: advises how that line of an entry is
 * reached in the boot menu, and that typed is to be added there. Where the menu cannot be reached,
 * a note says so.
 */
void way_out_advise(const struct menu_request *request, const char *typed, struct draft *draft);
