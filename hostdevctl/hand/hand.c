// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a loan by hand is shown, and what must be so before one is begun or ended.
 */
#include "hostdevctl/hand/hand.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "hostdevctl/command.h"
#include "hostdevctl/output/json.h"
#include "model/cell.h"
#include "parsers/pci/label.h"
#include "parsers/pci/names.h"
#include "parsers/pci/pci.h"

static pid_t own_pid;

/* What was begun is returned by whoever comes by: the same as for a hook that was killed. */
static void tell_interrupted(int number)
{
	static const char line[] =
		"\nhostdevctl: interrupted: \"hostdevctl recover\" returns what was begun.\n";

	if (getpid() == own_pid && write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
		_exit(128 + number);
	signal(number, SIG_DFL);
	raise(number);
}

bool hand_open(const char *what, const char *root, struct host *ret)
{
	struct error err = ERROR_INIT;

	if (!root && !command_is_root(what))
		return false;
	umask(077);
	if (command_open(root, &host_ops_kernel, ret, &err) == 0)
		return true;
	command_fail(&err);
	return false;
}

void hand_begin(void)
{
	own_pid = getpid();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, tell_interrupted);
	signal(SIGTERM, tell_interrupted);
	if (isatty(STDERR_FILENO))
		log_show();
}

void hand_tell(const char *word, const struct text *message)
{
	auto_free char *lines = xstrdup(text_string(message));
	char *at = lines, *line = strsep(&at, "\n");

	command_note("%s: %s", word, line);
	while ((line = strsep(&at, "\n")) && *line)
		fprintf(stderr, "  %s\n", line);
}

/* The driver that the device had before it was lent; "" where it had none, or is left as it is. */
static void driver_before(const struct journal *journal, const struct pci_addr *addr,
			  struct driver_value *ret)
{
	for (size_t i = 0; i < journal->step_count; i++)
		if (journal->steps[i].kind == STEP_DRIVER &&
		    journal_step_is_of(&journal->steps[i], addr) &&
		    driver_value_parse(journal->steps[i].before, ret))
			return;
	*ret = (struct driver_value){0};
}

static void driver_now(const struct host *host, const struct pci_addr *addr,
		       char ret[HOST_NAME_SIZE])
{
	if (host_read_link_name(host, HOST_SYS, ret, HOST_NAME_SIZE, NULL,
				"bus/pci/devices/%s/driver", ADDR(addr)) < 0)
		*ret = '\0';
}

void hand_print(const struct host *host, const struct journal *journal, bool lent)
{
	for (size_t i = 0; i < journal->claim_count; i++) {
		const struct pci_addr *addr = &journal->claims[i];
		struct driver_value before;
		char now[HOST_NAME_SIZE];

		driver_before(journal, addr, &before);
		driver_now(host, addr, now);
		printf("%s is %s: driver %s", label_read(host, addr).text,
		       lent ? "lent" : "returned", *now ? now : "none");
		if (lent && *before.driver && strcmp(before.driver, now) != 0)
			printf(", before %s", before.driver);
		printf("\n");
	}
}

static void add_device(const struct host *host, const struct pci_addr *addr, struct text *out)
{
	struct device device;
	struct snapshot snapshot = {.devices = &device, .device_count = 1};
	bool known = pci_identity_read(host, addr, &device, NULL) == 0;
	char now[HOST_NAME_SIZE];

	if (known)
		names_fill(&snapshot);
	driver_now(host, addr, now);
	text_printf(out, "      {");
	json_member("address", ADDR(addr), ", ", out);
	json_member("name", known ? device.name : NULL, ", ", out);
	json_word("driver", now, "}", out);
	if (known)
		device_done(&device);
}

void hand_json(const struct host *host, const struct journal *journal, struct text *out)
{
	json_member("guest", journal->guest, ",\n   ", out);
	json_member("uuid", journal->uuid, ",\n   ", out);
	text_printf(out, "\"devices\": [\n");
	for (size_t i = 0; i < journal->claim_count; i++) {
		text_printf(out, "%s", i ? ",\n" : "");
		add_device(host, &journal->claims[i], out);
	}
	text_printf(out, "\n   ]\n}");
}
