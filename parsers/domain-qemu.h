/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/guest.h"
#include "parsers/xml.h"

/*
 * Adds to guest->qemu_devices what a child of <domain> hands to QEMU past libvirt:
 * <qemu:commandline> and <qemu:override>, whatever their prefix. Any other element has nothing for
 * it. What is not understood is passed over: libvirt hands it on unread, too.
 */
void domain_qemu_read(const struct xml_node *element, struct guest *guest);
