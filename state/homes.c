// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What outlives a set-up that is taken back: its devices stay on VFIO until the host is started
 * again, and that they come back then, and to which driver, stands nowhere else.
 */
#include "state/homes.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/trust.h"
#include "state/state-file.h"

#define FILE_NAME "taken-back"
#define SHOWN "/var/lib/" SETUPS_DIR "/" FILE_NAME
#define TEXT_LIMIT ((size_t)1024 * 1024)

static void read_kept(const struct host *host, const struct setups *setups, struct homes *homes)
{
	auto_text struct text text = TEXT_INIT;
	char boot[HOST_BOOT_ID_SIZE];

	if (setups->dir >= 0 && host_boot_id(host, boot, NULL) == 0 &&
	    trust_read_file(setups->dir, FILE_NAME, SHOWN, TEXT_LIMIT, &text, NULL) == 0 &&
	    text.data)
		homes_parse(text.data, boot, homes);
}

void homes_of_setups(const struct host *host, const struct setups *setups, struct homes *homes)
{
	for (size_t i = setups->count; i-- > 0;)
		homes_add_setup(homes, &setups->items[i].setup);
	read_kept(host, setups, homes);
}

static bool is_on_vfio(const struct host *host, const struct pci_addr *addr)
{
	char driver[HOST_NAME_SIZE];

	return host_read_link_name(host, HOST_SYS, driver, sizeof(driver), NULL,
				   "bus/pci/devices/%s/driver", ADDR(addr)) == 0 &&
	       device_driver_is_vfio(driver);
}

void homes_keep(const struct host *host, const struct setups *setups)
{
	auto_homes struct homes known = {0}, kept = {0};
	const struct state_file file = {
		.dir = setups->dir, .name = FILE_NAME, .shown = "/var/lib/" SETUPS_DIR};
	auto_text struct text text = TEXT_INIT;
	char boot[HOST_BOOT_ID_SIZE];

	homes_of_setups(host, setups, &known);
	for (size_t i = 0; i < known.count; i++) {
		const struct home *home = &known.all[i];

		if (is_on_vfio(host, &home->addr))
			array_push(kept.all, kept.count,
				   (struct home){.addr = home->addr,
						 .driver = xstrdup(home->driver),
						 .modalias = xstrdup(home->modalias),
						 .ours = true});
	}
	if (kept.count == 0 || host_boot_id(host, boot, NULL) < 0)
		return;
	homes_format(&kept, boot, &text);
	state_file_write(&file, &text, NULL);
}
