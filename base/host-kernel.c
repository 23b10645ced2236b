// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The operations that change the real host: one write to an attribute, and loading a module; units
 * and processes have files of their own.
 * The only file that includes libkmod, which it opens when a module must really be loaded: merely
 * linking it costs every call of the hook a millisecond (it brings a whole TLS library along).
 * Tests: unit/test-host-process.c, unit/test-host-units.c.
 */
#include "base/host.h"

#include <errno.h>
#include <fcntl.h>
#include <libkmod.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-real.h"
#include "base/library.h"
#include "base/text.h"

LIBRARY_NOTE(LIBRARY_KMOD, "modules", "Loads vfio-pci and other modules", "required");

static int kernel_write_attr(struct host *host, const char *path, const char *value,
			     struct error *err)
{
	size_t length = strlen(value);
	auto_close int fd = -1;
	ssize_t written;

	if (host->fd[HOST_SYS] < 0)
		return error_set(err, ENOENT, "this host has no /sys");
	/* Never O_CREAT: a missing attribute is an answer. */
	fd = openat(host->fd[HOST_SYS], path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return error_errno(err, errno, "open /sys/%s", path);
	written = write(fd, value, length);
	if (written < 0)
		return error_errno(err, errno, "write \"%s\" to /sys/%s",
				   strcmp(value, "\n") == 0 ? "" : value, path);
	if ((size_t)written != length)
		return error_set(err, EIO, "write to /sys/%s: only %zd of %zu bytes taken", path,
				 written, length);
	return 0;
}

/* clang-format off */
#define KMOD_FUNCTIONS(use) \
	use(kmod_new, new) \
	use(kmod_unref, unref) \
	use(kmod_load_resources, load_resources) \
	use(kmod_module_new_from_lookup, lookup) \
	use(kmod_module_unref_list, unref_list) \
	use(kmod_list_next, list_next) \
	use(kmod_module_get_module, get_module) \
	use(kmod_module_get_name, get_name) \
	use(kmod_module_unref, module_unref) \
	use(kmod_module_probe_insert_module, probe_insert)
/* clang-format on */

/* The functions used of libkmod, by the types its header gives them. */
struct kmod_library {
	void *handle;
	KMOD_FUNCTIONS(LIBRARY_POINTER)
};

static void kmod_library_done(struct kmod_library *library)
{
	library_close(&library->handle);
}

static int kmod_library_open(struct kmod_library *library, struct error *err)
{
	const struct library_symbol symbols[] = {KMOD_FUNCTIONS(LIBRARY_SYMBOL)};

	return library_open(LIBRARY_KMOD, "libkmod", symbols, sizeof(symbols) / sizeof(symbols[0]),
			    &library->handle, err);
}

struct module_refusal {
	const struct kmod_library *library;
	struct error error; /* of the last */
};

/* What no module's loading ends with: what merely goes along with a module may be refused. */
#define REFUSED (-ECANCELED)

/*
 * Without this, libkmod gives the line to a shell, with whatever environment libvirt had; it would
 * run while a guest waits, and may touch devices that nobody asked for.
 */
static int refuse_command(struct kmod_module *module, const char *command, void *data)
{
	struct module_refusal *refusal = data;
	auto_free char *escaped = text_escape(command);
	const char *name = refusal->library->get_name(module);

	error_set(&refusal->error, EPERM,
		  "modprobe.d has a command in place of module %s (\"install %s %.200s\"), and "
		  "commands are not run from here: load the module beforehand (modprobe %s)",
		  name, name, escaped, name);
	return REFUSED;
}

static int insert_all(const struct kmod_library *library, struct kmod_list *list, const char *name,
		      unsigned int flags, struct error *err)
{
	unsigned int probe = flags & HOST_MODULE_BLACKLIST ? KMOD_PROBE_APPLY_BLACKLIST : 0;
	struct module_refusal refusal = {.library = library, .error = ERROR_INIT};

	/* The header's own loop macro would call into a library that is not linked. */
	for (struct kmod_list *item = list; item; item = library->list_next(list, item)) {
		struct kmod_module *module = library->get_module(item);
		int ret =
			library->probe_insert(module, probe, NULL, refuse_command, &refusal, NULL);

		library->module_unref(module);
		/* Positive: left out because of the flag given, that is, blacklisted. */
		if (ret > 0)
			return error_set(err, EPERM,
					 "module %s is blacklisted (a \"blacklist\" line in "
					 "modprobe.d)",
					 name);
		if (ret == REFUSED)
			return error_set(err, refusal.error.code, "%s", refusal.error.text);
		if (ret < 0 && ret != -EEXIST)
			return error_errno(err, -ret, "load module %s", name);
	}
	return 0;
}

static int kernel_module_load(struct host *host, const char *name, unsigned int flags,
			      struct error *err)
{
	cleanup(kmod_library_done) struct kmod_library library = {0};
	struct kmod_list *list = NULL;
	struct kmod_ctx *context;
	int ret;

	(void)host; /* libkmod knows its own paths */
	ret = kmod_library_open(&library, err);
	if (ret < 0)
		return ret;
	context = library.new(NULL, NULL);
	if (!context)
		return error_errno(err, ENOMEM, "libkmod");
	library.load_resources(context);
	ret = library.lookup(context, name, &list);
	if (ret < 0)
		ret = error_errno(err, -ret, "look up module %s", name);
	else if (!list)
		ret = error_set(err, ENOENT, "the running kernel has no module %s", name);
	else
		ret = insert_all(&library, list, name, flags, err);
	library.unref_list(list);
	library.unref(context);
	return ret;
}

const struct host_ops host_ops_kernel = {
	.write_attr = kernel_write_attr,
	.module_load = kernel_module_load,
	.network_read = real_network_read,
	.unit_read = real_unit_read,
	.unit_set = real_unit_set,
	.is_going_down = real_is_going_down,
	.process_end = real_process_end,
	.process_ask = real_process_ask,
	.node_own = real_node_own,
	.file_put = real_file_put,
	.command_run = real_command_run,
};

const struct host_ops host_ops_files = {
	.file_put = real_file_put,
	.command_run = real_command_run,
};

const struct host_ops host_ops_readonly = {
	.network_read = real_network_read,
	.unit_read = real_unit_read,
};
