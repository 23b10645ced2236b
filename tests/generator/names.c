// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A libpci that knows a few names, which never change: what hostdevctl prints is compared with what
 * was printed before, and the system's list of names is another one on each system. The variable
 * PCI_NAMES may name a file with more of them: lines "VENDOR DEVICE NAME", with "-" as the device
 * for the vendor itself.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As in libpci's interface. */
#define LOOKUP_VENDOR 1
#define LOOKUP_DEVICE 2
#define LOOKUP_SUBSYSTEM 8

/* Large enough for what libpci's callers set in it. */
#define ACCESS_SIZE 4096

void *pci_alloc(void);
void pci_cleanup(void *access);
char *pci_lookup_name(void *access, char *buffer, int size, int flags, ...);

static const struct name {
	unsigned int vendor, device; /* device 0: the vendor itself */
	const char *text;
} names[] = {
	{0x1002, 0, "Advanced Micro Devices, Inc. [AMD/ATI]"},
	{0x1002, 0x73bf, "Navi 21 [Radeon RX 6800]"},
	{0x1002, 0x744c, "Navi 31 [Radeon RX 7900 XT/7900 XTX]"},
	{0x1002, 0x7550, "Navi 48 [Radeon RX 9070]"},
	{0x1002, 0xab30, "Navi 31 HDMI/DP Audio"},
	{0x10de, 0, "NVIDIA Corporation"},
	{0x10de, 0x1aef, "GA102 Audio"},
	{0x10de, 0x2204, "GA102 [GeForce RTX 3090]"},
	{0x10de, 0x2684, "AD102 [GeForce RTX 4090]"},
	{0x144d, 0, "Samsung Electronics Co Ltd"},
	{0x144d, 0xa80a, "NVMe SSD 980"},
	{0x1912, 0, "Renesas Technology Corp."},
	{0x1912, 0x0014, "uPD720201 USB 3.0"},
	{0x8086, 0, "Intel Corporation"},
	{0x8086, 0x100e, "82540EM Gigabit Ethernet Controller"},
	{0x8086, 0x10d3, "82574L Gigabit Network Connection"},
	{0x8086, 0x10ed, "82599 Virtual Function"},
	{0x8086, 0x10fb, "82599ES"},
	{0x8086, 0x15f3, "I225-V"},
	{0x8086, 0x1901, "PCIe Controller (x16)"},
	{0x8086, 0x467f, "Volume Management Device"},
	{0x8086, 0x4680, "AlderLake-S GT1"},
};

void *pci_alloc(void)
{
	return calloc(1, ACCESS_SIZE);
}

void pci_cleanup(void *access)
{
	free(access);
}

/* From the file, if there is one. */
static bool read_name(unsigned int vendor, unsigned int device, char *buffer, size_t size)
{
	const char *path = getenv("PCI_NAMES");
	FILE *file = path ? fopen(path, "re") : NULL;
	char line[256], key[16];
	bool found = false;

	if (device)
		snprintf(key, sizeof(key), "%04x %04x ", vendor, device);
	else
		snprintf(key, sizeof(key), "%04x - ", vendor);
	while (file && !found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		found = strncmp(line, key, strlen(key)) == 0;
		if (found)
			snprintf(buffer, size, "%s", line + strlen(key));
	}
	if (file)
		fclose(file);
	return found;
}

char *pci_lookup_name(void *access, char *buffer, int size, int flags, ...)
{
	unsigned int vendor, device;
	va_list args;

	va_start(args, flags);
	vendor = va_arg(args, unsigned int);
	device = flags & LOOKUP_DEVICE ? va_arg(args, unsigned int) : 0;
	va_end(args);
	(void)access;
	if (!(flags & (LOOKUP_VENDOR | LOOKUP_DEVICE)) || flags & LOOKUP_SUBSYSTEM)
		return NULL;
	if (read_name(vendor, device, buffer, (size_t)size))
		return buffer;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (names[i].vendor != vendor || names[i].device != device)
			continue;
		snprintf(buffer, (size_t)size, "%s", names[i].text);
		return buffer;
	}
	return NULL;
}
