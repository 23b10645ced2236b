/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "model/boot.h"
#include "parsers/boot/boot-source.h"

/* Fills in boot->measured; needs boot->cmdline. */
void boot_measured_read(struct boot_source *source, struct boot *boot);

/* The same for the text of /etc/crypttab. */
void measured_crypttab_parse(char *text, struct boot *boot);

/* The PCRs that a policy of systemd-pcrlock (JSON) names: "0+4+11", "" none; heap. */
char *measured_pcrlock_pcrs(const char *json);
