// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How libvirt is asked about a guest. The only file that includes libvirt, which it opens when a
 * guest is named: linked it brings fifty libraries along, and what hostdevctl does at boot and from
 * files needs none of them.
 */
#include "hostdevctl/domains.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/library.h"
#include "hostdevctl/command.h"

#define LIBVIRT_URI "qemu:///system"
#define TIMEOUT_S 30

/* The functions used of libvirt, by the types its headers give them. */
struct libvirt {
	void *handle;
	__typeof__(virSetErrorFunc) *set_error_func;
	__typeof__(virGetLastError) *get_last_error;
	__typeof__(virGetLastErrorMessage) *get_last_error_message;
	__typeof__(virConnectOpenReadOnly) *connect;
	__typeof__(virConnectClose) *close;
	__typeof__(virDomainLookupByName) *lookup;
	__typeof__(virDomainFree) *free;
	__typeof__(virDomainIsActive) *is_active;
	__typeof__(virDomainGetXMLDesc) *get_xml;
};

static int libvirt_open(struct libvirt *libvirt, struct error *err)
{
	const struct library_symbol symbols[] = {
		{"virSetErrorFunc", &libvirt->set_error_func},
		{"virGetLastError", &libvirt->get_last_error},
		{"virGetLastErrorMessage", &libvirt->get_last_error_message},
		{"virConnectOpenReadOnly", &libvirt->connect},
		{"virConnectClose", &libvirt->close},
		{"virDomainLookupByName", &libvirt->lookup},
		{"virDomainFree", &libvirt->free},
		{"virDomainIsActive", &libvirt->is_active},
		{"virDomainGetXMLDesc", &libvirt->get_xml},
	};

	return library_open(LIBRARY_VIRT, "libvirt", symbols, sizeof(symbols) / sizeof(symbols[0]),
			    &libvirt->handle, err);
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

static void on_alarm(int signal)
{
	static const char message[] = "hostdevctl: libvirt does not answer; a hook of this guest "
				      "may be running\n";

	ssize_t written = write(STDERR_FILENO, message, sizeof(message) - 1);

	(void)signal;
	(void)written;
	_exit(COMMAND_FAILED);
}

static int fail(const struct libvirt *libvirt, struct error *err)
{
	const virError *last = libvirt->get_last_error();

	return error_set(err, last && last->code == VIR_ERR_NO_DOMAIN ? ENOENT : EIO, "%s",
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

static int read_named(const struct libvirt *libvirt, virConnectPtr connection, const char *name,
		      char **ret, struct error *err)
{
	virDomainPtr domain = libvirt->lookup(connection, name);
	int result;

	if (!domain)
		return fail(libvirt, err);
	result = read_domain(libvirt, domain, ret, err);
	libvirt->free(domain);
	return result;
}

static int read_xml(const struct libvirt *libvirt, const char *name, char **ret, struct error *err)
{
	virConnectPtr connection = libvirt->connect(LIBVIRT_URI);
	int result;

	if (!connection)
		return fail(libvirt, err);
	result = read_named(libvirt, connection, name, ret, err);
	libvirt->close(connection);
	return result;
}

int domains_read_xml(const char *name, char **ret, struct error *err)
{
	cleanup(libvirt_done) struct libvirt libvirt = {0};
	int result = libvirt_open(&libvirt, err);

	if (result < 0)
		return result;
	libvirt.set_error_func(NULL, on_error);
	signal(SIGALRM, on_alarm);
	alarm(TIMEOUT_S);
	result = read_xml(&libvirt, name, ret, err);
	alarm(0);
	return result;
}
