// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SHA-256 as text, by its published examples.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/digest.h"
#include "base/library.h"

static bool absent;

int __real_library_open(const char *file, const char *package, const struct library_symbol *symbols,
			size_t count, void **ret_handle, struct error *err);
int __wrap_library_open(const char *file, const char *package, const struct library_symbol *symbols,
			size_t count, void **ret_handle, struct error *err);
int __wrap_library_open(const char *file, const char *package, const struct library_symbol *symbols,
			size_t count, void **ret_handle, struct error *err)
{
	if (absent)
		return error_set(err, ELIBACC, "%s is not there", package);
	return __real_library_open(file, package, symbols, count, ret_handle, err);
}

/* The first of all: once it is open it stays so. */
static void without_its_library_it_says_so(void **state)
{
	struct error err = ERROR_INIT;
	char digest[DIGEST_TEXT_SIZE] = "untouched";

	(void)state;
	absent = true;
	assert_int_equal(digest_sha256("a", 1, digest, &err), -ELIBACC);
	assert_contains(err.text, "libcrypto");
	assert_text(digest, "untouched");
	absent = false;
}

static void the_published_examples(void **state)
{
	static const struct {
		const char *data, *digest;
	} examples[] = {
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	};
	struct error err = ERROR_INIT;
	char digest[DIGEST_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		assert_ok(digest_sha256(examples[i].data, strlen(examples[i].data), digest, &err),
			  &err);
		assert_text(digest, examples[i].digest);
	}
	assert_ok(digest_sha256(NULL, 0, digest, &err), &err);
	assert_text(digest, examples[2].digest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_its_library_it_says_so),
		cmocka_unit_test(the_published_examples),
	};

	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
