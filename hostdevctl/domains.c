// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How libvirt is asked about a guest. The only file that includes libvirt.
 */
#include "hostdevctl/domains.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"

#define LIBVIRT_URI "qemu:///system"
#define TIMEOUT_S 30

static void connection_close(virConnectPtr *connection)
{
	if (*connection)
		virConnectClose(*connection);
}

static void domain_free(virDomainPtr *domain)
{
	if (*domain)
		virDomainFree(*domain);
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
	_exit(EXIT_FAILURE);
}

static int fail(struct error *err)
{
	const virError *last = virGetLastError();

	return error_set(err, last && last->code == VIR_ERR_NO_DOMAIN ? ENOENT : EIO, "%s",
			 virGetLastErrorMessage());
}

static int read_xml(const char *name, char **ret, struct error *err)
{
	cleanup(connection_close) virConnectPtr connection = NULL;
	cleanup(domain_free) virDomainPtr domain = NULL;
	int active;

	connection = virConnectOpenReadOnly(LIBVIRT_URI);
	if (!connection)
		return fail(err);
	domain = virDomainLookupByName(connection, name);
	if (!domain)
		return fail(err);
	active = virDomainIsActive(domain);
	if (active < 0)
		return fail(err);
	*ret = virDomainGetXMLDesc(domain, active ? 0 : VIR_DOMAIN_XML_INACTIVE);
	return *ret ? 0 : fail(err);
}

int domains_read_xml(const char *name, char **ret, struct error *err)
{
	int result;

	virSetErrorFunc(NULL, on_error);
	signal(SIGALRM, on_alarm);
	alarm(TIMEOUT_S);
	result = read_xml(name, ret, err);
	alarm(0);
	return result;
}
