// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the machine is read: always below a directory descriptor, never by an absolute path. The one
 * place that opens files of /sys, /proc, /run and the rest.
 */
#include "base/host.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/host-names.h"
#include "base/host-path.h"
#include "base/text.h"

int host_open(struct host *host, const char *root, const struct host_ops *ops, void *ops_data,
	      struct error *err)
{
	cleanup(host_close) struct host opened = {.ops = ops, .ops_data = ops_data, .held_fd = -1};

	memset(opened.fd, 0xff, sizeof(opened.fd));
	opened.is_own = strcmp(root, "/") == 0;
	opened.fd[HOST_ROOT] = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (opened.fd[HOST_ROOT] < 0)
		return error_errno(err, errno, "open %s", root);
	for (int dir = 0; dir < HOST_ROOT; dir++) {
		opened.fd[dir] = host_path_open(&opened, host_dir_names[dir], O_PATH | O_DIRECTORY);
		if (opened.fd[dir] < 0 && (errno == ENOSYS || errno == EPERM))
			return error_errno(err, errno, "open /%s below %s, and nothing outside it",
					   host_dir_names[dir], root);
		/* What may not be looked into is not empty. */
		if (opened.fd[dir] < 0 && errno == EACCES && !opened.is_own)
			return error_errno(err, EACCES, "look below %s", root);
	}
	*host = opened;
	memset(opened.fd, 0xff, sizeof(opened.fd));
	return 0;
}

void host_close(struct host *host)
{
	/* A zeroed host holds descriptor 0 in each place: nobody's host. */
	for (int dir = 0; dir < HOST_DIRS; dir++) {
		if (host->fd[dir] > 0)
			close(host->fd[dir]);
		host->fd[dir] = -1;
	}
}

/* The formatted path, or -ENAMETOOLONG; paths of sysfs are far shorter than this. */
#define PATH_SIZE 512

__attribute__((format(printf, 2, 0))) static int
format_path(char path[PATH_SIZE], const char *format, va_list args, struct error *err)
{
	int length = vsnprintf(path, PATH_SIZE, format, args);

	if (length < 0 || length >= PATH_SIZE)
		return error_set(err, ENAMETOOLONG, "path too long: %.64s...", path);
	return 0;
}

/* The same from within a variadic function whose last named parameter is format. */
#define format_variadic(result, path, format, err)                                                 \
	do {                                                                                       \
		va_list args_;                                                                     \
		va_start(args_, format);                                                           \
		(result) = format_path(path, format, args_, err);                                  \
		va_end(args_);                                                                     \
	} while (0)

/* fd for *at(): a missing directory must not become AT_FDCWD or such. */
static int dir_fd(const struct host *host, enum host_dir dir, struct error *err)
{
	if (host->fd[dir] < 0)
		return error_set(err, ENOENT, "this host has no /%s", host_dir_names[dir]);
	return host->fd[dir];
}

bool host_exists(const struct host *host, enum host_dir dir, const char *format, ...)
{
	char path[PATH_SIZE];
	int ret;

	format_variadic(ret, path, format, NULL);
	return ret == 0 && host->fd[dir] >= 0 && host_dir_has(host, dir, path);
}

static int open_at(const struct host *host, enum host_dir dir, const char *path, int flags,
		   struct error *err)
{
	int parent = dir_fd(host, dir, err);
	int fd;

	if (parent < 0)
		return parent;
	fd = host_dir_open(host, dir, path, flags);
	if (fd < 0)
		return error_errno(err, errno, "open /%s/%s", host_dir_names[dir], path);
	return fd;
}

int host_read(const struct host *host, enum host_dir dir, char *buffer, size_t size,
	      struct error *err, const char *format, ...)
{
	char path[PATH_SIZE], page[4096];
	auto_close int fd = -1;
	ssize_t length;
	int ret;

	format_variadic(ret, path, format, err);
	if (ret < 0)
		return ret;
	fd = open_at(host, dir, path, O_RDONLY, err);
	if (fd < 0)
		return fd;
	/* An attribute is a page at most and answers with one read. */
	length = read(fd, page, sizeof(page));
	if (length < 0)
		return error_errno(err, errno, "read /%s/%s", host_dir_names[dir], path);
	if ((size_t)length >= size)
		return error_set(err, ENAMETOOLONG, "read /%s/%s: longer than %zu bytes",
				 host_dir_names[dir], path, size - 1);
	if (length > 0 && page[length - 1] == '\n')
		length--;
	memcpy(buffer, page, (size_t)length);
	buffer[length] = '\0';
	return 0;
}

int host_read_link_name(const struct host *host, enum host_dir dir, char *buffer, size_t size,
			struct error *err, const char *format, ...)
{
	char path[PATH_SIZE], target[PATH_SIZE];
	const char *name;
	ssize_t length;
	int ret;

	format_variadic(ret, path, format, err);
	if (ret == 0)
		ret = dir_fd(host, dir, err);
	if (ret < 0)
		return ret;
	length = host_dir_link(host, dir, path, target, sizeof(target) - 1);
	if (length < 0)
		return error_errno(err, errno, "read link /%s/%s", host_dir_names[dir], path);
	target[length] = '\0';
	name = strrchr(target, '/');
	name = name ? name + 1 : target;
	if (strlen(name) >= size)
		return error_set(err, ENAMETOOLONG, "link /%s/%s: name too long",
				 host_dir_names[dir], path);
	strcpy(buffer, name);
	return 0;
}

int host_absent_is_empty(int result, char *buffer)
{
	if (result != -ENOENT)
		return result;
	buffer[0] = '\0';
	return 0;
}

int host_read_file(const struct host *host, enum host_dir dir, size_t limit, char **ret,
		   size_t *ret_length, struct error *err, const char *format, ...)
{
	auto_text struct text all = TEXT_INIT;
	char path[PATH_SIZE];
	auto_close int fd = -1;
	int result;

	format_variadic(result, path, format, err);
	if (result < 0)
		return result;
	fd = open_at(host, dir, path, O_RDONLY | O_NOFOLLOW, err);
	if (fd < 0)
		return fd;
	result = fd_read(fd, limit, &all);
	if (result == -EFBIG)
		return error_set(err, EFBIG, "/%s/%s is larger than %zu bytes", host_dir_names[dir],
				 path, limit);
	if (result < 0)
		return error_errno(err, -result, "read /%s/%s", host_dir_names[dir], path);
	if (ret_length)
		*ret_length = all.length;
	*ret = steal(&all.data);
	return 0;
}

int host_map_file(const struct host *host, enum host_dir dir, struct host_map *ret,
		  struct error *err, const char *format, ...)
{
	char path[PATH_SIZE];
	auto_close int fd = -1;
	struct stat status;
	void *data;
	int result;

	format_variadic(result, path, format, err);
	if (result < 0)
		return result;
	fd = open_at(host, dir, path, O_RDONLY, err);
	if (fd < 0)
		return fd;
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return error_set(err, EINVAL, "/%s/%s is no regular file", host_dir_names[dir],
				 path);
	if (status.st_size == 0) {
		*ret = (struct host_map){0};
		return 0;
	}
	data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return error_errno(err, errno, "map /%s/%s", host_dir_names[dir], path);
	*ret = (struct host_map){data, (size_t)status.st_size};
	return 0;
}

void host_unmap(struct host_map *map)
{
	if (map->data)
		munmap((void *)map->data, map->length);
	*map = (struct host_map){0};
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static DIR *host_open_dir(const struct host *host, enum host_dir dir, const char *path,
			  struct error *err)
{
	auto_close int fd = open_at(host, dir, path, O_RDONLY | O_DIRECTORY, err);
	DIR *stream;

	if (fd < 0)
		return NULL;
	stream = fdopendir(fd);
	if (stream)
		fd = -1;
	else
		error_errno(err, errno, "list /%s/%s", host_dir_names[dir], path);
	return stream;
}

static bool is_listed(const char *name, bool hidden)
{
	if (name[0] != '.')
		return true;
	return hidden && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

char **host_names_read(DIR *stream, bool hidden, size_t *ret_count)
{
	struct dirent *entry;
	char **names = NULL;
	size_t count = 0;

	while ((entry = readdir(stream))) {
		if (!is_listed(entry->d_name, hidden))
			continue;
		array_push(names, count, xstrdup(entry->d_name));
	}
	if (ret_count)
		*ret_count = count;
	array_push(names, count, NULL);
	qsort(names, count - 1, sizeof(*names), compare_names);
	return names;
}

static int list(const struct host *host, enum host_dir dir, bool hidden, const char *path,
		char ***ret, size_t *ret_count, struct error *err)
{
	auto_closedir DIR *stream = NULL;
	struct error failure = ERROR_INIT;

	stream = host_open_dir(host, dir, path, &failure);
	if (!stream)
		return error_pass(err, &failure);
	*ret = host_names_read(stream, hidden, ret_count);
	return 0;
}

int host_list(const struct host *host, enum host_dir dir, char ***ret, size_t *ret_count,
	      struct error *err, const char *format, ...)
{
	char path[PATH_SIZE];
	int result;

	format_variadic(result, path, format, err);
	return result < 0 ? result : list(host, dir, false, path, ret, ret_count, err);
}

int host_list_hidden(const struct host *host, enum host_dir dir, char ***ret, size_t *ret_count,
		     struct error *err, const char *format, ...)
{
	char path[PATH_SIZE];
	int result;

	format_variadic(result, path, format, err);
	return result < 0 ? result : list(host, dir, true, path, ret, ret_count, err);
}

bool host_has_entries(const struct host *host, enum host_dir dir, const char *format, ...)
{
	auto_closedir DIR *stream = NULL;
	char path[PATH_SIZE];
	struct dirent *entry;
	int ret;

	format_variadic(ret, path, format, NULL);
	if (ret == 0)
		stream = host_open_dir(host, dir, path, NULL);
	while (stream && (entry = readdir(stream)))
		if (entry->d_name[0] != '.')
			return true;
	return false;
}

void host_free_names(char ***names)
{
	text_free_list(*names);
	*names = NULL;
}

int host_write_attr(struct host *host, const char *value, struct error *err, const char *format,
		    ...)
{
	char path[PATH_SIZE];
	int ret;

	format_variadic(ret, path, format, err);
	if (ret < 0)
		return ret;
	if (!host->ops || !host->ops->write_attr)
		return error_set(err, EROFS, "write /sys/%s: this host can only be read", path);
	return host->ops->write_attr(host, path, value, err);
}

int host_module_load(struct host *host, const char *name, unsigned int flags, struct error *err)
{
	if (!host->ops || !host->ops->module_load)
		return error_set(err, EROFS, "load %s: this host can only be read", name);
	return host->ops->module_load(host, name, flags, err);
}

/* What this machine cannot be asked or told. */
static int no_operation(const char *what, struct error *err)
{
	return error_set(err, ENOSYS, "%s: this host cannot be asked", what);
}

int host_network_read(const struct host *host, char **ret, struct error *err)
{
	if (!host->ops || !host->ops->network_read)
		return no_operation("netlink", err);
	return host->ops->network_read(host, ret, err);
}

int host_unit_read(const struct host *host, uid_t manager, const char *name, struct host_unit *ret,
		   struct error *err)
{
	if (!host->ops || !host->ops->unit_read)
		return no_operation(name, err);
	return host->ops->unit_read(host, manager, name, ret, err);
}

bool host_is_going_down(const struct host *host)
{
	return host->ops && host->ops->is_going_down && host->ops->is_going_down(host);
}

int host_unit_set(struct host *host, uid_t manager, const char *name, bool active,
		  unsigned int timeout_ms, struct error *err)
{
	if (!host->ops || !host->ops->unit_set)
		return no_operation(name, err);
	return host->ops->unit_set(host, manager, name, active, timeout_ms, err);
}

int host_process_end(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
		     struct error *err)
{
	if (!host->ops || !host->ops->process_end)
		return error_set(err, ENOSYS, "process %d: this host ends no processes", pid);
	return host->ops->process_end(host, pid, start_time, grace_ms, err);
}

int host_process_ask(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
		     struct error *err)
{
	if (!host->ops || !host->ops->process_ask)
		return error_set(err, ENOSYS, "process %d: this host ends no processes", pid);
	return host->ops->process_ask(host, pid, start_time, grace_ms, err);
}

void host_unit_done(struct host_unit *unit)
{
	free(unit->id);
	free(unit->state);
	host_free_names(&unit->triggered);
	host_free_names(&unit->dependent);
	*unit = (struct host_unit){0};
}

static void swap_spelling(char *name)
{
	for (; *name; name++)
		if (*name == '-')
			*name = '_';
}

int host_pci_driver(const struct host *host, const char *name, char *buffer, size_t size,
		    struct error *err)
{
	auto_free char *folded = xstrdup(name);
	cleanup(host_free_names) char **drivers = NULL;
	int ret;

	if (strlen(name) >= size)
		return error_set(err, ENAMETOOLONG, "driver name too long: %.64s...", name);
	if (host_exists(host, HOST_SYS, "bus/pci/drivers/%s", name)) {
		strcpy(buffer, name);
		return 0;
	}
	swap_spelling(folded);
	ret = host_list(host, HOST_SYS, &drivers, NULL, err, "bus/pci/drivers");
	if (ret < 0)
		return ret;
	for (size_t i = 0; drivers[i]; i++) {
		auto_free char *other = xstrdup(drivers[i]);

		swap_spelling(other);
		if (text_equal(other, folded) && strlen(drivers[i]) < size) {
			strcpy(buffer, drivers[i]);
			return 0;
		}
	}
	return error_set(err, ENOENT, "no PCI driver %s is registered", name);
}

int host_boot_id(const struct host *host, char buffer[HOST_BOOT_ID_SIZE], struct error *err)
{
	struct error failure = ERROR_INIT;
	char line[HOST_BOOT_ID_SIZE + 1];
	int ret = host_read(host, HOST_PROC, line, sizeof(line), &failure,
			    "sys/kernel/random/boot_id");

	if (ret == 0 && strlen(line) != HOST_BOOT_ID_SIZE - 1)
		ret = error_set(&failure, EBADMSG, "not a boot id: %s", line);
	if (ret < 0)
		return error_pass(err, &failure);
	memcpy(buffer, line, HOST_BOOT_ID_SIZE);
	return 0;
}

uint64_t host_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
