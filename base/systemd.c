// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What systemd's managers are asked and told over D-Bus. The only file that includes sd-bus, whose
 * library it opens when a unit must really be asked about: merely linking it costs every call of
 * the hook half a millisecond. Tests: unit/test-host-units.c, unit/test-host-shutdown.c.
 */
#include "base/systemd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "base/cleanup.h"
#include "base/library.h"
#include "base/text.h"

LIBRARY_NOTE(LIBRARY_SYSTEMD, "units", "Stops units for a guest and starts them again",
	     "recommended");

#define SERVICE "org.freedesktop.systemd1"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER SERVICE ".Manager"
#define UNIT SERVICE ".Unit"

/* A manager that is alive answers in milliseconds, or when it has reloaded. */
#define CALL_TIMEOUT_US (5 * 1000 * 1000)

/* clang-format off */
#define SYSTEMD_FUNCTIONS(use) \
	use(sd_bus_new, new) \
	use(sd_bus_set_address, set_address) \
	use(sd_bus_set_bus_client, set_bus_client) \
	use(sd_bus_set_method_call_timeout, set_timeout) \
	use(sd_bus_start, start) \
	use(sd_bus_flush_close_unref, close) \
	use(sd_bus_call_method, call) \
	use(sd_bus_get_property_string, get_string) \
	use(sd_bus_get_property_strv, get_strings) \
	use(sd_bus_get_property_trivial, get_trivial) \
	use(sd_bus_add_match, add_match) \
	use(sd_bus_slot_unref, slot_unref) \
	use(sd_bus_process, process) \
	use(sd_bus_wait, wait) \
	use(sd_bus_message_read, message_read) \
	use(sd_bus_message_unref, message_unref) \
	use(sd_bus_error_free, error_free) \
	use(sd_bus_error_has_name, error_has_name)
/* clang-format on */

/* The functions used of libsystemd, by the types its header gives them. */
struct bus_library {
	void *handle;
	SYSTEMD_FUNCTIONS(LIBRARY_POINTER)
};

static int bus_library_open(struct bus_library *library, struct error *err)
{
	const struct library_symbol symbols[] = {SYSTEMD_FUNCTIONS(LIBRARY_SYMBOL)};

	return library_open(LIBRARY_SYSTEMD, "libsystemd", symbols,
			    sizeof(symbols) / sizeof(symbols[0]), &library->handle, err);
}

struct systemd {
	struct bus_library library;
	sd_bus *bus;
	bool direct; /* to the manager itself: signals come without a sender's name */
};

void systemd_close(struct systemd **systemd)
{
	if (!*systemd)
		return;
	if ((*systemd)->bus)
		(*systemd)->library.close((*systemd)->bus);
	library_close(&(*systemd)->library.handle);
	free(*systemd);
	*systemd = NULL;
}

static int connect_to(struct systemd *systemd, const char *address, bool direct)
{
	const struct bus_library *library = &systemd->library;
	sd_bus *bus = NULL;
	int ret = library->new (&bus);

	if (ret < 0)
		return ret;
	ret = library->set_address(bus, address);
	if (ret >= 0 && !direct)
		ret = library->set_bus_client(bus, 1);
	if (ret >= 0)
		ret = library->set_timeout(bus, CALL_TIMEOUT_US);
	if (ret >= 0)
		ret = library->start(bus);
	if (ret < 0) {
		library->close(bus);
		return ret;
	}
	systemd->bus = bus;
	systemd->direct = direct;
	return 0;
}

/*
 * By the manager's own socket, as systemctl does it: that works without a message bus, too, or
 * while the bus is ill. By the bus where there is no such socket (any more).
 */
int systemd_open(const struct systemd_peer *peer, struct systemd **ret, struct error *err)
{
	cleanup(systemd_close) struct systemd *systemd = xcalloc(1, sizeof(*systemd));
	int result = bus_library_open(&systemd->library, err);

	if (result < 0)
		return result;
	result = connect_to(systemd, peer->own, true);
	if (result == -ENOENT || result == -ECONNREFUSED)
		result = connect_to(systemd, peer->bus, false);
	/* ENOENT would say that there is no such unit. */
	if (result < 0)
		return error_errno(err, result == -ENOENT ? ECONNREFUSED : -result,
				   "connect to systemd");
	*ret = steal(&systemd);
	return 0;
}

/* What D-Bus says went wrong, on one line; releases failure. */
static int call_failed(const struct systemd *systemd, sd_bus_error *failure, int ret,
		       struct error *err)
{
	auto_free char *text =
		text_escape(failure->message ? failure->message : strerror(ret < 0 ? -ret : EIO));
	size_t length = strlen(text);

	/* Systemd ends its messages with a full stop, but our sentence goes on. */
	if (length > 0 && text[length - 1] == '.')
		text[length - 1] = '\0';
	systemd->library.error_free(failure);
	return error_set(err, ret < 0 ? -ret : EIO, "systemd: %s", text);
}

int systemd_unit_path(const struct systemd *systemd, const char *name, char **ret_path,
		      struct error *err)
{
	const struct bus_library *library = &systemd->library;
	sd_bus_error failure = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	const char *path;
	int ret = library->call(systemd->bus, SERVICE, MANAGER_PATH, MANAGER, "LoadUnit", &failure,
				&reply, "s", name);

	if (ret >= 0)
		ret = library->message_read(reply, "o", &path);
	if (ret > 0)
		*ret_path = xstrdup(path);
	library->message_unref(reply);
	return ret > 0 ? 0 : call_failed(systemd, &failure, ret, err);
}

int systemd_state(const struct systemd *systemd, char **ret_state, struct error *err)
{
	sd_bus_error failure = SD_BUS_ERROR_NULL;
	int ret = systemd->library.get_string(systemd->bus, SERVICE, MANAGER_PATH, MANAGER,
					      "SystemState", &failure, ret_state);

	return ret >= 0 ? 0 : call_failed(systemd, &failure, ret, err);
}

int systemd_unit_string(const struct systemd *systemd, const char *path, const char *property,
			char **ret_value, struct error *err)
{
	sd_bus_error failure = SD_BUS_ERROR_NULL;
	int ret = systemd->library.get_string(systemd->bus, SERVICE, path, UNIT, property, &failure,
					      ret_value);

	return ret >= 0 ? 0 : call_failed(systemd, &failure, ret, err);
}

bool systemd_shutdown_is_announced(const struct systemd_peer *peer)
{
	cleanup(systemd_close) struct systemd *systemd = xcalloc(1, sizeof(*systemd));
	sd_bus_error failure = SD_BUS_ERROR_NULL;
	int announced = 0, ret;

	/* The manager's own socket leads to nobody else. */
	if (bus_library_open(&systemd->library, NULL) < 0 ||
	    connect_to(systemd, peer->bus, false) < 0)
		return false;
	ret = systemd->library.get_trivial(systemd->bus, "org.freedesktop.login1",
					   "/org/freedesktop/login1",
					   "org.freedesktop.login1.Manager", "PreparingForShutdown",
					   &failure, 'b', &announced);
	systemd->library.error_free(&failure);
	return ret >= 0 && announced;
}

int systemd_unit_trivial(const struct systemd *systemd, const char *path, const char *property,
			 char type, void *ret_value, struct error *err)
{
	sd_bus_error failure = SD_BUS_ERROR_NULL;
	int ret = systemd->library.get_trivial(systemd->bus, SERVICE, path, UNIT, property,
					       &failure, type, ret_value);

	return ret >= 0 ? 0 : call_failed(systemd, &failure, ret, err);
}

int systemd_unit_strings(const struct systemd *systemd, const char *path, const char *property,
			 char ***ret_values, struct error *err)
{
	const struct bus_library *library = &systemd->library;
	sd_bus_error failure = SD_BUS_ERROR_NULL;
	int ret = library->get_strings(systemd->bus, SERVICE, path, UNIT, property, &failure,
				       ret_values);

	if (ret < 0 &&
	    library->error_has_name(&failure, "org.freedesktop.DBus.Error.UnknownProperty")) {
		library->error_free(&failure);
		*ret_values = NULL;
		return 0;
	}
	return ret >= 0 ? 0 : call_failed(systemd, &failure, ret, err);
}

/* A job that systemd was given, and how it ended. */
struct unit_job {
	const struct systemd *systemd;
	sd_bus_slot *slot; /* its subscription, which must not outlive it */
	char *path;
	char *result; /* NULL until then */
};

static void unit_job_done(struct unit_job *job)
{
	if (job->slot)
		job->systemd->library.slot_unref(job->slot);
	free(job->path);
	free(job->result);
}

static int unit_job_removed(sd_bus_message *message, void *data, sd_bus_error *failure)
{
	const char *path, *unit, *result;
	struct unit_job *job = data;
	uint32_t id;

	(void)failure;
	if (job->systemd->library.message_read(message, "uoss", &id, &path, &unit, &result) > 0 &&
	    text_equal(path, job->path)) {
		free(job->result);
		job->result = xstrdup(result);
	}
	return 0;
}

/* From now on this connection hears of jobs that end. */
static int subscribe(const struct systemd *systemd, struct unit_job *job, struct error *err)
{
	sd_bus_error failure = SD_BUS_ERROR_NULL;
	int ret = systemd->library.add_match(
		systemd->bus, &job->slot,
		systemd->direct ? "type='signal',interface='" MANAGER "',member='JobRemoved'"
				: "type='signal',sender='" SERVICE "',interface='" MANAGER
				  "',member='JobRemoved',path='" MANAGER_PATH "'",
		unit_job_removed, job);

	if (ret >= 0)
		ret = systemd->library.call(systemd->bus, SERVICE, MANAGER_PATH, MANAGER,
					    "Subscribe", &failure, NULL, NULL);
	return ret >= 0 ? 0 : call_failed(systemd, &failure, ret, err);
}

/* A unit that is not loaded is not active: no job then. */
static int enqueue(const struct systemd *systemd, const char *name, bool active,
		   struct unit_job *job, struct error *err)
{
	const struct bus_library *library = &systemd->library;
	sd_bus_error failure = SD_BUS_ERROR_NULL;
	sd_bus_message *reply = NULL;
	const char *path;
	int ret;

	/* A unit that failed too often is not started before this; one that is fine ignores it. */
	if (active)
		library->call(systemd->bus, SERVICE, MANAGER_PATH, MANAGER, "ResetFailedUnit", NULL,
			      NULL, "s", name);
	ret = library->call(systemd->bus, SERVICE, MANAGER_PATH, MANAGER,
			    active ? "StartUnit" : "StopUnit", &failure, &reply, "ss", name,
			    "replace");
	if (ret < 0 && !active && library->error_has_name(&failure, SERVICE ".NoSuchUnit")) {
		library->error_free(&failure);
		return 0;
	}
	if (ret >= 0)
		ret = library->message_read(reply, "o", &path);
	if (ret > 0)
		job->path = xstrdup(path);
	library->message_unref(reply);
	return ret > 0 ? 0 : call_failed(systemd, &failure, ret, err);
}

static int wait_for_job(const struct systemd *systemd, struct unit_job *job,
			unsigned int timeout_ms, struct error *err)
{
	uint64_t now = host_now_ms(), end = now + timeout_ms;
	int ret = 0;

	while (!job->result && ret >= 0) {
		ret = systemd->library.process(systemd->bus, NULL);
		/* Something was done, so there may be more. */
		if (ret != 0)
			continue;
		now = host_now_ms();
		if (now >= end)
			return error_set(err, ETIMEDOUT,
					 "systemd has not finished its job after %u ms (systemctl "
					 "list-jobs)",
					 timeout_ms);
		ret = systemd->library.wait(systemd->bus, (end - now) * 1000);
		if (ret == -EINTR)
			ret = 0;
	}
	if (!job->result)
		return error_errno(err, -ret, "wait for systemd");
	if (text_equal(job->result, "done") || text_equal(job->result, "skipped"))
		return 0;
	return error_set(err, EIO, "systemd: the job's result is \"%s\"", job->result);
}

int systemd_job(const struct systemd *systemd, const char *name, bool active,
		unsigned int timeout_ms, struct error *err)
{
	cleanup(unit_job_done) struct unit_job job = {.systemd = systemd};
	int ret = subscribe(systemd, &job, err);

	if (ret == 0)
		ret = enqueue(systemd, name, active, &job, err);
	if (ret < 0 || !job.path)
		return ret;
	return wait_for_job(systemd, &job, timeout_ms, err);
}
