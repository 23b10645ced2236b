// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Graphics cards other than the one with the firmware's picture, and what guests have or name: can
 * the kernel reset them, what is known of them, and has a desktop a card open on which it need not
 * be? Tests: ctl/check.bats, ctl/check-host.bats.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "model/reset-fault.h"
#include "parsers/libvirt/guest-files.h"
#include "parsers/pci/names.h"
#include "parsers/pci/pci.h"
#include "parsers/users/holders.h"

#define DEVICES "bus/pci/devices"
#define CLASS_DISPLAY 0x03

/* One that a guest has, or names in its settings. */
static bool is_named(const struct guest_ties *ties, const struct pci_addr *addr)
{
	size_t count;

	return guest_ties_find(ties, addr, &count) != NULL;
}

unsigned int check_read_id(const struct host *host, const char *addr, const char *attribute)
{
	char text[16];

	if (host_read(host, HOST_SYS, text, sizeof(text), NULL, DEVICES "/%s/%s", addr, attribute) <
	    0)
		return 0;
	return (unsigned int)strtoul(text, NULL, 16);
}

static void name_devices(const struct host *host, const struct guest_ties *ties,
			 struct guest *guest)
{
	cleanup(host_free_names) char **names = NULL;

	guest->name = xstrdup("");
	if (host_list(host, HOST_SYS, &names, NULL, NULL, DEVICES) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		struct pci_addr addr;

		if (pci_addr_parse(names[i], &addr) &&
		    (check_read_id(host, names[i], "class") >> 16 == CLASS_DISPLAY ||
		     is_named(ties, &addr)))
			guest_add_hostdev(guest, &addr);
	}
}

/* --- reset --- */

/* Kernels before 5.15 do not show it of any device. */
static bool shows_resets(const struct host *host)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(host, HOST_SYS, &names, NULL, NULL, DEVICES) < 0)
		return false;
	for (size_t i = 0; names[i]; i++)
		if (host_exists(host, HOST_SYS, DEVICES "/%s/reset_method", names[i]))
			return true;
	return false;
}

/*
 * A device behind a bridge need not know a way of its own: VFIO resets the bus with all functions
 * of the card on it, where all are the guest's (drivers/vfio/pci/vfio_pci_core.c, hot reset).
 */
static bool has_no_reset(const struct check *check, const struct device *device)
{
	char value[128] = "";

	return !device->has_parent &&
	       (host_read(check->host, HOST_SYS, value, sizeof(value), NULL,
			  DEVICES "/%s/reset_method", ADDR(&device->addr)) < 0 ||
		!*value);
}

static void check_reset(struct check *check, const struct device *device, bool shown)
{
	const struct reset_fault *fault = reset_fault_find(device->vendor, device->product);
	bool helped = fault && fault->has_module &&
		      host_exists(check->host, HOST_SYS, "module/vendor_reset");

	if (shown && has_no_reset(check, device))
		check_note(check, FIND_RESET_NONE, ADDR(&device->addr),
			   "%s: the kernel knows no way to reset it, so that a second start of a "
			   "guest may fail until the host is restarted",
			   LABEL(device));
	if (fault && !helped)
		check_note(check, FIND_RESET_KNOWN_BAD, ADDR(&device->addr),
			   "%s is one of %s. %s%s.", LABEL(device), fault->cards, fault->what,
			   fault->has_module ? "; the module vendor-reset (gnif/vendor-reset), "
					       "where it builds, resets them"
					     : "");
}

/* --- a desktop --- */

/* How each is told to leave one card alone; %s is the card's address. */
#define MUTTER                                                                                     \
	"write SUBSYSTEM==\"drm\", KERNELS==\"%s\", TAG+=\"mutter-device-ignore\" into "           \
	"/etc/udev/rules.d/61-mutter-ignore.rules, and restart the host"
#define WLROOTS "set WLR_DRM_DEVICES in its environment to the cards that it may use, without %s"
#define XORG                                                                                       \
	"write Option \"AutoAddGPU\" \"false\" into the section ServerFlags of xorg.conf, and "    \
	"name "                                                                                    \
	"in it the card that stays, so that it leaves %s alone"

static const struct {
	const char *program, *words;
} compositors[] = {
	{"gnome-shell", MUTTER},
	{"mutter", MUTTER},
	{"kwin_wayland", "set KWIN_DRM_DEVICES in its environment to the cards that it may use, "
			 "without %s"},
	{"Hyprland", "set AQ_DRM_DEVICES in its environment to the cards that it may use, without "
		     "%s"},
	{"niri", "write ignore-drm-device with the render node of %s into the section debug of its "
		 "configuration"},
	{"sway", WLROOTS},
	{"labwc", WLROOTS},
	{"wayfire", WLROOTS},
	{"river", WLROOTS},
	{"cage", WLROOTS},
	{"Xorg", XORG},
	{"X", XORG},
};

/* Heap. A placeholder is put in by hand, as the words are no constant of a format. */
static char *words_of(const char *program, const char *address)
{
	for (size_t i = 0; i < sizeof(compositors) / sizeof(compositors[0]); i++) {
		const char *words = compositors[i].words, *place = strstr(words, "%s");

		if (text_equal(compositors[i].program, program))
			return xasprintf("%.*s%s%s", (int)(place - words), words, address,
					 place + strlen("%s"));
	}
	return xasprintf("look into its manual for how it leaves %s alone", address);
}

static void check_compositor(struct check *check, const struct snapshot *snapshot,
			     const struct device *device)
{
	for (size_t i = 0; i < snapshot->holder_count; i++) {
		const struct holder *holder = &snapshot->holders[i];
		auto_text struct text who = TEXT_INIT;
		auto_free char *words = NULL;

		if (holder->role != HOLDER_DISPLAY ||
		    !snapshot_holds(snapshot, holder, &device->addr))
			continue;
		words = words_of(holder->command, ADDR(&device->addr));
		holder_format_short(holder, &who);
		check_note(check, FIND_COMPOSITOR_HOLDS, ADDR(&device->addr),
			   "%s is open in %s. To keep this card for guests, %s "
			   "(hostdev-hook.conf(5), SESSIONS)",
			   LABEL(device), who.data, words);
	}
}

void check_cards(struct check *check)
{
	bool shown = shows_resets(check->host);
	auto_guest struct guest guest = {0};
	auto_snapshot struct snapshot snapshot = {0};
	cleanup(guest_ties_done) struct guest_ties ties = {0};
	auto_text struct text gaps = TEXT_INIT;
	struct error err = ERROR_INIT;

	guest_files_read(check->host, &ties, &gaps);
	name_devices(check->host, &ties, &guest);
	if (guest.hostdev_count == 0)
		return;
	if (pci_snapshot(check->host, &guest, &snapshot, &err) < 0 ||
	    holders_read(check->host, &snapshot, &err) < 0) {
		check_note(check, FIND_FILE_UNREADABLE, "devices", "are not looked at: %s",
			   err.text);
		return;
	}
	names_fill(&snapshot);
	for (size_t i = 0; i < snapshot.device_count; i++) {
		const struct device *device = &snapshot.devices[i];

		bool is_other = device_is_graphics(device) && !device->boot_vga;

		/* Group mates are in the snapshot as well. */
		if (is_other || is_named(&ties, &device->addr))
			check_reset(check, device, shown);
		if (is_other)
			check_compositor(check, &snapshot, device);
	}
}
