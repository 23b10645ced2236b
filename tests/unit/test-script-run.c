// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One script as it finds itself, and what becomes of one that fails, hangs, floods or leaves
 * children behind.
 */
#include "tests/hook/scripts-tree.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/host.h"
#include "hook/script-run.h"

static struct text seen, why, output;

static void see(void *data, const char *line)
{
	(void)data;
	text_printf(&seen, "[%s]", line);
}

static void forget(void)
{
	text_done(&seen);
	text_done(&why);
	text_done(&output);
	text_append(&seen, "", 0);
	text_append(&why, "", 0);
	text_append(&output, "", 0);
}

static int setup(void **state)
{
	forget();
	return tree_make(state);
}

static int teardown(void **state)
{
	text_done(&seen);
	text_done(&why);
	text_done(&output);
	return tree_end(state);
}

static int run_for(const char *body, unsigned int timeout_ms, bool keep_output, const char *input)
{
	auto_free char *path = tree_path("script");
	char *argv[] = {path, (char *)"g 1", (char *)"prepare", (char *)"begin", (char *)"-", NULL};
	char *envp[] = {(char *)"PATH=/usr/bin:/bin", (char *)"A=b c", NULL};
	struct script_run run = {.path = path,
				 .argv = argv,
				 .envp = envp,
				 .input = input,
				 .input_length = strlen(input),
				 .timeout_ms = timeout_ms,
				 .line = see,
				 .output = keep_output ? &output : NULL};

	put_script("script", body);
	forget();
	return script_run(&run, &why);
}

static int run(const char *body)
{
	return run_for(body, 20000, false, "<domain/>\n");
}

static void what_it_is_given(void **state)
{
	auto_free char *expected = xasprintf("[%s/script|g 1|prepare|begin|-][5]", tree);

	(void)state;
	assert_int_equal(run("IFS='|'; echo \"$0|$*\"; set -- x \"$@\"; echo $#"), 0);
	assert_string_equal(seen.data, expected);
	assert_int_equal(run("cat; cat"), 0);
	assert_string_equal(seen.data, "[<domain/>]");
	assert_int_equal(run("pwd; umask; echo \"$A\"; env | grep -c ."), 0);
	assert_contains(seen.data, "[/][0022][b c]");
	assert_string_equal(why.data, "");
}

/* The hook's own keeps its files from others; what a script writes is often meant for them. */
static void the_umask_is_not_the_hooks(void **state)
{
	mode_t before = umask(077);

	(void)state;
	assert_int_equal(run("umask"), 0);
	umask(before);
	assert_string_equal(seen.data, "[0022]");
}

static void descriptors(void **state)
{
	int leaked = open("/dev/null", O_RDONLY), high = fcntl(leaked, F_DUPFD, 200);
	char *argv[] = {(char *)"ls", (char *)"/proc/self/fd", NULL}, *envp[] = {NULL};
	struct script_run list = {
		.path = "/bin/ls", .argv = argv, .envp = envp, .timeout_ms = 20000, .line = see};

	(void)state;
	assert_true(leaked >= 0 && high >= 200);
	/* The last is its own, of the directory that it lists. */
	assert_int_equal(script_run(&list, &why), 0);
	assert_string_equal(seen.data, "[0][1][2][3]");
	close(leaked);
	close(high);
}

static void signals_and_session(void **state)
{
	sigset_t blocked, before;

	(void)state;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(run("grep -E 'Sig(Blk|Ign)' /proc/self/status; "
			     "set -- $(cat /proc/$$/stat); echo $(($1 == $5 && $1 == $6))"),
			 0);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	assert_string_equal(seen.data, "[SigBlk:\\x090000000000000000]"
				       "[SigIgn:\\x090000000000000000][1]");
}

static void input_of_any_size(void **state)
{
	auto_free char *big = xcalloc(3000001, 1);

	(void)state;
	memset(big, 'x', 3000000);
	assert_int_equal(run_for("wc -c", 20000, false, big), 0);
	assert_string_equal(seen.data, "[3000000]");
	assert_int_equal(run_for("wc -c", 20000, false, ""), 0);
	assert_string_equal(seen.data, "[0]");
	/* One that does not read it is not waited for. */
	assert_int_equal(run_for("exit 0", 20000, false, big), 0);
}

static void failures(void **state)
{
	(void)state;
	assert_int_equal(run("echo one; echo two >&2; exit 3"), -ECHILD);
	assert_string_equal(seen.data, "[one][two]");
	assert_string_equal(why.data, "ended with exit status 3: two");
	assert_int_equal(run("exit 1"), -ECHILD);
	assert_string_equal(why.data, "ended with exit status 1");
	assert_int_equal(run("kill -SEGV $$"), -ECHILD);
	assert_string_equal(why.data, "was ended by signal 11 (Segmentation fault)");
	assert_int_equal(run("sed 's/[/x/'"), -ECHILD);
}

static void what_cannot_be_run(void **state)
{
	auto_free char *path = tree_path("other");
	char *none[] = {NULL};
	struct script_run broken = {
		.path = path, .argv = none, .envp = none, .timeout_ms = 20000, .line = see};

	(void)state;
	put_file("other", "#!/no/such/interpreter\n", 0755);
	assert_int_equal(script_run(&broken, &why), -ENOENT);
	assert_string_equal(why.data, "could not be run: No such file or directory");
	forget();
	put_file("other",
		 "\x7f"
		 "ELF",
		 0755);
	assert_int_equal(script_run(&broken, &why), -ENOEXEC);
}

static void output_is_kept_apart(void **state)
{
	(void)state;
	assert_int_equal(run_for("cat; echo note >&2; printf x", 20000, true, "<domain/>\n"), 0);
	assert_string_equal(output.data, "<domain/>\nx");
	assert_string_equal(seen.data, "[note]");
	assert_int_equal(run_for("head -c 10485760 /dev/zero", 20000, true, ""), 0);
	assert_int_equal(output.length, SCRIPT_OUTPUT_MAX);
	assert_int_equal(run_for("yes", 20000, true, ""), -EFBIG);
	assert_string_equal(why.data, "wrote more than 10485760 bytes and was ended");
}

static void flood_of_lines(void **state)
{
	(void)state;
	assert_int_equal(run("yes | head -c 5000000"), 0);
	assert_true(seen.length < 2000);
	assert_contains(seen.data, "the rest is not logged");
}

/* Its pid is in the file; waits until it is gone, or fails. */
static void assert_gone(const char *name)
{
	auto_free char *number = left_in(name);
	int pid = atoi(number);
	uint64_t end_ms = host_now_ms() + 5000;

	assert_true(pid > 1);
	while (kill(pid, 0) == 0 && host_now_ms() < end_ms) {
		auto_free char *path = xasprintf("/proc/%d/stat", pid);
		auto_fclose FILE *file = fopen(path, "r");
		char state = ' ';

		/* Nobody may be there to reap it. */
		if (!file || (fscanf(file, "%*d (%*[^)]) %c", &state) == 1 && state == 'Z'))
			return;
		poll(NULL, 0, 10);
	}
	assert_int_not_equal(kill(pid, 0), 0);
}

static void overrun(void **state)
{
	uint64_t begun_ms = host_now_ms();

	(void)state;
	assert_int_equal(
		run_for("echo $$ >$T/pid; sleep 600 & echo $! >$T/child; echo waiting; wait", 1000,
			false, ""),
		-ETIMEDOUT);
	assert_string_equal(why.data, "did not end within 1 s and was ended: waiting");
	assert_true(host_now_ms() - begun_ms >= 1000);
	assert_gone("pid");
	assert_gone("child");
}

static void overrun_that_ignores_the_request(void **state)
{
	uint64_t begun_ms = host_now_ms();

	(void)state;
	assert_int_equal(run_for("trap '' TERM; echo $$ >$T/pid; sleep 600 & echo $! >$T/child; "
				 "while :; do wait; done",
				 500, false, ""),
			 -ETIMEDOUT);
	assert_true(host_now_ms() - begun_ms >= 500 + SCRIPT_GRACE_MS);
	assert_gone("pid");
	assert_gone("child");
}

/* The script itself obeys; who it has started does not. */
static void overrun_of_a_grandchild(void **state)
{
	(void)state;
	assert_int_equal(run_for("(trap '' TERM; echo >$T/ready; exec sleep 600) & "
				 "echo $! >$T/child; wait",
				 1000, false, ""),
			 -ETIMEDOUT);
	assert_gone("child");
}

static void time_to_clean_up(void **state)
{
	(void)state;
	assert_int_equal(
		run_for("trap 'echo cleaned up; exit 0' TERM; sleep 600 & wait", 500, false, ""),
		-ETIMEDOUT);
	assert_string_equal(seen.data, "[cleaned up]");
}

static void death_of_the_hook(void **state)
{
	auto_free char *ready = tree_path("ready");
	pid_t hook = fork();

	(void)state;
	if (hook == 0) {
		run_for("echo $$ >$T/pid; mkdir $T/ready; exec sleep 600", 60000, false, "");
		_exit(0);
	}
	while (access(ready, F_OK) < 0)
		poll(NULL, 0, 10);
	kill(hook, SIGKILL);
	assert_int_equal(waitpid(hook, NULL, 0), hook);
	assert_gone("pid");
}

/* It keeps our pipes open: it may, and nobody waits for it. */
static void child_left_behind(void **state)
{
	auto_free char *number = NULL;
	uint64_t begun_ms = host_now_ms();

	(void)state;
	assert_int_equal(run("sleep 600 & echo $! >$T/child; echo done"), 0);
	assert_true(host_now_ms() - begun_ms < 15000);
	assert_string_equal(seen.data, "[done]");
	number = left_in("child");
	assert_int_equal(kill(atoi(number), 0), 0);
	assert_int_equal(kill(atoi(number), SIGKILL), 0);
	/* As a filter behind a pipe may. */
	assert_int_equal(run_for("(sleep 0.05; echo late) & exit 0", 20000, true, ""), 0);
	assert_string_equal(output.data, "late\n");
}

/* What is there may be a part. */
static void output_that_does_not_end(void **state)
{
	auto_free char *number = NULL;

	(void)state;
	assert_int_equal(run_for("echo part; sleep 600 & echo $! >$T/child", 1000, true, ""),
			 -EPIPE);
	assert_contains(why.data, "has ended, but not what it has started");
	number = left_in("child");
	assert_int_equal(kill(atoi(number), SIGKILL), 0);
}

#define running(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		running(what_it_is_given),
		running(the_umask_is_not_the_hooks),
		running(descriptors),
		running(signals_and_session),
		running(input_of_any_size),
		running(failures),
		running(what_cannot_be_run),
		running(output_is_kept_apart),
		running(flood_of_lines),
		running(overrun),
		running(overrun_that_ignores_the_request),
		running(overrun_of_a_grandchild),
		running(time_to_clean_up),
		running(death_of_the_hook),
		running(child_left_behind),
		running(output_that_does_not_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
