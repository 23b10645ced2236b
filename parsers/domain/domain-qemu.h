/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/guest.h"
#include "parsers/domain/xml.h"

/*
 * Adds to guest->qemu_devices the devices that a child of <domain> hands to QEMU past libvirt, if
 * this child is <qemu:commandline> or <qemu:override>, whatever its prefix. Options that are not
 * understood are passed over.
 */
void domain_qemu_read(const struct xml_node *element, struct guest *guest);
