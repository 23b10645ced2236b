// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever stands in a configuration file, it is taken whole or refused with one line that names
 * the file, and a refused one has set nothing.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "parsers/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char root[] = "/dev/shm/fuzz-config-XXXXXX", file[128];

static void check(bool holds)
{
	if (!holds)
		abort();
}

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
	check(host_open(host, root, NULL, NULL, NULL) == 0);
}

static void file_write(const uint8_t *data, size_t size)
{
	auto_close int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
}

static void check_device(const struct device_policy *policy)
{
	check(policy->processes <= PROCESSES_TERMINATE && policy->services <= SERVICES_TERMINATE);
	check(policy->display <= DISPLAY_STOP && policy->allow < 1U << USE_KINDS);
	check(policy->wait_time_ms <= 300000 && policy->grace_time_ms <= 300000);
	for (int kind = 0; kind < USE_KINDS; kind++)
		check(!(policy->allow & 1U << kind) || use_allow_name((enum use_kind)kind));
}

static void check_policy(const struct policy *policy)
{
	check(policy->group == GROUP_REFUSE || policy->group == GROUP_WHOLE);
	check_device(&policy->all);
	for (size_t i = 0; i < policy->setting_count; i++) {
		struct device_policy device = policy_of_device(policy, &policy->settings[i].addr);

		check_device(&device);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct host host;
	auto_policy struct policy policy = POLICY_INIT;
	const struct policy untouched = POLICY_INIT;
	struct error err = ERROR_INIT;

	if (!*file)
		root_make(&host);
	file_write(data, size);
	if (config_read(&host, NULL, &policy, &err) < 0) {
		check(err.code > 0 && strstr(err.text, "hostdev-hook.conf") != NULL);
		check(!strpbrk(err.text, "\n\r"));
		check(memcmp(&policy, &untouched, sizeof(policy)) == 0);
		return 0;
	}
	check_policy(&policy);
	return 0;
}
