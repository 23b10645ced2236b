/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Which of two versions is the newer one, as "sort -V" compares them, by which GRUB sorts its menu:
 * < 0: a is older. "6.9" < "6.12~rc3" < "6.12" < "6.12-rc3": only "~" makes a version older than
 * the same without it.
 */
int version_compare(const char *a, const char *b);
