// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which boot loader starts this host, which adapter serves it, and what several adapters write.
 */
#include "generator/menu.h"

#include "base/cleanup.h"

static const struct loader_adapter *const loaders[] = {
	&adapter_grub,       &adapter_systemd_boot, &adapter_grub_bls, &adapter_uki,
	&adapter_uki_direct, &adapter_kernelstub,   &adapter_proxmox,  &adapter_sdbootutil,
	&adapter_rpm_ostree, &adapter_bootc,        &adapter_nixos,    &adapter_limine,
	&adapter_refind};

#define LOADER_COUNT (sizeof(loaders) / sizeof(loaders[0]))

const struct loader_adapter *loader_adapter_find(enum boot_loader loader)
{
	for (size_t i = 0; i < LOADER_COUNT; i++)
		if (loaders[i]->loader == loader)
			return loaders[i];
	return NULL;
}

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

void menu_plan(const struct menu_request *request, struct draft *draft)
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

bool menu_is_started_by(const struct menu_request *request, enum boot_loader loader)
{
	auto_draft struct draft unclear = {0};
	enum boot_loader found;

	return find_loader(request, &found, &unclear) && found == loader;
}

bool menu_plan_carrier(const struct menu_request *request, struct draft *draft)
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

void menu_add_choices(const struct menu_request *request, struct draft *draft)
{
	auto_text struct text text = TEXT_INIT;

	text_printf(&text, "hostdev-hook boot-choices 1\n");
	wishes_add_header(request->wishes, &text);
	text_printf(&text, "kernels %s\n", request->wishes->kernels);
	for (size_t i = 0; i < request->choice_count; i++)
		text_printf(&text, "choice %s\ntitle %s\nwords %s\n", request->choices[i].id,
			    request->choices[i].title, request->choices[i].words);
	draft_add_directory(draft, DRAFT_MENU, "/etc/hostdev-hook", "for the next file");
	draft_add_file(draft, DRAFT_MENU, CHOICES_FILE, 0644, text.data,
		       "what each entry of the menu reserves");
}
