/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/guest.h"
#include "parsers/domain/xml.h"

/*
 * Each adds to the guest's images the host paths that the element names: a <disk> with its chain of
 * backing stores, its mirror and its data store; an <os> with firmware, its variables, kernel and
 * such; and disks of other machines as "PROTOCOL://HOST,HOST/NAME". Paths that are not absolute,
 * and other sources (pools), are left out; each is there once.
 */
void domain_images_of_disk(const struct xml_node *disk, struct guest *guest);
void domain_images_of_os(const struct xml_node *os, struct guest *guest);
