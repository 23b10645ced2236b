// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For a build without libvirt: guests are known by the files that libvirt keeps of them, and by XML
 * files that are named. Tests: ctl/guest.bats.
 */
#include "hostdevctl/domains.h"

#include <errno.h>

int domains_read_xml(const char *word, char **ret, struct error *err)
{
	(void)word;
	(void)ret;
	return error_set(err, ENOTCONN,
			 "hostdevctl was built without libvirt: name an XML file of the guest");
}

int domains_read_version(char **ret, struct error *err)
{
	(void)ret;
	return error_set(err, ENOTCONN, "hostdevctl was built without libvirt");
}
