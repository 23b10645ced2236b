// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all loaders have in common for which nothing is written: words alone reserve nothing, as
 * something in the image must read them. That is the binder, which "static --method conf" puts
 * there without any loader, or else vfio-pci itself, which knows ids only.
 */
#include "generator/by-hand.h"

#include <string.h>

#include "base/cleanup.h"
#include "generator/image.h"
#include "model/boot-words.h"

/* --- the image --- */

/* Of "ADDRESS=VENDOR:DEVICE:SUBVENDOR:SUBDEVICE:CLASS,..." the ids, each once. */
static void add_ids(const char *items, struct text *out)
{
	auto_text struct text ids = TEXT_INIT;

	while (*items && *items != ' ') {
		size_t length = strcspn(items, ", "), address = strcspn(items, "=") + 1;

		/* Four numbers of four digits, with colons between them. */
		if (address + 19 <= length) {
			auto_free char *one = xasprintf("%.19s", items + address);

			if (ids.length == 0 || !strstr(text_string(&ids), one))
				text_printf(&ids, "%s%s", ids.length > 0 ? "," : "", one);
		}
		items += length + (items[length] == ',');
	}
	text_printf(out, "vfio-pci.ids=%s", ids.length > 0 ? text_string(&ids) : "");
}

/* The same words where nothing but vfio-pci reads them. Heap. */
static char *words_by_ids(const struct boot *boot, const char *words)
{
	const char *guest = strstr(words, WORD_GUEST);
	auto_text struct text out = TEXT_INIT;

	if (!guest)
		return xstrdup(words);
	text_printf(&out, "%.*s", (int)(guest - words), words);
	add_ids(guest + strlen(WORD_GUEST), &out);
	if (boot_initramfs_find(boot, INITRAMFS_DRACUT) || boot->usr_read_only)
		text_printf(&out, " rd.driver.pre=vfio-pci");
	text_printf(&out, "%s", guest + strcspn(guest, " "));
	return steal(&out.data);
}

/* Devices that the same ids would take along. */
static void tell_twins(const struct generate_facts *facts, const char *words, struct draft *draft)
{
	for (size_t i = 0; i < facts->snapshot->device_count; i++) {
		const struct device *device = &facts->snapshot->devices[i];
		auto_free char *ids =
			xasprintf("=%04x:%04x:%04x:%04x:", device->vendor, device->product,
				  device->subvendor, device->subproduct);

		if (strstr(words, ids) && !strstr(words, ADDR(&device->addr)))
			draft_tell_by_hand(
				draft,
				"Beware: %s has the same ids as a device that is selected, "
				"and would be reserved along with it.",
				LABEL(device));
	}
}

/* Drivers that the host itself uses for what is reserved, each once. */
static void add_drivers(const struct setup *promise, struct text *out)
{
	text_append(out, "", 0);
	for (size_t i = 0; i < promise->home_count; i++) {
		const char *driver = promise->homes[i].driver;
		bool is_new = module_name_valid(driver); /* "none" is none */

		for (size_t j = 0; j < i; j++)
			is_new &= strcmp(promise->homes[j].driver, driver) != 0;
		if (is_new)
			text_printf(out, "softdep %s pre: vfio-pci\\n", driver);
	}
}

/* How an image loads vfio-pci first; with dracut a word on the command line does that. */
static void tell_early(const struct boot *boot, struct draft *draft)
{
	auto_text struct text drivers = TEXT_INIT;

	if (boot_initramfs_find(boot, INITRAMFS_MKINITCPIO)) {
		draft_tell_by_hand(draft, "mkdir -p /etc/mkinitcpio.conf.d");
		draft_tell_by_hand(draft, "echo 'MODULES=(vfio_pci \"${MODULES[@]}\")' > "
					  "/etc/mkinitcpio.conf.d/vfio.conf");
	} else if (boot_initramfs_find(boot, INITRAMFS_BOOSTER)) {
		draft_tell_by_hand(draft,
				   "echo 'modules_force_load: vfio_pci' >> /etc/booster.yaml");
	} else if (boot_initramfs_find(boot, INITRAMFS_TOOLS)) {
		add_drivers(&draft->promise, &drivers);
		draft_tell_by_hand(draft, "printf '%s' > /etc/modprobe.d/vfio.conf", drivers.data);
	}
}

static void tell_image(const struct menu_request *request, const char *words, struct draft *draft)
{
	if (!strstr(words, WORD_GUEST))
		return;
	if (!image_can_hold_binder(request->facts->boot)) {
		draft_tell_by_hand(
			draft, "Nothing of ours can be put into this host's image from here, so "
			       "that devices are reserved by their ids, which vfio-pci reads "
			       "itself when it is loaded. It must be loaded before their drivers:");
		tell_early(request->facts->boot, draft);
		tell_twins(request->facts, words, draft);
	} else if (request->choice_count > 0) {
		draft_tell_by_hand(draft,
				   "First run \"hostdevctl generate static --method conf\" with "
				   "the same devices and --apply: it has the image reserve them "
				   "at every boot, and needs no boot loader. An entry with "
				   "\"" WORD_GUEST "...\" then reserves what that says instead, "
				   "and one with \"" WORD_OFF "\" nothing:");
	} else {
		draft_tell_by_hand(
			draft, "\"hostdevctl generate static --method conf\" with the same devices "
			       "and --apply needs no boot loader: it has the image reserve them at "
			       "every boot. Once the image has been made so, other entries can "
			       "have words of their own:");
	}
}

/* --- the entries --- */

static void tell_entry(const struct menu_request *request, const struct by_hand_entry *entry,
		       by_hand_tell *tell, struct draft *draft)
{
	const struct boot *boot = request->facts->boot;
	auto_free char *words = image_can_hold_binder(boot) ? xstrdup(entry->words)
							    : words_by_ids(boot, entry->words);
	const struct by_hand_entry own = {
		.title = entry->title, .number = entry->number, .words = words};

	tell(request, &own, draft);
}

static void refuse(const struct menu_request *request, enum boot_loader loader, const char *why,
		   struct draft *draft)
{
	const struct boot_loader_found *found = boot_loader_find(request->facts->boot, loader);
	auto_free char *what =
		xasprintf("this host is started by %s (%s), for which nothing is "
			  "written here: %s",
			  boot_loader_name(loader), found ? found->evidence : "", why);

	if (request->wishes->mode == GENERATE_DYNAMIC)
		draft_note(draft, "%s", what);
	else
		draft_refuse(draft, "%s. What can be done by hand:", what);
}

void by_hand_plan(const struct menu_request *request, enum boot_loader loader, const char *why,
		  by_hand_tell *tell, struct draft *draft)
{
	refuse(request, loader, why, draft);
	if (request->words) {
		const struct by_hand_entry usual = {.words = request->words};

		tell_image(request, request->words, draft);
		tell_entry(request, &usual, tell, draft);
	}
	for (size_t i = 0; i < request->choice_count; i++) {
		const struct menu_choice *choice = &request->choices[i];
		const struct by_hand_entry entry = {
			.title = choice->title, .number = i + 1, .words = choice->words};

		tell_image(request, choice->words, draft);
		tell_entry(request, &entry, tell, draft);
	}
}

void by_hand_type(const struct by_hand_entry *entry, const char *why, struct draft *draft)
{
	draft_tell_by_hand(
		draft, "For \"%s\": %s. Press e in the boot menu, and add to the kernel's line: %s",
		entry->title, why, entry->words);
}

const char *by_hand_first_usual(char *const *names)
{
	while (names && *names && (strstr(*names, "-hostdev-") || strstr(*names, "/hostdev-")))
		names++;
	return names ? *names : NULL;
}

/* The running kernel's entry, or else the first; NULL: there are none. */
static const char *find_entry(const struct boot *boot)
{
	char **entries = boot->kernel_install.entries;

	for (size_t i = 0; entries && i < boot->kernel_count; i++)
		for (size_t j = 0; boot->kernels[i].runs && entries[j]; j++)
			if (strstr(entries[j], boot->kernels[i].release) &&
			    !strstr(entries[j], "-hostdev-"))
				return entries[j];
	return by_hand_first_usual(entries);
}

/*
 * Behind the number of an entry of ours where attempts to boot are counted: one without any is
 * started only when somebody chooses it. Else it would be once the kernel's own has used up its.
 */
#define NEVER_BY_ITSELF "+0"

/* What counts attempts to boot, which is no part of the name; or else the name's suffix. */
static const char *count_in(const char *name, const char *suffix)
{
	const char *plus = strrchr(name, '+');

	return plus && strspn(plus + 1, "0123456789-") == strcspn(plus + 1, ".")
		       ? plus
		       : name + strlen(name) - strlen(suffix);
}

void by_hand_copy_entry(const struct menu_request *request, const struct by_hand_entry *entry,
			const char *mark, struct draft *draft)
{
	const struct boot_kernel_install *install = &request->facts->boot->kernel_install;
	const char *root = install->boot_root ? install->boot_root : "/boot";
	const char *name = find_entry(request->facts->boot), *count;

	if (!name) {
		draft_tell_by_hand(
			draft,
			"For \"%s\": copy the entry of your kernel, and put at the end of its "
			"line \"options\": %s",
			entry->title, entry->words);
		return;
	}
	count = count_in(name, ".conf");
	draft_tell_by_hand(
		draft,
		"sed -e '/^title/s|$|, %s|' -e '/^options/s|$| %s|' '%s/loader/entries/%s' > "
		"'%s/loader/entries/%.*s%s%zu%s.conf'",
		entry->title, entry->words, root, name, root, (int)(count - name), name, mark,
		entry->number, *count == '+' ? NEVER_BY_ITSELF : "");
}

char *by_hand_cmdline(const struct boot *boot)
{
	auto_text struct text out = TEXT_INIT;

	for (const char *at = boot->cmdline; *(at += strspn(at, " "));) {
		size_t length = strcspn(at, " ");

		if (!text_starts(at, "BOOT_IMAGE=") && !text_starts(at, "initrd=") &&
		    !text_starts(at, "hostdev."))
			text_printf(&out, "%s%.*s", out.length > 0 ? " " : "", (int)length, at);
		at += length;
	}
	return text_steal(&out);
}

void by_hand_add_to_cmdline(const struct boot *boot, const char *words, struct draft *draft)
{
	const char *text = boot->kernel_install.cmdline;
	auto_free char *cmdline = NULL;

	if (text && *text && !text_ends(text, "\n")) {
		/* Else the first word would become a part of the last one there. */
		draft_tell_by_hand(draft, "printf '\\n%%s\\n' '%s' >> /etc/kernel/cmdline", words);
		return;
	}
	if (text && *text) {
		draft_tell_by_hand(draft, "echo '%s' >> /etc/kernel/cmdline", words);
		return;
	}
	cmdline = by_hand_cmdline(boot);
	draft_tell_by_hand(draft, "echo '%s %s' > /etc/kernel/cmdline", cmdline, words);
}

/* --- unified kernel images --- */

/*
 * Entries that are alike are sorted by these names, backwards: only behind the name of a usual
 * image does ours never come first, and is never started by itself.
 */
char *by_hand_unified_path(const struct boot *boot, const struct by_hand_entry *entry)
{
	const char *first = by_hand_first_usual(boot->kernel_install.images);
	const char *count = first ? count_in(first, ".efi") : NULL;

	if (!first)
		return xasprintf("/efi/EFI/Linux/hostdev-%zu.efi", entry->number);
	return xasprintf("%.*s-hostdev-%zu%s.efi", (int)(count - first), first, entry->number,
			 *count == '+' ? NEVER_BY_ITSELF : "");
}

/* The kernel alone, which a unified image is built of. Heap. */
static char *plain_image(const struct boot_kernel *kernel)
{
	size_t length = strlen(kernel->image);

	if (length < 4 || strcmp(kernel->image + length - 4, ".efi") != 0)
		return xstrdup(kernel->image);
	return xasprintf("/lib/modules/%s/vmlinuz", kernel->release);
}

static void tell_rebuild(const struct boot *boot, struct draft *draft)
{
	const struct boot_kernel_install *install = &boot->kernel_install;

	if (install->program && text_equal(install->layout, "uki")) {
		for (size_t i = 0; i < boot->kernel_count; i++) {
			auto_free char *image = plain_image(&boot->kernels[i]);

			draft_tell_by_hand(draft, "%s add %s %s", install->program,
					   boot->kernels[i].release, image);
		}
	} else if (boot_initramfs_find(boot, INITRAMFS_MKINITCPIO)) {
		draft_tell_by_hand(draft, "mkinitcpio -P");
	} else if (boot_initramfs_find(boot, INITRAMFS_DRACUT)) {
		draft_tell_by_hand(draft, "dracut --regenerate-all --force --uefi");
	} else {
		draft_tell_by_hand(draft, "Then build the images anew with what has built them.");
	}
}

/* An image of its own, by what builds the usual one. */
static void tell_image_file(const struct boot *boot, const struct by_hand_entry *entry,
			    const char *cmdline, struct draft *draft)
{
	auto_free char *path = by_hand_unified_path(boot, entry);
	const struct boot_kernel *kernel = boot->kernel_count > 0 ? &boot->kernels[0] : NULL;
	auto_free char *image = kernel ? plain_image(kernel) : xstrdup("KERNEL");
	const char *release = kernel ? kernel->release : "RELEASE";

	draft_tell_by_hand(draft, "For \"%s\":", entry->title);
	if (boot_initramfs_find(boot, INITRAMFS_MKINITCPIO)) {
		draft_tell_by_hand(draft, "echo '%s %s' > /etc/kernel/cmdline-hostdev-%zu", cmdline,
				   entry->words, entry->number);
		draft_tell_by_hand(draft,
				   "mkinitcpio -k %s --cmdline /etc/kernel/cmdline-hostdev-%zu "
				   "--uki '%s'",
				   release, entry->number, path);
	} else if (boot_initramfs_find(boot, INITRAMFS_DRACUT)) {
		draft_tell_by_hand(draft, "dracut --force --uefi --kernel-cmdline '%s %s' '%s' %s",
				   cmdline, entry->words, path, release);
	} else {
		draft_tell_by_hand(draft,
				   "ukify build --linux='%s' --initrd='%s' --cmdline='%s %s' "
				   "--output='%s'",
				   image, kernel && kernel->initrd ? kernel->initrd : "INITRD",
				   cmdline, entry->words, path);
	}
}

static void tell_secure(const struct boot *boot, struct draft *draft)
{
	if (boot->secure_boot)
		draft_tell_by_hand(
			draft, "Secure Boot is on: what is built must be signed by what signs it "
			       "here, and words that are typed in the menu are ignored.");
}

void by_hand_unified(const struct menu_request *request, const struct by_hand_entry *entry,
		     struct draft *draft)
{
	const struct boot *boot = request->facts->boot;

	if (entry->title) {
		auto_free char *cmdline = by_hand_cmdline(boot);

		tell_image_file(boot, entry, cmdline, draft);
	} else {
		by_hand_add_to_cmdline(boot, entry->words, draft);
		tell_rebuild(boot, draft);
	}
	tell_secure(boot, draft);
}

void by_hand_rebuild(const struct menu_request *request, struct draft *draft)
{
	const struct boot *boot = request->facts->boot;

	/* Its presets make unified images as well. */
	if (boot_initramfs_find(boot, INITRAMFS_MKINITCPIO))
		return;
	draft_tell_by_hand(draft, "The image is inside the unified kernel images. Afterwards run:");
	tell_rebuild(boot, draft);
	tell_secure(boot, draft);
}
