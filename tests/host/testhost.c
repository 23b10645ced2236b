// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A made-up machine's life: its temporary directory, its processes, what others do to it, and its
 * state put back into text.
 */
#include "tests/host/testhost.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/host/kernel.h"
#include "tests/host/processes.h"
#include "tests/host/sysfs.h"
#include "tests/host/tree.h"

const char *__asan_default_options(void);

/*
 * A lend forks dozens of workers, and each fork copies the page tables of all that the sanitizer
 * keeps: with 256 MB of freed memory in quarantine, that is most of a test's time.
 */
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=1";
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "test host: %s\n", what);
	abort();
}

/* Memory where there is some: a suite makes thousands of small files. */
static char *make_root(void)
{
	const char *dir = getenv("TMPDIR");
	auto_free char *template = NULL;
	char *root;

	if (!dir)
		dir = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	template = xasprintf("%s/hostdev-test-XXXXXX", dir);
	must(mkdtemp(template), "no temporary directory");
	root = realpath(template, NULL);
	must(root, "no temporary directory");
	return root;
}

/* A test that fails leaves its function by a jump: what it made is removed at the end. */
static char *left_over[256];
static pid_t left_over_pid;

static void remove_left_over(void)
{
	for (size_t i = 0; getpid() == left_over_pid && i < 256; i++)
		if (left_over[i])
			tree_remove(AT_FDCWD, left_over[i]);
}

static void replace_left_over(const char *from, char *to)
{
	if (!left_over_pid)
		atexit(remove_left_over);
	left_over_pid = getpid();
	for (size_t i = 0; i < 256; i++) {
		if (left_over[i] == from) {
			left_over[i] = to;
			return;
		}
	}
}

struct testhost *testhost_new(const char *text)
{
	struct testhost *host = xcalloc(1, sizeof(*host));
	struct error err = ERROR_INIT;

	if (machine_parse(text, &host->machine, &err) < 0)
		must(false, err.text);
	host->root = make_root();
	replace_left_over(NULL, host->root);
	host->root_fd = open(host->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(host->root_fd >= 0, "cannot open the temporary directory");
	host->shared = mmap(NULL, sizeof(*host->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(host->shared != MAP_FAILED, "no shared memory");
	kernel_boot(host);
	if (host_open(&host->host, host->root, &testhost_ops, host, &err) < 0)
		must(false, err.text);
	return host;
}

void testhost_free(struct testhost **host)
{
	struct testhost *old = *host;

	if (!old)
		return;
	must(!old->shared->forbidden[0], old->shared->forbidden);
	host_close(&old->host);
	tree_remove(AT_FDCWD, old->root);
	replace_left_over(old->root, NULL);
	close(old->root_fd);
	munmap(old->shared, sizeof(*old->shared));
	machine_done(&old->machine);
	free(old->root);
	free(old);
	*host = NULL;
}

void testhost_script(struct testhost *host, const struct fault *fault)
{
	memset(host->faults, 0, sizeof(host->faults));
	host->shared->operations = 0;
	host->shared->dead = false;
	host->shared->released = false;
	tree_remove(host->root_fd, "log");
	if (fault)
		testhost_script_add(host, fault);
}

void testhost_script_add(struct testhost *host, const struct fault *fault)
{
	for (size_t i = 0; i < FAULTS_MAX; i++) {
		if (host->faults[i].kind == FAULT_NONE) {
			host->faults[i] = *fault;
			return;
		}
	}
	must(false, "too many faults");
}

int testhost_operations(const struct testhost *host)
{
	return host->shared->operations;
}

char *testhost_log(const struct testhost *host)
{
	auto_free char *log = tree_read(host->root_fd, "log");

	return log ? xasprintf("%s\n", log) : xstrdup("");
}

const char *testhost_take_forbidden(struct testhost *host)
{
	static char taken[sizeof(host->shared->forbidden)];

	memcpy(taken, host->shared->forbidden, sizeof(taken));
	host->shared->forbidden[0] = '\0';
	return taken[0] ? taken : NULL;
}

int testhost_process(struct testhost *host, int (*work)(struct testhost *host, void *data),
		     void *data)
{
	int status = 0;
	pid_t pid;

	/* Workers that outlive the hook become ours, so that their end can be waited for. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	fflush(NULL);
	pid = fork();
	must(pid >= 0, "fork failed");
	if (pid == 0) {
		host->shared->victim = getpid();
		_exit(work(host, data));
	}
	must(waitpid(pid, &status, 0) == pid, "waitpid failed");
	host->shared->victim = 0;
	if (WIFSIGNALED(status))
		while (wait(NULL) > 0 || errno == EINTR)
			;
	return status;
}

void testhost_release(struct testhost *host)
{
	__atomic_store_n(&host->shared->released, true, __ATOMIC_RELEASE);
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

static const struct machine_device *device_at(const struct testhost *host, const char *text)
{
	const struct machine_device *device = NULL;
	struct pci_addr addr;

	if (pci_addr_parse(text, &addr))
		device = machine_device(&host->machine, &addr);
	must(device, text);
	return device;
}

void testhost_rebind(struct testhost *host, const char *addr, const char *driver)
{
	const struct machine_device *device = device_at(host, addr);

	kernel_unbind(host, device);
	if (driver)
		must(kernel_probe(host, device, driver) == 0, "rebind failed");
}

void testhost_set(struct testhost *host, const char *addr, const char *attribute, const char *value)
{
	sysfs_set(host->root_fd, &device_at(host, addr)->addr, attribute, value);
}

void testhost_module_unload(struct testhost *host, const char *name)
{
	kernel_unload(host, name);
}

void testhost_own_group(struct testhost *host, int number, bool owned)
{
	for (size_t i = 0; i < host->machine.group_count; i++)
		if (host->machine.groups[i].number == number)
			host->machine.groups[i].owned = owned;
}

void testhost_vanish(struct testhost *host, const char *addr)
{
	kernel_vanish(host, &device_at(host, addr)->addr);
}

void testhost_process_gone(struct testhost *host, int pid)
{
	process_gone(host, pid);
}

void testhost_process_close(struct testhost *host, int pid, const char *node)
{
	const struct machine_node *found = machine_node(&host->machine, node);

	must(found, node);
	process_close(host, pid, found);
}
