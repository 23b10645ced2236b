// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a library is opened in the call that needs it: all of the functions used, or an error.
 */
#include "base/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

void library_close(void **handle)
{
	if (*handle)
		dlclose(*handle);
	*handle = NULL;
}

int library_open(const char *file, const char *package, const struct library_symbol *symbols,
		 size_t count, void **ret_handle, struct error *err)
{
	void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return error_set(err, ELIBACC, "%s is not installed: %s", package, dlerror());
	for (size_t i = 0; i < count; i++) {
		void *found = dlsym(handle, symbols[i].name);

		if (!found) {
			dlclose(handle);
			return error_set(err, ELIBACC, "%s lacks %s", package, symbols[i].name);
		}
		/* ISO C has no conversion from an object's pointer to a function's. */
		memcpy(symbols[i].slot, &found, sizeof(found));
	}
	*ret_handle = handle;
	return 0;
}
