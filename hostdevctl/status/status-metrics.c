// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl status --metrics: what Prometheus is told of loans, in its text format, as the
 * textfile collector of the node exporter reads it. Tests: ctl/metrics.bats.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "hostdevctl/command.h"
#include "hostdevctl/status/status.h"
#include "hostdevctl/stranded.h"
#include "parsers/pci/pci.h"

/* --- the format --- */

static void begin_family(const char *name, const char *help, struct text *out)
{
	text_printf(out, "# HELP hostdev_%s %s\n# TYPE hostdev_%s gauge\n", name, help, name);
}

/* name="value", with what is no text spelled as in a log. */
static void add_label(const char *name, const char *value, struct text *labels)
{
	auto_free char *safe = text_escape(value);

	text_printf(labels, "%s%s=\"", labels->length ? "," : "", name);
	for (const char *at = safe; *at; at++)
		text_printf(labels, *at == '\\' || *at == '"' ? "\\%c" : "%c", *at);
	text_append(labels, "\"", 1);
}

/* Two samples of the same labels would make the whole file void; the first one counts. */
static void add_sample(const char *name, const struct text *labels, const char *value,
		       struct text *out)
{
	auto_free char *series = xasprintf("\nhostdev_%s{%s} ", name, labels->data);

	if (!strstr(out->data, series))
		text_printf(out, "%s%s\n", series + 1, value);
}

/* --- devices --- */

static const char *class_word(uint32_t class_code)
{
	static const struct {
		uint32_t code, shift;
		const char *word;
	} classes[] = {
		{0x0403, 8, "audio"},      {0x0c03, 8, "usb"},    {0x01, 16, "storage"},
		{0x02, 16, "network"},     {0x03, 16, "display"}, {0x04, 16, "multimedia"},
		{0x12, 16, "accelerator"},
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (class_code >> classes[i].shift == classes[i].code)
			return classes[i].word;
	return "other";
}

static void add_device_labels(const struct loan_status *loan, struct text *labels)
{
	add_label("address", ADDR(&loan->device.addr), labels);
	add_label("class", class_word(loan->device.class_code), labels);
}

/* Of the devices that are on loan, or of those of which neither side has any use. */
static void add_loans(const struct statuses *statuses, bool lost, const char *name,
		      struct text *out)
{
	for (size_t i = 0; i < statuses->count; i++)
		for (size_t j = 0; j < statuses->items[i].loan_count; j++) {
			const struct loan_status *loan = &statuses->items[i].loans[j];
			auto_text struct text labels = TEXT_INIT;

			if (!loan->has_device || loan_state_is_bad(loan->state) != lost)
				continue;
			add_device_labels(loan, &labels);
			add_label("guest", statuses->items[i].guest, &labels);
			if (lost)
				add_label("state", loan_state_name(loan->state), &labels);
			add_sample(name, &labels, "1", out);
		}
}

static void add_since(const struct statuses *statuses, const char *name, struct text *out)
{
	for (size_t i = 0; i < statuses->count; i++) {
		const struct guest_status *status = &statuses->items[i];
		auto_free char *since = xasprintf("%" PRId64, status->since);

		for (size_t j = 0; status->since && j < status->loan_count; j++) {
			const struct loan_status *loan = &status->loans[j];
			auto_text struct text labels = TEXT_INIT;

			if (!loan->has_device || loan_state_is_bad(loan->state))
				continue;
			add_label("address", ADDR(&loan->device.addr), &labels);
			add_label("guest", status->guest, &labels);
			add_sample(name, &labels, since, out);
		}
	}
}

static void add_stranded(const struct host *host, struct text *out)
{
	auto_stranded struct stranded stranded = {0};
	struct error err = ERROR_INIT;

	if (stranded_find(host, &stranded, &err) < 0)
		command_note("whether devices are stranded is not known: %s", err.text);
	for (size_t i = 0; i < stranded.count; i++) {
		auto_text struct text labels = TEXT_INIT;
		struct loan_status loan = {.device = {.addr = stranded.addrs[i]}};

		pci_identity_read(host, &stranded.addrs[i], &loan.device, NULL);
		add_device_labels(&loan, &labels);
		add_sample("device_stranded", &labels, "1", out);
		device_done(&loan.device);
	}
}

/* --- hand-overs --- */

enum handover_value { VALUE_SUCCESS, VALUE_SECONDS, VALUE_TIME };

static char *value_of(const struct handover *handover, enum handover_value value)
{
	if (value == VALUE_SUCCESS)
		return xasprintf("%d", handover->result == HANDOVER_DONE);
	if (value == VALUE_TIME)
		return xasprintf("%" PRId64, handover->at);
	return xasprintf("%" PRIu64 ".%03" PRIu64, handover->duration_ms / 1000,
			 handover->duration_ms % 1000);
}

/* A guest that was made anew has the name of another, whose record is older. */
static bool is_newest(const struct statuses *statuses, const struct guest_status *status,
		      int operation)
{
	for (size_t i = 0; i < statuses->count; i++)
		if (strcmp(statuses->items[i].guest, status->guest) == 0 &&
		    statuses->items[i].last[operation].at > status->last[operation].at)
			return false;
	return true;
}

static void add_handovers(const struct statuses *statuses, enum handover_value value,
			  const char *name, struct text *out)
{
	for (size_t i = 0; i < statuses->count; i++)
		for (int j = 0; j < HANDOVER_OPERATIONS; j++) {
			const struct guest_status *status = &statuses->items[i];
			auto_free char *text = value_of(&status->last[j], value);
			auto_text struct text labels = TEXT_INIT;

			if (status->last[j].result == HANDOVER_NONE ||
			    !is_newest(statuses, status, j))
				continue;
			add_label("guest", status->guest, &labels);
			add_label("operation", handover_operation_name((enum handover_operation)j),
				  &labels);
			add_sample(name, &labels, text, out);
		}
}

/* --- all of it --- */

static void add_device_families(const struct host *host, const struct statuses *statuses,
				struct text *out)
{
	begin_family("device_on_loan", "A PCI device that a guest has on loan.", out);
	add_loans(statuses, false, "device_on_loan", out);
	begin_family("device_on_loan_since_seconds",
		     "Since when the guest has the device, in seconds since 1970.", out);
	add_since(statuses, "device_on_loan_since_seconds", out);
	begin_family("device_lost",
		     "A PCI device that its guest does not have, and that is not back either.",
		     out);
	add_loans(statuses, true, "device_lost", out);
	begin_family("device_stranded",
		     "A PCI device on a VFIO driver that no guest has and no set-up has reserved.",
		     out);
	add_stranded(host, out);
}

static void add_handover_families(const struct statuses *statuses, struct text *out)
{
	begin_family("last_handover_success", "Whether the guest's last lend or return succeeded.",
		     out);
	add_handovers(statuses, VALUE_SUCCESS, "last_handover_success", out);
	begin_family("last_handover_seconds", "How long the guest's last lend or return took.",
		     out);
	add_handovers(statuses, VALUE_SECONDS, "last_handover_seconds", out);
	begin_family("last_handover_timestamp_seconds",
		     "When the guest's last lend or return ended, in seconds since 1970.", out);
	add_handovers(statuses, VALUE_TIME, "last_handover_timestamp_seconds", out);
}

static int write_all(int fd, const struct text *text)
{
	size_t done = 0;

	while (done < text->length) {
		ssize_t length = write(fd, text->data + done, text->length - done);

		if (length < 0 && errno != EINTR)
			return -errno;
		done += length > 0 ? (size_t)length : 0;
	}
	return fchmod(fd, 0644) < 0 ? -errno : 0;
}

/* /dev/stdout, say: it would be gone, and a file in its place. */
static bool is_something_else(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* Beside it, under a name that no collector reads, and then in its place. */
static int write_file(const char *path, const struct text *text, struct error *err)
{
	auto_free char *new_path = xasprintf("%s.XXXXXX", path);
	auto_close int fd = mkostemp(new_path, O_CLOEXEC);
	int ret;

	if (fd < 0)
		return error_errno(err, errno, "create a file beside %s", path);
	ret = write_all(fd, text);
	if (ret == 0 && rename(new_path, path) < 0)
		ret = -errno;
	if (ret == 0)
		return 0;
	unlink(new_path);
	return error_errno(err, -ret, "write %s", path);
}

int status_metrics(const struct host *host, const struct statuses *statuses,
		   const struct status_request *request, struct error *err)
{
	auto_text struct text out = TEXT_INIT;

	add_device_families(host, statuses, &out);
	add_handover_families(statuses, &out);
	begin_family("check_problems", "How many problems \"hostdevctl check\" finds.", &out);
	text_printf(&out, "hostdev_check_problems %zu\n",
		    check_count_problems(host, request->root != NULL));
	if (request->file && is_something_else(request->file))
		return error_set(err, EINVAL,
				 "%s is no regular file, and stays as it is: without --output the "
				 "metrics are printed",
				 request->file);
	if (request->file)
		return write_file(request->file, &out, err);
	fputs(out.data, stdout);
	return 0;
}
