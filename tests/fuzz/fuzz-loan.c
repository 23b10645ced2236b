// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever stands in the file of a loan, it counts for nothing, or what is written of it reads as
 * the same again.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "model/loan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup(loan_done) struct loan loan = {0}, again = {0};
	auto_text struct text text = TEXT_INIT, second = TEXT_INIT;

	if (!loan_parse((const char *)data, size, &loan)) {
		check(!loan.kernel && loan.group_count == 0);
		return 0;
	}
	loan_write(&loan, "guest", &text);
	check(loan_parse(text.data, text.length, &again));
	loan_write(&again, "guest", &second);
	check(strcmp(text.data, second.data) == 0);
	return 0;
}
