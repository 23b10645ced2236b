/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "model/guest.h"

#define DOMAIN_XML_MAX (10u * 1024 * 1024) /* libvirt's own limit for a definition */

/*
 * Reads what concerns us from a domain XML, by libvirt's own rules (conf/domain_conf.c,
 * conf/device_conf.c). No network, no DTD, no entities. *ret: release with guest_done.
 * EBADMSG with one line naming line and element for what is no domain or breaks a rule; EFBIG
 * beyond DOMAIN_XML_MAX.
 */
int domain_parse(const char *xml, size_t length, struct guest *ret, struct error *err);

/*
 * The same of the <domain> within a <domstatus>, as libvirt keeps it for each guest that runs: what
 * it has at this moment (conf/domain_conf.c).
 */
int domain_parse_status(const char *xml, size_t length, struct guest *ret, struct error *err);
