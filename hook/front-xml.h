/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define FRONT_UUID_LENGTH 36

/*
 * True when this is a whole domain definition as libvirt writes it and no host device can be named
 * in it: UTF-8 without any construct that could spell a word in disguise, without the words
 * "hostdev" (which our own namespace contains too) and "nvme". Not a parser: it may take what is
 * malformed between first and last tag, and refuse what is harmless.
 */
bool front_xml_is_plain(const char *xml, size_t length);

/*
 * False only when this is such a definition, too, and names no host device but those that its
 * guest's definition named at "prepare" already. Between "prepare" and "start", libvirt takes
 * interfaces from a pool of virtual functions, which are of type hostdev from then on, and learns
 * what the images of disks are based on, which may be a disk of type nvme.
 */
bool front_xml_has_newcomers(const char *xml, size_t length);

/*
 * The guest's UUID where libvirt writes it, right behind the name: a pointer to FRONT_UUID_LENGTH
 * characters [0-9a-f-] within xml. NULL whenever that is not sure.
 */
const char *front_xml_uuid(const char *xml, size_t length);
