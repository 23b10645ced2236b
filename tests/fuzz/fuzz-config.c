// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever stands in a configuration file, it is taken whole or refused with one line that names
 * the file, and a refused one has set nothing.
 */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/text.h"
#include "parsers/config/config-edit.h"
#include "parsers/config/config-file.h"
#include "parsers/config/config.h"

#define SHOWN "/etc/hostdev-hook/hostdev-hook.conf"

static char root[] = "/dev/shm/fuzz-config-XXXXXX", file[128];
static int dir_fd, file_fd;

static void root_remove(void)
{
	char path[128];

	unlink(file);
	for (const char *const *dir = (const char *const[]){"/etc/hostdev-hook", "/etc", "", NULL};
	     *dir; dir++) {
		snprintf(path, sizeof(path), "%s%s", root, *dir);
		rmdir(path);
	}
}

static void root_make(struct host *host)
{
	char path[128];

	check(mkdtemp(root));
	atexit(root_remove);
	snprintf(path, sizeof(path), "%s/etc", root);
	check(mkdir(path, 0755) == 0);
	snprintf(path, sizeof(path), "%s/etc/hostdev-hook", root);
	check(mkdir(path, 0755) == 0);
	snprintf(file, sizeof(file), "%s/hostdev-hook.conf", path);
	dir_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	file_fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	check(dir_fd >= 0 && file_fd >= 0 && host_open(host, root, NULL, NULL, NULL) == 0);
}

static void file_write(const uint8_t *data, size_t size)
{
	check(ftruncate(file_fd, 0) == 0);
	check(pwrite(file_fd, data, size, 0) == (ssize_t)size);
}

static void check_error(const struct error *err)
{
	check(err->code > 0 && strstr(err->text, SHOWN) != NULL);
	check(!strpbrk(err->text, "\n\r"));
}

/* By way of all the layers: the same answer, and nothing set where it is a refusal. */
static void check_layers(const struct host *host, int ret)
{
	const struct policy untouched = POLICY_INIT;
	auto_policy struct policy policy = POLICY_INIT;

	check(config_read(host, NULL, &policy, NULL) == ret);
	check(ret == 0 || memcmp(&policy, &untouched, sizeof(policy)) == 0);
}

/* A setting can be written into it, and is then what counts. It may become too long by that. */
static void check_edit(const char *data, size_t size, const struct pci_addr *addr)
{
	auto_free char *text = xcalloc(size + 1, 1);
	cleanup(origins_done) struct origins origins = {0};
	auto_policy struct policy policy = POLICY_INIT;
	auto_text struct text out = TEXT_INIT;
	const struct origin *origin;

	memcpy(text, data, size);
	config_edit(text, addr, "display", "stop", &out);
	policy.origins = &origins;
	if (config_file_apply(out.data, out.length, SHOWN, &policy, NULL) < 0) {
		check(size > 1000);
		return;
	}
	origin = origins_find(&origins, addr, "display");
	check(origin && strcmp(origin->value, "stop") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct host host;
	auto_policy struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;
	int ret;

	if (!*file)
		root_make(&host);
	file_write(data, size);
	ret = config_file_read(dir_fd, "hostdev-hook.conf", SHOWN, &policy, &err);
	if (ret < 0)
		check_error(&err);
	else
		check_policy_values(&policy);
	if (ret == 0) {
		check_edit((const char *)data, size, NULL);
		check_edit((const char *)data, size, &(struct pci_addr){0, 1, 0, 0});
	}
	/* That opens many directories for each input. */
	if (size % 16 == 0)
		check_layers(&host, ret);
	return 0;
}
