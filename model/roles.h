/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/* Programs by their names, as the kernel keeps them (model/program.h). */

bool roles_is_display_server(const char *comm); /* or compositor */
/* A display server that does not let go of a card when udev says that the card is gone. */
bool roles_keeps_cards(const char *comm);
bool roles_is_splash(const char *comm);       /* draws while the host boots */
bool roles_is_sound_server(const char *comm); /* holds all sound cards, follows udev */
bool roles_watches_disks(const char *comm);   /* and writes nothing to them */
bool roles_is_shell(const char *comm);
/*
 * A shell or such, that runs a display server once; anything else that has one for a child is taken
 * for what starts it again. name: what the kernel calls the process, or its file.
 */
bool roles_only_starts(const char *name);
