// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a library is opened in the call that needs it: all of the functions used, or an error. What
 * was there when the project was installed may be gone, and the only way back is to build it again.
 */
#include "base/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#define REPAIR "run install.sh again, or reinstall the package of hostdev-hook"

void library_close(void **handle)
{
	if (*handle)
		dlclose(*handle);
	*handle = NULL;
}

int library_open(const char *file, const char *package, const struct library_symbol *symbols,
		 size_t count, void **ret_handle, struct error *err)
{
	/*
	 * Lazily, as one that is linked: our own symbols are looked up here, and to bind at once
	 * what libxml2 and its libraries call among themselves is a fifth of a call of the hook.
	 */
	void *handle = dlopen(file, RTLD_LAZY | RTLD_LOCAL);

	if (!handle)
		return error_set(err, ELIBACC,
				 "%s cannot be opened, perhaps since an upgrade or a clean-up of "
				 "the system (%s): " REPAIR,
				 package, dlerror());
	for (size_t i = 0; i < count; i++) {
		void *found = dlsym(handle, symbols[i].name);

		if (!found) {
			dlclose(handle);
			return error_set(
				err, ELIBACC,
				"%s is not as it was when hostdev-hook was built (it lacks "
				"%s): " REPAIR,
				package, symbols[i].name);
		}
		/* ISO C has no conversion from an object's pointer to a function's. */
		memcpy(symbols[i].slot, &found, sizeof(found));
	}
	*ret_handle = handle;
	return 0;
}
