// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the system's journal is sent, and a log that does not take what it is told, as when its
 * queue is full and nobody reads it.
 */
#include "tests/host/check.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/log-entry.h"
#include "base/log.h"

static bool stuck;
static bool deaf; /* nobody listens to the journal's socket */
static unsigned int calls, ends;
static struct {
	char address[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	struct text bytes;
	unsigned int syslog_calls;
	char syslog_line[128];
} seen;

static int block(void)
{
	calls++;
	if (poll(NULL, 0, 20000) == 0)
		return 0;
	ends++;
	return -1;
}

ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
int __real_memfd_create(const char *name, unsigned int flags);
int __wrap_memfd_create(const char *name, unsigned int flags);
void __wrap_syslog(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	const struct sockaddr_un *address = message->msg_name;

	if (strncmp(address->sun_path, "/run/", strlen("/run/")) != 0)
		return __real_sendmsg(fd, message, flags);
	if (stuck)
		return block();
	strcpy(seen.address, address->sun_path);
	if (deaf) {
		errno = ECONNREFUSED;
		return -1;
	}
	text_append(&seen.bytes, message->msg_iov->iov_base, message->msg_iov->iov_len);
	return (ssize_t)message->msg_iov->iov_len;
}

/* As with sysctl vm.memfd_noexec = 2. */
static bool insists_on_noexec;
static unsigned int memory_flags;

int __wrap_memfd_create(const char *name, unsigned int flags)
{
	memory_flags = flags;
	if (insists_on_noexec && !(flags & 8)) {
		errno = EACCES;
		return -1;
	}
	return __real_memfd_create(name, flags & ~8U);
}

void __wrap_syslog(int level, const char *format, ...)
{
	va_list args;

	(void)level;
	if (stuck)
		block();
	seen.syslog_calls++;
	va_start(args, format);
	vsnprintf(seen.syslog_line, sizeof(seen.syslog_line), format, args);
	va_end(args);
}

static int teardown(void **state)
{
	(void)state;
	text_done(&seen.bytes);
	memset(&seen, 0, sizeof(seen));
	stuck = deaf = insists_on_noexec = false;
	return 0;
}

/* Standard error as a program of this process sees it; a line of a child is not among it. */
static void a_person_sees_the_lines_of_this_process(void **state)
{
	const struct log_fields fields = {.duration_ms = -1};
	int both[2] = {-1, -1}, before = dup(STDERR_FILENO), status;
	char said[128] = "";
	ssize_t length;
	pid_t child;

	(void)state;
	assert_true(before >= 0 && pipe(both) == 0);
	dup2(both[1], STDERR_FILENO);
	log_write(LOG_LEVEL_INFO, &fields, "not shown");
	log_show();
	log_write(LOG_LEVEL_INFO, &fields, "g1: set \x1b");
	child = fork();
	if (child == 0) {
		log_write(LOG_LEVEL_INFO, &fields, "of a child");
		_exit(0);
	}
	waitpid(child, &status, 0);
	dup2(before, STDERR_FILENO);
	close(both[1]);
	length = read(both[0], said, sizeof(said) - 1);
	close(both[0]);
	close(before);
	assert_true(length > 0);
	assert_string_equal(said, "g1: set \\x1b\n");
}

static void a_line_is_an_entry_with_its_fields(void **state)
{
	const struct log_fields fields = {
		.guest = "g1", .uuid = "0-1", .device = "0000:01:00.0", .duration_ms = 12};
	const char *expected = "MESSAGE=g1: all is well\nPRIORITY=6\nSYSLOG_IDENTIFIER=hostdev-hook"
			       "\nHOSTDEV_GUEST=g1\nHOSTDEV_UUID=0-1\nHOSTDEV_DEVICE=0000:01:00.0\n"
			       "HOSTDEV_DURATION_MS=12\n";

	(void)state;
	log_write(LOG_LEVEL_INFO, &fields, "g1: all is well");
	assert_string_equal(seen.address, "/run/systemd/journal/socket");
	assert_string_equal(seen.bytes.data, expected);
	assert_int_equal(seen.syslog_calls, 0);
}

static void a_field_that_is_not_known_is_left_out(void **state)
{
	const struct log_fields fields = {.duration_ms = -1};

	(void)state;
	log_write(LOG_LEVEL_ERROR, &fields, "no more");
	assert_string_equal(seen.bytes.data,
			    "MESSAGE=no more\nPRIORITY=3\nSYSLOG_IDENTIFIER=hostdev-hook\n");
}

/* Else the rest of a value would be a field of its own, of whoever wrote it. */
static void a_line_feed_ends_no_field(void **state)
{
	const char expected[] = "A\n\x0d\0\0\0\0\0\0\0one\nB=another\nC=\n";
	auto_text struct text entry = TEXT_INIT;

	(void)state;
	log_entry_add(&entry, "A", "one\nB=another");
	log_entry_add(&entry, "C", "");
	log_entry_add(&entry, "D", NULL);
	assert_int_equal(entry.length, sizeof(expected) - 1);
	assert_memory_equal(entry.data, expected, sizeof(expected) - 1);
}

static void without_a_journal_the_line_goes_to_syslog(void **state)
{
	const struct log_fields fields = {.guest = "g1", .duration_ms = -1};

	(void)state;
	deaf = true;
	log_write(LOG_LEVEL_INFO, &fields, "100% done");
	assert_string_equal(seen.address, "/run/systemd/journal/socket");
	assert_int_equal(seen.syslog_calls, 1);
	assert_string_equal(seen.syslog_line, "100% done");
}

/* A socket as the daemon has it; its path in a buffer. */
static int listen_at(char *path, size_t size)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char folder[] = "/tmp/test-log-XXXXXX";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_non_null(mkdtemp(folder));
	snprintf(path, size, "%s/socket", folder);
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void remove_listener(char *path)
{
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

/* What comes in: the length of the payload, and the file that came along or -1. */
static ssize_t receive(int fd, char *buffer, size_t size, int *ret_file)
{
	char control[CMSG_SPACE(sizeof(int) * 4)];
	struct iovec all = {buffer, size};
	struct msghdr message = {.msg_iov = &all,
				 .msg_iovlen = 1,
				 .msg_control = control,
				 .msg_controllen = sizeof(control)};
	ssize_t length = recvmsg(fd, &message, 0);
	struct cmsghdr *header = length < 0 ? NULL : CMSG_FIRSTHDR(&message);

	*ret_file = -1;
	if (header) {
		assert_int_equal(header->cmsg_level, SOL_SOCKET);
		assert_int_equal(header->cmsg_type, SCM_RIGHTS);
		assert_int_equal(header->cmsg_len, CMSG_LEN(sizeof(int)));
		memcpy(ret_file, CMSG_DATA(header), sizeof(int));
	}
	return length;
}

static void an_entry_is_one_datagram(void **state)
{
	auto_text struct text entry = TEXT_INIT;
	char path[64], buffer[64];
	auto_close int fd = listen_at(path, sizeof(path));
	int file;

	(void)state;
	log_entry_add(&entry, "MESSAGE", "hello");
	assert_int_equal(log_entry_send(&entry, path), 0);
	assert_int_equal(receive(fd, buffer, sizeof(buffer), &file), strlen("MESSAGE=hello\n"));
	assert_memory_equal(buffer, "MESSAGE=hello\n", strlen("MESSAGE=hello\n"));
	assert_int_equal(file, -1);
	assert_int_equal(receive(fd, buffer, sizeof(buffer), &file), -1);
	remove_listener(path);
	assert_int_equal(log_entry_send(&entry, path), -ENOENT);
}

/* The kernel takes no datagram of that size. */
#define LARGE ((size_t)1024 * 1024)

static void check_large_entry(unsigned int expected_flags)
{
	auto_text struct text entry = TEXT_INIT;
	auto_free char *value = xcalloc(LARGE + 1, 1);
	auto_free char *read_back = xcalloc(LARGE + 16, 1);
	char path[64], buffer[64];
	auto_close int fd = listen_at(path, sizeof(path));
	auto_close int file = -1;

	memset(value, 'x', LARGE);
	log_entry_add(&entry, "MESSAGE", value);
	assert_int_equal(log_entry_send(&entry, path), 0);
	assert_int_equal(memory_flags & 8, expected_flags);
	/* No payload, and a file that nobody can change. */
	assert_int_equal(receive(fd, buffer, sizeof(buffer), &file), 0);
	assert_true(file >= 0);
	assert_int_equal(fcntl(file, F_GET_SEALS),
			 F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	assert_int_equal(pread(file, read_back, LARGE + 16, 0), entry.length);
	assert_memory_equal(read_back, entry.data, entry.length);
	remove_listener(path);
}

static void a_large_entry_comes_in_a_file(void **state)
{
	(void)state;
	check_large_entry(0);
}

static void a_host_may_insist_on_files_that_are_not_run(void **state)
{
	(void)state;
	insists_on_noexec = true;
	check_large_entry(8);
}

static void a_log_that_is_stuck_holds_up_nobody(void **state)
{
	const struct log_fields fields = {.guest = "g1", .duration_ms = -1};
	uint64_t started_ms = host_now_ms();

	(void)state;
	stuck = true;
	calls = ends = 0;
	for (int i = 0; i < 300; i++)
		log_write(LOG_LEVEL_INFO, &fields, "g1: a line of many");
	assert_uint_in_range(host_now_ms() - started_ms, 1000, 15000);
	/* A log that only was slow for once has the next line, and one that is dead has not. */
	assert_uint_in_range(calls, 2, 20);
	assert_int_equal(ends, calls);
	assert_int_equal(seen.syslog_calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_line_is_an_entry_with_its_fields, teardown),
		cmocka_unit_test_teardown(a_field_that_is_not_known_is_left_out, teardown),
		cmocka_unit_test_teardown(a_line_feed_ends_no_field, teardown),
		cmocka_unit_test_teardown(without_a_journal_the_line_goes_to_syslog, teardown),
		cmocka_unit_test_teardown(an_entry_is_one_datagram, teardown),
		cmocka_unit_test_teardown(a_large_entry_comes_in_a_file, teardown),
		cmocka_unit_test_teardown(a_host_may_insist_on_files_that_are_not_run, teardown),
		cmocka_unit_test_teardown(a_person_sees_the_lines_of_this_process, teardown),
		/* The last: afterwards this process says no more. */
		cmocka_unit_test_teardown(a_log_that_is_stuck_holds_up_nobody, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
