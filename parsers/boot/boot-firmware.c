// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the firmware's variables tell about the way the running kernel was started: loaders leave
 * their name there, and the stub of a unified kernel image does.
 */
#include "parsers/boot/boot-firmware.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define EFIVARS "/sys/firmware/efi/efivars"
/* The vendor of the variables of loaders, and that of the firmware's own. */
#define LOADER_VENDOR "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define GLOBAL_VENDOR "8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define ATTRIBUTES 4 /* bytes, which efivarfs puts in front of the value */
#define TEXT_MAX 128

char *firmware_efi_text(const char *data, size_t length)
{
	char text[TEXT_MAX + 1];
	size_t count = 0;

	for (size_t at = ATTRIBUTES; at + 1 < length && count < TEXT_MAX; at += 2) {
		unsigned char low = (unsigned char)data[at], high = (unsigned char)data[at + 1];

		if (low == 0 && high == 0)
			break;
		text[count++] = '?';
		if (high == 0 && low >= 0x20 && low < 0x7f)
			text[count - 1] = (char)low;
	}
	text[count] = '\0';
	return count ? xstrdup(text) : NULL;
}

static char *read_text(struct boot_source *source, const char *name)
{
	size_t length = 0;
	auto_free char *data =
		boot_source_read_data(source, &length, EFIVARS "/%s-%s", name, LOADER_VENDOR);

	return data ? firmware_efi_text(data, length) : NULL;
}

void boot_firmware_read(struct boot_source *source, struct boot *boot)
{
	size_t length = 0;
	auto_free char *secure = NULL;

	boot->uefi = boot_source_has(source, "/sys/firmware/efi");
	if (!boot->uefi)
		return;
	boot->loader_info = read_text(source, "LoaderInfo");
	boot->stub_info = read_text(source, "StubInfo");
	secure = boot_source_read_data(source, &length, EFIVARS "/SecureBoot-%s", GLOBAL_VENDOR);
	boot->secure_boot = secure && length > ATTRIBUTES && secure[ATTRIBUTES] == 1;
}
