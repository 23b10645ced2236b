// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine on a made-up host whose kernel takes no time: its operations do to the tree "host"
 * beside this program what a kernel would, and nothing more.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "hook/engine.h"

static bool cut_suffix(char *path, const char *suffix)
{
	size_t length = strlen(path), cut = strlen(suffix);

	if (length < cut || strcmp(path + length - cut, suffix) != 0)
		return false;
	path[length - cut] = '\0';
	return true;
}

/* driver: "bus/pci/drivers/NAME", or NULL to unbind. */
static int link_driver(struct host *host, const char *addr, const char *driver, struct error *err)
{
	char link[PATH_MAX], target[PATH_MAX];
	int ret;

	snprintf(link, sizeof(link), "bus/pci/devices/%s/driver", addr);
	snprintf(target, sizeof(target), "../../../%s", driver ? driver : "");
	ret = driver ? symlinkat(target, host->fd[HOST_SYS], link)
		     : unlinkat(host->fd[HOST_SYS], link, 0);
	return ret < 0 ? error_errno(err, ENODEV, "%s", link) : 0;
}

static int store(struct host *host, const char *path, const char *value, struct error *err)
{
	auto_close int fd = openat(host->fd[HOST_SYS], path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0 || dprintf(fd, "%s\n", strcmp(value, "\n") == 0 ? "(null)" : value) < 0)
		return error_errno(err, errno, "%s", path);
	return 0;
}

static int bench_write_attr(struct host *host, const char *path, const char *value,
			    struct error *err)
{
	char driver[PATH_MAX];

	snprintf(driver, sizeof(driver), "%s", path);
	if (cut_suffix(driver, "/unbind"))
		return link_driver(host, value, NULL, err);
	if (cut_suffix(driver, "/bind"))
		return link_driver(host, value, driver, err);
	return store(host, path, value, err);
}

static int bench_module_load(struct host *host, const char *name, unsigned int flags,
			     struct error *err)
{
	(void)host, (void)flags;
	return error_set(err, ENOENT, "module %s is not loaded here", name);
}

static const struct host_ops bench_ops = {
	.write_attr = bench_write_attr,
	.module_load = bench_module_load,
};

/* Hundreds of runs are not to stand in this machine's journal. */
static void drop(enum log_level level, const struct log_fields *fields, const char *message)
{
	(void)level, (void)fields, (void)message;
}

int main(int argc, char **argv)
{
	struct error failure = ERROR_INIT;
	char root[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", root, sizeof(root) - sizeof("host"));
	struct host host;
	int status;

	if (length <= 0)
		return 70;
	root[length] = '\0';
	strcpy(strrchr(root, '/') + 1, "host");
	signal(SIGPIPE, SIG_IGN);
	umask(077);
	log_set_sink(drop);
	if (host_open(&host, root, &bench_ops, NULL, &failure) < 0) {
		fprintf(stderr, "%s\n", failure.text);
		return 1;
	}
	status = engine_main(argc, argv, &host, NULL);
	host_close(&host);
	return status;
}
