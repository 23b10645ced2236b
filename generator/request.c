// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What every mode asks of the host before anything is written: which loader, which initramfs
 * generator, whether the words fit, whether ids would take too much.
 */
#include "generator/request.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "generator/words.h"
#include "model/twins.h"

/* --- what is promised --- */

static void promise_members(const struct snapshot *snapshot, int number, struct setup *promise)
{
	const struct group *group = snapshot_group(snapshot, number);
	size_t place = promise->member_count > 0
			       ? promise->members[promise->member_count - 1].group + 1
			       : 0;

	for (size_t i = 0; i < promise->member_count && group; i++)
		if (pci_addr_equal(&promise->members[i].addr, &group->members[0]))
			return;
	for (size_t i = 0; group && i < group->member_count; i++)
		setup_add_member(promise, &group->members[i], place);
}

/* Needed where an address has another twin after a card came or went; the first one comes as well.
 */
static void promise_place(const struct snapshot *snapshot, const struct device *device,
			  struct setup *promise)
{
	struct twin_place place;

	twin_place_of(snapshot, device, &place);
	setup_add_twin(promise, &device->addr, &place);
}

/* Itself, or the twin with the lowest address. */
static const struct device *first_twin(const struct snapshot *snapshot, const struct device *device)
{
	for (size_t i = 0; i < snapshot->device_count; i++)
		if (devices_are_twins(&snapshot->devices[i], device) &&
		    pci_addr_compare(&snapshot->devices[i].addr, &device->addr) < 0)
			device = &snapshot->devices[i];
	return device;
}

void note_twins(const struct generate_facts *facts, const struct reserved *reserved,
		struct draft *draft)
{
	if (!image_can_hold_binder(facts->boot))
		return;
	for (size_t i = 0; i < reserved->count; i++) {
		const struct device *device = reserved->devices[i];
		struct twin_place place;

		if (!reserved_leaves_twin(reserved, device))
			continue;
		twin_place_of(reserved->snapshot, device, &place);
		/* The same for each of them: a note that is repeated is told once. */
		draft_note(draft,
			   "%s and %zu other device%s of its kind are told apart by their order: "
			   "when cards are added, removed or moved later, a start that is to "
			   "reserve only some of them reserves none of them, until this set-up is "
			   "made anew",
			   LABEL(first_twin(reserved->snapshot, device)), place.count - 1,
			   place.count == 2 ? "" : "s");
	}
}

void promise_devices(const struct generate_facts *facts, const struct reserved *reserved,
		     struct draft *draft)
{
	struct setup *promise = &draft->promise;

	for (size_t i = 0; i < reserved->count; i++) {
		const struct device *device = reserved->devices[i];
		const char *home = homes_driver(facts->homes, device);
		struct pin pin;

		if (pins_find(&promise->devices, &device->addr))
			continue;
		pin_of_device(device, &pin);
		pins_add(&promise->devices, &pin);
		setup_add_home(promise, &device->addr, xstrdup(*home ? home : "none"),
			       device_modalias(device));
		promise_members(facts->snapshot, device->group, promise);
		promise_place(facts->snapshot, device, promise);
	}
}

/* --- the loader and the initramfs generator --- */

static void list_loaders(const struct boot *boot, struct text *out)
{
	for (size_t i = 0; i < boot->loader_count; i++)
		text_printf(out, "%s%s (%s)", i > 0 ? ", " : "",
			    boot_loader_name(boot->loaders[i].kind), boot->loaders[i].evidence);
}

static bool find_named_loader(const struct menu_request *request, enum boot_loader *ret,
			      struct draft *draft)
{
	auto_text struct text found = TEXT_INIT;

	if (!boot_loader_parse(request->wishes->loader, ret)) {
		draft_refuse(draft, "\"%s\" is no boot loader that is known here",
			     request->wishes->loader);
		return false;
	}
	if (boot_loader_find(request->facts->boot, *ret))
		return true;
	list_loaders(request->facts->boot, &found);
	draft_refuse(draft, "nothing on this host says that %s starts it; what is found: %s",
		     boot_loader_name(*ret), found.length > 0 ? found.data : "no loader");
	return false;
}

static void refuse_conflict(const struct boot *boot, struct draft *draft)
{
	auto_text struct text seen = TEXT_INIT;

	list_loaders(boot, &seen);
	draft_refuse(draft,
		     "which boot loader starts this host is not clear: %s; say which with "
		     "--loader NAME",
		     seen.data);
}

/* The only one that is there, or the one that the firmware says has started the host. */
static bool find_loader(const struct menu_request *request, enum boot_loader *ret,
			struct draft *draft)
{
	const struct boot *boot = request->facts->boot;
	size_t booted = 0;

	if (request->wishes->loader)
		return find_named_loader(request, ret, draft);
	if (boot->loader_count == 0) {
		draft_refuse(draft, "no boot loader is recognised on this host; \"generate static "
				    "--method conf\" needs none");
		return false;
	}
	for (size_t i = 0; i < boot->loader_count; i++) {
		if (boot->loader_count > 1 && !boot->loaders[i].booted)
			continue;
		*ret = boot->loaders[i].kind;
		booted++;
	}
	if (booted == 1)
		return true;
	refuse_conflict(boot, draft);
	return false;
}

void plan_menu(const struct menu_request *request, struct draft *draft)
{
	const struct loader_adapter *adapter;
	enum boot_loader loader;

	if (!find_loader(request, &loader, draft))
		return;
	adapter = loader_adapter_find(loader);
	if (adapter)
		adapter->plan(request, draft);
	else
		draft_refuse(draft, "this host is started by %s, for which nothing is written here",
			     boot_loader_name(loader));
}

bool is_started_by(const struct menu_request *request, enum boot_loader loader)
{
	auto_draft struct draft unclear = {0};
	enum boot_loader found;

	return find_loader(request, &found, &unclear) && found == loader;
}

bool plan_carrier(const struct menu_request *request, struct draft *draft)
{
	auto_draft struct draft unclear = {0};
	const struct loader_adapter *adapter;
	enum boot_loader loader;

	if (draft->refusals.count > 0)
		return false;
	/* Which loader it is may stay open: only one that copies images has something to do. */
	if (!find_loader(request, &loader, request->wishes->loader ? draft : &unclear))
		return false;
	adapter = loader_adapter_find(loader);
	if (adapter && adapter->carries_images)
		adapter->plan(request, draft);
	else if (adapter && adapter->look)
		adapter->look(request, draft);
	return adapter && adapter->finds_words;
}

static bool find_named_initramfs(const struct boot *boot, const char *name,
				 enum boot_initramfs *ret, struct draft *draft)
{
	if (!boot_initramfs_parse(name, ret)) {
		draft_refuse(draft, "\"%s\" is no initramfs generator that is known here", name);
		return false;
	}
	if (!boot_initramfs_find(boot, *ret))
		draft_refuse(draft, "%s is not installed on this host", name);
	return boot_initramfs_find(boot, *ret) != NULL;
}

/* How much speaks for it: that it has built the image that runs, then that it builds the next. */
static int weight(const struct boot_initramfs_found *found)
{
	return (found->built ? 2 : 0) + (found->builds ? 1 : 0);
}

static bool find_initramfs(const struct boot *boot, enum boot_initramfs *ret, struct draft *draft)
{
	const struct boot_initramfs_found *best = NULL;
	bool tie = false;

	for (size_t i = 0; i < boot->initramfs_count; i++) {
		const struct boot_initramfs_found *found = &boot->initramfs[i];

		tie = best &&
		      (weight(found) == weight(best) || (tie && weight(found) < weight(best)));
		if (!best || weight(found) > weight(best))
			best = found;
	}
	if (!best) {
		draft_refuse(draft,
			     "no initramfs generator is recognised on this host (initramfs-tools, "
			     "dracut, mkinitcpio): it is its image that reserves devices, before "
			     "the host's drivers come. The hook can still take them when their "
			     "guest starts (\"hostdevctl generate dynamic\")");
		return false;
	}
	if (tie) {
		draft_refuse(draft, "several initramfs generators are installed, and nothing says "
				    "which of them builds the image: say which with --initramfs "
				    "NAME");
		return false;
	}
	*ret = best->kind;
	return true;
}

static void name_others(const struct boot *boot, enum boot_initramfs chosen, struct draft *draft)
{
	for (size_t i = 0; i < boot->initramfs_count; i++)
		if (boot->initramfs[i].kind != chosen)
			draft_note(draft,
				   "%s is installed as well, and gets nothing: %s builds this "
				   "host's image",
				   boot_initramfs_name(boot->initramfs[i].kind),
				   boot_initramfs_name(chosen));
}

/* Its entries would promise what nothing in them does. */
static void tell_without_image(const struct boot *boot, struct draft *draft)
{
	for (size_t i = 0; i < boot->kernel_count; i++)
		if (!boot->kernels[i].initrd)
			draft_note(draft,
				   "kernel %s has no image: started with it, the host reserves "
				   "nothing",
				   boot->kernels[i].release);
}

static bool can_reserve(const struct boot_kernel *kernel)
{
	return kernel->initrd && kernel->vfio_pci != BOOT_DRIVER_NONE;
}

/* Kernels for clouds, for one, are built without it. */
static void tell_without_vfio(const struct boot *boot, struct draft *draft)
{
	size_t able = 0;

	for (size_t i = 0; i < boot->kernel_count; i++)
		able += can_reserve(&boot->kernels[i]);
	if (able == 0) {
		draft_refuse(draft, "no kernel of this host has vfio-pci, as a module or built in: "
				    "guests can have none of its devices");
		return;
	}
	for (size_t i = 0; i < boot->kernel_count; i++)
		if (boot->kernels[i].initrd && !can_reserve(&boot->kernels[i]))
			draft_note(draft,
				   "kernel %s has no vfio-pci: started with it, the host reserves "
				   "nothing",
				   boot->kernels[i].release);
}

void plan_image(const struct generate_facts *facts, const struct generate_wishes *wishes,
		const char *reserve, const char *options, struct draft *draft)
{
	const struct image_request request = {
		.facts = facts, .wishes = wishes, .reserve = reserve, .options = options};
	const struct image_adapter *adapter;
	enum boot_initramfs kind;

	/* There the configuration makes the image, as it makes everything. */
	if (boot_loader_find(facts->boot, LOADER_NIXOS))
		return;
	if (wishes->initramfs ? !find_named_initramfs(facts->boot, wishes->initramfs, &kind, draft)
			      : !find_initramfs(facts->boot, &kind, draft))
		return;
	name_others(facts->boot, kind, draft);
	if (boot_has_image(facts->boot)) {
		tell_without_image(facts->boot, draft);
		tell_without_vfio(facts->boot, draft);
	} else {
		draft_refuse(draft,
			     "no kernel of this host has an image that is found here, so that what "
			     "is put into it could not be checked%s",
			     wishes->in_conf
				     ? "; what can be done by hand, \"static\" says without "
				       "--method conf"
				     : "");
	}
	adapter = image_adapter_find(kind);
	if (adapter)
		adapter->plan(&request, draft);
	else
		draft_refuse(draft,
			     "this host's image is built by %s, which runs no scripts of others, "
			     "and it is the image that reserves devices. The hook can still take "
			     "them when their guest starts (\"hostdevctl generate dynamic\")",
			     boot_initramfs_name(kind));
}

/* --- words and ids --- */

static bool words_are_safe(const char *words)
{
	for (; *words; words++)
		if (!isalnum((unsigned char)*words) && !strchr(" ._:,=/+@%-", *words))
			return false;
	return true;
}

/* Of the line that runs, without our own words, which new ones replace. */
static size_t length_of_line(const char *cmdline)
{
	auto_free char *copy = xstrdup(cmdline ? cmdline : "");
	size_t length = strlen(copy);
	char *at = copy, *word;

	while ((word = strsep(&at, " ")))
		if (text_starts(word, WORD_GUEST))
			length -= strlen(word) + (at != NULL);
	return length;
}

void check_words(const struct generate_facts *facts, const char *words, struct draft *draft)
{
	const struct boot_grub *grub = &facts->boot->grub;
	size_t length = strlen(words), longest = length_of_line(facts->boot->cmdline);

	if (grub->longest_line > longest)
		longest = grub->longest_line;
	if (!words_are_safe(words)) {
		auto_free char *shown = text_escape(words);

		draft_refuse(draft,
			     "\"%s\" cannot go onto a kernel's command line: of it only letters, "
			     "digits and . _ : , = / + @ %% - mean the same to GRUB and to a shell",
			     shown);
	}
	if (longest + 1 + length > CMDLINE_MAX)
		draft_refuse(draft,
			     "the kernel's command line would have %zu bytes, and a kernel takes "
			     "%d: name fewer devices, or use \"static --method conf\"",
			     longest + 1 + length, CMDLINE_MAX);
	if (grub->found && grub->lacks_root)
		draft_refuse(draft,
			     "an entry of %s has no root= on its command line, so that one derived "
			     "from it "
			     "would not start: mend that first (GRUB_DISABLE_LINUX_UUID, "
			     "/etc/grub.d/10_linux), and write the menu anew",
			     grub->config ? grub->config : "the boot menu");
}

static void check_twins(const struct generate_facts *facts, const struct reserved *reserved,
			const struct device *device, struct draft *draft)
{
	for (size_t i = 0; i < facts->snapshot->device_count; i++) {
		const struct device *other = &facts->snapshot->devices[i];

		if (!devices_have_same_ids(other, device) || reserved_has(reserved, other))
			continue;
		draft_refuse(draft,
			     "%s and %s have the same ids: with --bind ids both would be reserved; "
			     "leave --bind out, which tells them apart by their addresses",
			     LABEL(device), LABEL(other));
	}
}

/* Those of the set-up that is in force, which the new one replaces. */
static bool are_ours(const struct generate_facts *facts, const struct boot_ids *ids)
{
	auto_free char *word = xasprintf("vfio-pci.ids=%s", ids->ids);
	size_t length = strlen(word);

	if (strcmp(ids->file, OPTIONS_FILE) == 0)
		return true;
	for (size_t i = 0; facts->past && i < facts->past->choice_count; i++) {
		const char *words = facts->past->choices[i].words;

		if (strcmp(ids->file, "/proc/cmdline") == 0 && text_starts(words, word) &&
		    (words[length] == '\0' || words[length] == ' '))
			return true;
	}
	return false;
}

void check_ids(const struct generate_facts *facts, const struct reserved *reserved,
	       struct draft *draft)
{
	for (size_t i = 0; i < reserved->count; i++)
		check_twins(facts, reserved, reserved->devices[i], draft);
	for (size_t i = 0; i < facts->boot->ids_count; i++) {
		const struct boot_ids *ids = &facts->boot->ids[i];

		if (!are_ours(facts, ids))
			draft_refuse(draft,
				     "%s sets the ids of vfio-pci as well (%s), and only one of "
				     "several such lists counts: remove that, or leave --bind out",
				     ids->file, ids->ids);
	}
}

/* --- measured boot --- */

/* Whoever unlocks a disk by what was measured of the boot measures something else from then on. */
void check_measured(const struct generate_facts *facts, const struct generate_wishes *wishes,
		    struct draft *draft)
{
	auto_text struct text all = TEXT_INIT;

	for (size_t i = 0; i < facts->boot->measured_count; i++) {
		const struct boot_measured *measured = &facts->boot->measured[i];

		text_printf(&all, "%s%s (PCRs %s)", i > 0 ? "; " : "", measured->what,
			    *measured->pcrs ? measured->pcrs : "not named there");
	}
	if (all.length == 0)
		return;
	if (wishes->allow_measured)
		draft_note(draft, "have the recovery keys at hand: %s", all.data);
	else
		draft_refuse(draft,
			     "another command line or image changes what is measured, and a disk "
			     "may not be unlocked at the next start: %s. With the recovery keys at "
			     "hand, insist with --allow-measured, and renew the policy afterwards "
			     "(systemd-cryptenroll, systemd-pcrlock make-policy, or sdbootutil "
			     "update-predictions)",
			     all.data);
}
