/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/host-owner.h"

/*
 * The machine as this program may see and change it. Reading goes through directory descriptors,
 * changing through a small table of operations; so a test points the same code at a made-up
 * machine, and nothing else in the program opens an absolute path.
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
	uint64_t state_changed_us; /* when its state changed last, a reload included; since 1970, 0:
				      not known */
	bool transient;   /* made for one run (systemd-run) or without its file: once stopped, it
			     cannot be started again */
	char **triggered; /* NULL-terminated: active units that start it (TriggeredBy), or one
			     of dependent; farthest first */
	char **dependent; /* NULL-terminated: active units that stop along (RequiredBy, BoundBy,
			     ConsistsOf, ...) with it or with one of these; farthest first */
};
void host_unit_done(struct host_unit *unit);

/* Everything that changes the machine, or asks another program of it. Each may block for ever: call
 * from a worker only. */
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
	 * What netlink tells of the network of this namespace: host_network_read. NULL: this
	 * machine is not asked.
	 */
	int (*network_read)(const struct host *host, char **ret, struct error *err);
	/*
	 * Asks the system's manager (manager 0) or that of the user manager about a unit. ENOENT:
	 * it knows no such unit; ENOSYS: this host runs no such manager.
	 */
	int (*unit_read)(const struct host *host, uid_t manager, const char *name,
			 struct host_unit *ret, struct error *err);
	/*
	 * Starts (after forgetting earlier failures) or stops it, and waits for the job's end,
	 * timeout_ms at most (ETIMEDOUT).
	 */
	int (*unit_set)(struct host *host, uid_t manager, const char *name, bool active,
			unsigned int timeout_ms, struct error *err);
	/* Is the host being shut down, as far as its manager tells? Within seconds. */
	bool (*is_going_down)(const struct host *host);
	/*
	 * Ends the process of this pid and start time (field 22 of its stat): SIGTERM, after
	 * grace_ms SIGKILL; returns when it has ended. Gone already: success. ETIMEDOUT: killed,
	 * and yet still there after a while (it is in the kernel).
	 */
	int (*process_end)(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
			   struct error *err);
	/*
	 * The same without SIGKILL: EBUSY when it has not ended within grace_ms of SIGTERM.
	 */
	int (*process_ask)(struct host *host, int pid, uint64_t start_time, unsigned int grace_ms,
			   struct error *err);
	/* A character device below /dev, by its name there. */
	int (*node_own)(struct host *host, const char *name, const struct host_owner *owner,
			struct error *err);
	/* Files and programs of this host: see base/host-change.h. */
	int (*file_put)(struct host *host, const char *path, const struct host_content *content,
			struct error *err);
	int (*command_run)(struct host *host, char *const *argv, struct text *said,
			   struct error *err);
};

struct host {
	int fd[HOST_DIRS]; /* -1 where the machine has no such directory */
	/* Its root is this process's own: there an absolute link leads to where it says. */
	bool is_own;
	/*
	 * More than 0: command_run has each program keep this descriptor, and writes "PID PROGRAM"
	 * to it. The caller's.
	 */
	int held_fd;
	const struct host_ops *ops;
	void *ops_data;
};

/*
 * Opens the machine below root ("/" for the real one). A missing directory is no error here: its
 * first use is. ops NULL makes a machine that can only be read (writes fail with EROFS).
 */
int host_open(struct host *host, const char *root, const struct host_ops *ops, void *ops_data,
	      struct error *err);
void host_close(struct host *host); /* fine on a zeroed or closed host */

/* The operations of the real machine; and those of them that only ask, for who only looks. */
extern const struct host_ops host_ops_kernel, host_ops_readonly;
/* A host that does not run, below a directory: its files, and its programs by chroot(2). */
extern const struct host_ops host_ops_files;

/* --- reading: path is a printf format, relative to the directory --- */

/* True when the path exists (any type; links are not followed at the last component). */
bool host_exists(const struct host *host, enum host_dir dir, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Reads a small text file (an attribute) into buffer, NUL-terminated, the trailing newline cut.
 * Returns 0, -ENOENT and such as values the caller may expect (err is set too). ENAMETOOLONG when
 * it does not fit.
 */
int host_read(const struct host *host, enum host_dir dir, char *buffer, size_t size,
	      struct error *err, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Last component of a symbolic link's target ("../../bus/pci/drivers/nvme" -> "nvme"). */
int host_read_link_name(const struct host *host, enum host_dir dir, char *buffer, size_t size,
			struct error *err, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/*
 * For the result of the two above: what does not exist reads as "", which is an answer; any other
 * failure must not pass for it.
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

/* Does the directory hold anything (but dot files)? False, too, where there is none. */
bool host_has_entries(const struct host *host, enum host_dir dir, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Names in a directory, sorted bytewise, without dot files. *ret is a heap array of heap strings
 * with a NULL at its end: release with host_free_names.
 */
int host_list(const struct host *host, enum host_dir dir, char ***ret, size_t *ret_count,
	      struct error *err, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The same with dot files, but for "." and "..". */
int host_list_hidden(const struct host *host, enum host_dir dir, char ***ret, size_t *ret_count,
		     struct error *err, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
void host_free_names(char ***names);

/* --- changing, through the operations; format gives the path below /sys --- */
int host_write_attr(struct host *host, const char *value, struct error *err, const char *format,
		    ...) __attribute__((format(printf, 4, 5)));
int host_module_load(struct host *host, const char *name, unsigned int flags, struct error *err);
/*
 * The kernel's network as lines of words, of which all tables of routes are the last; heap:
 *   link NAME KIND [elsewhere] [below=NAME] [to=ADDRESS]
 *          an interface of a kind (IFLA_INFO_KIND); below: its IFLA_LINK (of a veth its other
 *          end); elsewhere: that is in another network namespace; to: a tunnel's other end
 *   peer NAME ADDRESS                       another end of the tunnel
 *   rule 4|6 TABLE [special] [suppress=N]   in their order; special: for some packets only
 *   rule 4|6 end [special]   those behind it are not asked, or, with a goto, not all of them
 *   hole 4|6 TABLE BITS ADDRESS METRIC [throw]   nowhere; throw: the next rule is asked
 *   route 4|6 TABLE BITS ADDRESS METRIC INTERFACE [dead]
 *          one line for each next hop; "lo" for an address of our own
 * ENOSYS: this machine is not asked (a made-up one), and /proc/net is all there is. May block for
 * a while, not for ever.
 */
int host_network_read(const struct host *host, char **ret, struct error *err);
int host_unit_read(const struct host *host, uid_t manager, const char *name, struct host_unit *ret,
		   struct error *err);
/* False where no manager can be asked. */
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
 * The registered PCI driver that goes by this name, "-" and "_" being alike (module names spell
 * one way, driver names the other). ENOENT when no such driver is registered.
 */
int host_pci_driver(const struct host *host, const char *name, char *buffer, size_t size,
		    struct error *err);

/* The running kernel's boot id, 36 characters and a NUL. */
#define HOST_BOOT_ID_SIZE 37
int host_boot_id(const struct host *host, char buffer[HOST_BOOT_ID_SIZE], struct error *err);

/* Monotonic clock in milliseconds. */
uint64_t host_now_ms(void);
