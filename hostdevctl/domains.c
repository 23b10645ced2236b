// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How libvirt is asked about a guest. The only file that includes libvirt, which it opens when a
 * guest is named: linked it brings fifty libraries along, and what hostdevctl does at boot and from
 * files needs none of them. It is asked in a child process, which is left behind where libvirt
 * hangs.
 */
#include "hostdevctl/domains.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/library.h"
#include "base/worker-ask.h"
#include "parsers/libvirt/known-guests.h"

LIBRARY_NOTE(LIBRARY_VIRT, "guests", "Finds the definition of a guest by its name", "recommended");

#define LIBVIRT_URI "qemu:///system"
#define TIMEOUT_MS 5000

/* clang-format off */
#define LIBVIRT_FUNCTIONS(use) \
	use(virSetErrorFunc, set_error_func) \
	use(virGetLastError, get_last_error) \
	use(virGetLastErrorMessage, get_last_error_message) \
	use(virConnectOpenReadOnly, connect) \
	use(virConnectClose, close) \
	use(virDomainLookupByName, lookup) \
	use(virDomainLookupByUUIDString, lookup_uuid) \
	use(virDomainLookupByID, lookup_id) \
	use(virConnectListAllDomains, list_all) \
	use(virDomainGetName, get_name) \
	use(virDomainFree, free) \
	use(virDomainIsActive, is_active) \
	use(virDomainGetXMLDesc, get_xml) \
	use(virConnectGetLibVersion, get_version)
/* clang-format on */

/* The functions used of libvirt, by the types its headers give them. */
struct libvirt {
	void *handle;
	LIBVIRT_FUNCTIONS(LIBRARY_POINTER)
};

static int libvirt_open(struct libvirt *library, struct error *err)
{
	const struct library_symbol symbols[] = {LIBVIRT_FUNCTIONS(LIBRARY_SYMBOL)};

	return library_open(LIBRARY_VIRT, "libvirt", symbols, sizeof(symbols) / sizeof(symbols[0]),
			    &library->handle, err);
}

static void libvirt_done(struct libvirt *libvirt)
{
	library_close(&libvirt->handle);
}

/* Without a handler libvirt prints every error on stderr itself. */
static void on_error(void *data, virErrorPtr error)
{
	(void)data;
	(void)error;
}

static bool is_unknown(const struct libvirt *libvirt)
{
	const virError *last = libvirt->get_last_error();

	return last && last->code == VIR_ERR_NO_DOMAIN;
}

static int fail(const struct libvirt *libvirt, struct error *err)
{
	return error_set(err, is_unknown(libvirt) ? ENOENT : EIO, "%s",
			 libvirt->get_last_error_message());
}

static int read_domain(const struct libvirt *libvirt, virDomainPtr domain, char **ret,
		       struct error *err)
{
	int active = libvirt->is_active(domain);

	if (active < 0)
		return fail(libvirt, err);
	*ret = libvirt->get_xml(domain, active ? 0 : VIR_DOMAIN_XML_INACTIVE);
	return *ret ? 0 : fail(libvirt, err);
}

/* A connection that breaks in the middle answers nothing, which is not that there is nothing. */
static int fail_to_ask(const struct libvirt *libvirt, struct error *err)
{
	return error_set(err, ENOTCONN, "libvirt cannot be asked: %s",
			 libvirt->get_last_error_message());
}

/* The names of all guests, for who has mistyped one. */
static int list_names(const struct libvirt *libvirt, virConnectPtr connection,
		      struct known_guests *ret, struct error *err)
{
	virDomainPtr *domains = NULL;
	int count = libvirt->list_all(connection, &domains, 0);

	if (count < 0)
		return fail_to_ask(libvirt, err);
	for (int i = 0; i < count; i++) {
		const char *name = libvirt->get_name(domains[i]);

		if (name)
			array_push(ret->items, ret->count,
				   (struct known_guest){.guest = {.name = xstrdup(name)}});
		libvirt->free(domains[i]);
	}
	free(domains);
	return 0;
}

/* By a name libvirt says for certain that there is none: every word may be a name. */
static virDomainPtr look_up(const struct libvirt *libvirt, virConnectPtr connection,
			    const char *word, bool *ret_failed)
{
	virDomainPtr domain = libvirt->lookup(connection, word);
	char *end;
	long id = strtol(word, &end, 10);

	*ret_failed = !domain && !is_unknown(libvirt);
	if (domain || *ret_failed)
		return domain;
	domain = libvirt->lookup_uuid(connection, word);
	if (!domain && *word >= '0' && *word <= '9' && !*end && id <= INT_MAX)
		domain = libvirt->lookup_id(connection, (int)id);
	return domain;
}

static int refuse_unknown(const struct libvirt *libvirt, virConnectPtr connection, const char *word,
			  struct error *err)
{
	auto_known_guests struct known_guests guests = {0};
	int result = list_names(libvirt, connection, &guests, err);

	if (result < 0)
		return result;
	known_guests_refuse(&guests, word, err);
	return -ENOENT;
}

static int read_named(const struct libvirt *libvirt, virConnectPtr connection, const char *word,
		      char **ret, struct error *err)
{
	bool failed;
	virDomainPtr domain = look_up(libvirt, connection, word, &failed);
	int result;

	if (failed)
		return fail_to_ask(libvirt, err);
	if (!domain)
		return refuse_unknown(libvirt, connection, word, err);
	result = read_domain(libvirt, domain, ret, err);
	libvirt->free(domain);
	return result;
}

static int read_xml(const struct libvirt *libvirt, const char *word, char **ret, struct error *err)
{
	virConnectPtr connection = libvirt->connect(LIBVIRT_URI);
	int result;

	if (!connection)
		return fail_to_ask(libvirt, err);
	result = read_named(libvirt, connection, word, ret, err);
	libvirt->close(connection);
	return result;
}

/* What the worker is asked, and where it leaves the answer. */
/* In a child of its own: no call of libvirt's can be given up in the middle. */
static int ask(void *word, int answer, struct error *err)
{
	cleanup(libvirt_done) struct libvirt libvirt = {0};
	auto_free char *xml = NULL;
	struct error why = ERROR_INIT;
	int result = libvirt_open(&libvirt, &why);

	if (result < 0)
		return error_set(err, ENOTCONN, "libvirt cannot be asked: %s", why.text);
	libvirt.set_error_func(NULL, on_error);
	result = read_xml(&libvirt, word, &xml, err);
	if (result < 0)
		return result;
	if (!xml)
		return error_set(err, EIO, "libvirt has sent no XML");
	return worker_answer(answer, xml, strlen(xml), err);
}

#define SILENCE "libvirt has not answered for 5 s"
_Static_assert(TIMEOUT_MS == 5000, "as SILENCE says");

int domains_read_xml(const char *word, char **ret, struct error *err)
{
	const struct worker_question question = {.ask = ask,
						 .data = (void *)word,
						 .privileged = true,
						 .timeout_ms = TIMEOUT_MS,
						 .silence = SILENCE
						 ": it hangs, or a hook of this guest is at work"};
	auto_free char *answer = NULL;
	int result = worker_ask(&question, &answer, NULL, err);

	if (result == 0)
		*ret = steal(&answer);
	return result;
}

static int ask_version(void *data, int answer, struct error *err)
{
	cleanup(libvirt_done) struct libvirt libvirt = {0};
	unsigned long version = 0;
	struct error why = ERROR_INIT;
	virConnectPtr connection;
	char words[64];
	int result = libvirt_open(&libvirt, &why);

	(void)data;
	if (result < 0)
		return error_set(err, ENOTCONN, "libvirt cannot be asked: %s", why.text);
	libvirt.set_error_func(NULL, on_error);
	connection = libvirt.connect(LIBVIRT_URI);
	if (!connection || libvirt.get_version(connection, &version) < 0)
		result = fail_to_ask(&libvirt, err);
	if (connection)
		libvirt.close(connection);
	snprintf(words, sizeof(words), "%lu.%lu.%lu", version / 1000000, version / 1000 % 1000,
		 version % 1000);
	return result < 0 ? result : worker_answer(answer, words, strlen(words), err);
}

int domains_read_version(char **ret, struct error *err)
{
	const struct worker_question question = {.ask = ask_version,
						 .privileged = true,
						 .timeout_ms = TIMEOUT_MS,
						 .silence = SILENCE};
	auto_free char *answer = NULL;
	int result = worker_ask(&question, &answer, NULL, err);

	if (result == 0)
		*ret = steal(&answer);
	return result;
}
