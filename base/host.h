/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/host-owner.h"

/*
 * The host as this program may see and change it. Reading goes through directory descriptors,
 * changing through a small table of operations. So a test can point the same code at a made-up
 * host, and nothing else in the program opens an absolute path.
 */
enum host_dir {
	HOST_SYS,
	HOST_PROC,
	HOST_DEV,
	HOST_RUN,
	HOST_ETC,
	HOST_MODULES, /* /lib/modules */
	HOST_VAR,     /* /var/lib */
	HOST_USR,
	HOST_BOOT,
	HOST_ROOT, /* / itself, for files that are found by an absolute path */
	HOST_DIRS
};

struct host;
struct host_content;
struct text;

enum host_module_flags {
	/* Respect "blacklist NAME" of modprobe.d, as modprobe -b does. */
	HOST_MODULE_BLACKLIST = 1 << 0,
};

/* What systemd says of a unit. Heap strings; release with host_unit_done. */
struct host_unit {
	char *id;      /* its main name, which an alias ("display-manager.service") leads to */
	char *state;   /* ActiveState: "active", "inactive", "failed", ... */
	bool can_stop; /* not RefuseManualStop */
	uint64_t state_changed_us; /* when its state changed last, or when it was reloaded last:
				      microseconds since 1970; 0: not known */
	bool transient;   /* made for one run (systemd-run), or its file is gone: once stopped, it
			     cannot be started again */
	char **triggered; /* NULL-terminated: active units that start this unit (TriggeredBy) or
			     a unit of dependent; the farthest first */
	char **dependent; /* NULL-terminated: active units that stop when this unit or another
			     of them stops (RequiredBy, BoundBy, ConsistsOf, ...); farthest first */
};
void host_unit_done(struct host_unit *unit);

/*
 * Everything that changes the host, or asks another program of the host. Each operation may block
 * for ever: only a worker may call it. An operation that is NULL is not possible on this host.
 */
struct host_ops {
	/* Writes value to the attribute at path (relative to /sys) with one write(2). */
	int (*write_attr)(struct host *host, const char *path, const char *value,
			  struct error *err);
	/*
	 * Loads a kernel module and what it needs. Built in or loaded already: success. Errors:
	 * ENOENT (no such module for this kernel), EPERM (blacklisted), else the kernel's.
	 */
	int (*module_load)(struct host *host, const char *name, unsigned int flags,
			   struct error *err);
	/*
	 * What netlink tells of the network of this namespace: host_network_read.
	 */
	int (*network_read)(const struct host *host, char **ret, struct error *err);
	/*
	 * Asks systemd about a unit: the system's manager (manager 0), or the manager of the user
	 * with that id. ENOENT: there is no such unit; ENOSYS: this host runs no such manager.
	 */
	int (*unit_read)(const struct host *host, uid_t manager, const char *name,
			 struct host_unit *ret, struct error *err);
	/*
	 * Starts a unit (after forgetting earlier failures) or stops it, and waits at most
	 * timeout_ms for the end of systemd's job (ETIMEDOUT).
	 */
	int (*unit_set)(struct host *host, uid_t manager, const char *name, bool active,
			unsigned int timeout_ms, struct error *err);
	/* Does the system's manager say that the host is being shut down? Answers in seconds. */
	bool (*is_going_down)(const struct host *host);
	/*
	 * Ends the process with this pid and start time (field 22 of its stat): SIGTERM, after
	 * grace_ms SIGKILL. Returns when the process has ended; success if it had ended before.
	 * ETIMEDOUT: it was killed and is still there after a while, as it waits in the kernel.
	 */
	int (*process_end)(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
			   struct error *err);
	/*
	 * The same without SIGKILL: EBUSY when it has not ended within grace_ms of SIGTERM.
	 */
	int (*process_ask)(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
			   struct error *err);
	/* Changes owner and mode of a character device; name: its path below /dev. */
	int (*node_own)(struct host *host, const char *name, const struct host_owner *owner,
			struct error *err);
	/* Files and programs of this host: see base/host-change.h. */
	int (*file_put)(struct host *host, const char *path, const struct host_content *content,
			struct error *err);
	int (*command_run)(struct host *host, char *const *argv, struct text *said,
			   struct error *err);
};

struct host {
	int fd[HOST_DIRS]; /* -1: the host has no such directory */
	/* Its root is the root of this process, where absolute links lead to the right file. */
	bool is_own;
	/*
	 * More than 0: command_run leaves this descriptor open in each program, and writes
	 * "PID PROGRAM" to it. It belongs to the caller.
	 */
	int held_fd;
	const struct host_ops *ops;
	void *ops_data;
};

/*
 * Opens the host below root ("/" for the real host). A missing directory is no error here: its
 * first use is. ops NULL makes a host that can only be read (writes fail with EROFS).
 */
int host_open(struct host *host, const char *root, const struct host_ops *ops, void *ops_data,
	      struct error *err);
void host_close(struct host *host); /* fine on a zeroed or closed host */

/* All operations of the real host; and those of them that change nothing. */
extern const struct host_ops host_ops_kernel, host_ops_readonly;
/* For a host that does not run, below a directory: its files, and its programs by chroot(2). */
extern const struct host_ops host_ops_files;

/* --- reading: path is a printf format, relative to the directory --- */

/* True when the path exists (any type; links are not followed at the last component). */
bool host_exists(const struct host *host, enum host_dir dir, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Reads a small text file (an attribute) into buffer, NUL-terminated, without the newline at the
 * end. -ENOENT and such are answers that a caller may expect (err is set, too). ENAMETOOLONG: the
 * content does not fit.
 */
int host_read(const struct host *host, enum host_dir dir, char *buffer, size_t size,
	      struct error *err, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Last component of a symbolic link's target ("../../bus/pci/drivers/nvme" -> "nvme"). */
int host_read_link_name(const struct host *host, enum host_dir dir, char *buffer, size_t size,
			struct error *err, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/*
 * Takes the result of host_read or host_read_link_name: for a file that does not exist, the buffer
 * becomes "" and the result 0. Any other failure stays a failure.
 */
int host_absent_is_empty(int result, char *buffer);

/* A whole file of at most limit bytes; heap, NUL-terminated, length in *ret_length. EFBIG beyond.
 */
int host_read_file(const struct host *host, enum host_dir dir, size_t limit, char **ret,
		   size_t *ret_length, struct error *err, const char *format, ...)
	__attribute__((format(printf, 7, 8)));

/* A whole regular file mapped read-only: for large ones, which are searched once. */
struct host_map {
	const char *data; /* not NUL-terminated; NULL while empty */
	size_t length;
};
int host_map_file(const struct host *host, enum host_dir dir, struct host_map *ret,
		  struct error *err, const char *format, ...) __attribute__((format(printf, 5, 6)));
void host_unmap(struct host_map *map);

/* Has the directory any entry but dot files? False if there is no such directory, too. */
bool host_has_entries(const struct host *host, enum host_dir dir, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Names in a directory, sorted bytewise, without dot files. *ret is a heap array of heap strings
 * with a NULL at its end: release with host_free_names.
 */
int host_list(const struct host *host, enum host_dir dir, char ***ret, size_t *ret_count,
	      struct error *err, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The same with dot files, but without "." and "..". */
int host_list_hidden(const struct host *host, enum host_dir dir, char ***ret, size_t *ret_count,
		     struct error *err, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
void host_free_names(char ***names);

/* --- changing, through the operations; format gives the path below /sys --- */
int host_write_attr(struct host *host, const char *value, struct error *err, const char *format,
		    ...) __attribute__((format(printf, 4, 5)));
int host_module_load(struct host *host, const char *name, unsigned int flags, struct error *err);
/*
 * The kernel's network as lines of words, the tables of routes last; heap:
 *   link NAME KIND [elsewhere] [below=NAME] [to=ADDRESS]
 *          an interface of a kind (IFLA_INFO_KIND); below: its IFLA_LINK (for a veth its other
 *          end); elsewhere: the IFLA_LINK is in another network namespace; to: a tunnel's other end
 *   peer NAME ADDRESS                       another end of the tunnel
 *   rule 4|6 TABLE [special] [suppress=N]   in their order; special: for some packets only
 *   rule 4|6 end [special]   the kernel asks no rule behind this, or, after a goto, not all
 *   hole 4|6 TABLE BITS ADDRESS METRIC [throw]   leads nowhere; throw: the next rule is asked
 *   route 4|6 TABLE BITS ADDRESS METRIC INTERFACE [dead]
 *          one line for each next hop; "lo" for an address of this host
 * ENOSYS: this host cannot be asked (it is made up), and /proc/net is all there is. The call may
 * block for a while, not for ever.
 */
int host_network_read(const struct host *host, char **ret, struct error *err);
int host_unit_read(const struct host *host, uid_t manager, const char *name, struct host_unit *ret,
		   struct error *err);
/* False if no manager can be asked. */
bool host_is_going_down(const struct host *host);
int host_unit_set(struct host *host, uid_t manager, const char *name, bool active,
		  unsigned int timeout_ms, struct error *err);
int host_process_end(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
		     struct error *err);
int host_process_ask(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
		     struct error *err);
int host_node_own(struct host *host, const char *name, const struct host_owner *owner,
		  struct error *err);

/* --- facts asked for in several rooms --- */

#define HOST_NAME_SIZE 128 /* a driver's or module's name with its NUL */

/*
 * Finds the registered PCI driver with this name. "-" and "_" are alike, as names of modules and of
 * drivers differ in them. ENOENT: no such driver is registered.
 */
int host_pci_driver(const struct host *host, const char *name, char *buffer, size_t size,
		    struct error *err);

/* The running kernel's boot id, 36 characters and a NUL. */
#define HOST_BOOT_ID_SIZE 37
int host_boot_id(const struct host *host, char buffer[HOST_BOOT_ID_SIZE], struct error *err);

/* Monotonic clock in milliseconds. */
uint64_t host_now_ms(void);
