// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * By what a file's content is known again: its SHA-256. The only file that includes OpenSSL, which
 * is opened at the first call.
 */
#include "base/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>

#include "base/library.h"

LIBRARY_NOTE(LIBRARY_CRYPTO, "generate", "Knows files of set-ups by their SHA-256", "recommended");

static struct {
	void *handle;
	int (*digest)(const void *data, size_t count, unsigned char *md, unsigned int *size,
		      const EVP_MD *type, ENGINE *impl);
	const EVP_MD *(*sha256)(void);
} crypto;

/* It stays open: what it has set up for itself must not be unmapped before the program ends. */
static int crypto_open(struct error *err)
{
	const struct library_symbol symbols[] = {
		{"EVP_Digest", &crypto.digest},
		{"EVP_sha256", &crypto.sha256},
	};

	return crypto.handle
		       ? 0
		       : library_open(LIBRARY_CRYPTO, "libcrypto", symbols,
				      sizeof(symbols) / sizeof(symbols[0]), &crypto.handle, err);
}

int digest_sha256(const void *data, size_t length, char ret[DIGEST_TEXT_SIZE], struct error *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	int result = crypto_open(err);

	if (result < 0)
		return result;
	if (crypto.digest(data ? data : "", length, digest, &size, crypto.sha256(), NULL) != 1 ||
	    size * 2 + 1 != DIGEST_TEXT_SIZE)
		return error_set(err, EIO, "libcrypto computes no SHA-256");
	for (unsigned int i = 0; i < size; i++)
		sprintf(ret + 2 * i, "%02x", digest[i]);
	return 0;
}
