/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/error.h"

#define DIGEST_TEXT_SIZE 65 /* SHA-256 in lower-case hexadecimal, with its NUL */

/* ELIBACC: libcrypto, which computes it, is not there. data may be NULL where length is 0. */
int digest_sha256(const void *data, size_t length, char ret[DIGEST_TEXT_SIZE], struct error *err);
