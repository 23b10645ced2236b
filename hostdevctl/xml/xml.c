// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl xml: what to put into a guest's definition so that the guest gets devices of this
 * host, and what of it the libvirt that will read it does not know.
 */
#include "hostdevctl/xml/xml.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "hostdevctl/command.h"
#include "hostdevctl/device.h"
#include "hostdevctl/domains.h"
#include "hostdevctl/missing.h"
#include "hostdevctl/output/json.h"
#include "model/version.h"
#include "parsers/pci/names.h"
#include "parsers/pci/pci.h"

/* The oldest that the hook is tried with. */
#define OLDEST_LIBVIRT "9.0"
#define DRIVER_LIBVIRT "10.0"
#define IOMMUFD_LIBVIRT "12.1"

/* --- which libvirt --- */

/* Heap. */
static char *libvirt_version(const struct xml_options *options)
{
	auto_free char *version = NULL;
	struct error err = ERROR_INIT;

	if (options->libvirt)
		return xstrdup(options->libvirt);
	if (options->root)
		command_note("--root asks no libvirt: version " OLDEST_LIBVIRT
			     " is assumed. --libvirt "
			     "VERSION names another");
	else if (domains_read_version(&version, &err) < 0)
		command_note("the version of libvirt is not known (%s): version " OLDEST_LIBVIRT
			     " is assumed. --libvirt VERSION names another",
			     err.text);
	return version ? steal(&version) : xstrdup(OLDEST_LIBVIRT);
}

static bool knows(const char *version, const char *since, const char *what)
{
	if (version_compare(version, since) >= 0)
		return true;
	command_note("libvirt %s does not know <driver %s> (libvirt %s and later do): that is left "
		     "out",
		     version, what, since);
	return false;
}

/* Nobody is asked, and waited for, where the answer makes no difference. */
static void leave_out_unknown(struct xml_options *options)
{
	struct elements_wishes *wishes = &options->wishes;
	auto_free char *version = NULL;

	if (wishes->as_qemu || (!wishes->driver && !wishes->iommufd))
		return;
	version = libvirt_version(options);
	if (wishes->driver && !knows(version, DRIVER_LIBVIRT, "model='...'"))
		wishes->driver = NULL;
	if (wishes->iommufd && !knows(version, IOMMUFD_LIBVIRT, "iommufd='yes'"))
		wishes->iommufd = false;
}

/* --- what is printed --- */

static void add_policy(const struct xml_options *options, struct text *out)
{
	text_printf(out, "<hostdev:policy xmlns:hostdev=\"urn:hostdev-hook:1\"%s/>",
		    options->attributes.data);
}

static void add_metadata(const struct xml_options *options, struct text *out)
{
	text_printf(out, "<metadata>\n  ");
	add_policy(options, out);
	text_printf(out, "\n</metadata>\n");
}

static void print_text(const struct xml_options *options, const struct elements *elements)
{
	auto_text struct text out = TEXT_INIT;
	bool has_policy = options->attributes.length > 0;

	if (has_policy) {
		text_printf(&out,
			    "<!-- Put this after <name>. If the guest has a <metadata> already, "
			    "put only the inner line into it. -->\n");
		add_metadata(options, &out);
		text_printf(&out, "<!-- Put this between <devices> and </devices>. -->\n");
	}
	for (size_t i = 0; i < elements->count; i++) {
		const struct element *element = &elements->items[i];

		if (!options->wishes.as_qemu)
			elements_add_comment(element->device, &out);
		text_printf(&out, "%s", element->text);
	}
	fputs(out.data, stdout);
}

static void add_json_element(const struct element *element, struct text *out)
{
	const struct device *device = element->device;

	text_printf(out, "      {");
	json_member("address", device ? ADDR(&device->addr) : NULL, ", ", out);
	json_word("name", device ? device->name : NULL, ", ", out);
	json_member("text", element->text, "}", out);
}

static void print_json(const struct xml_options *options, const struct elements *elements)
{
	auto_text struct text out = TEXT_INIT, metadata = TEXT_INIT;

	if (options->attributes.length > 0)
		add_metadata(options, &metadata);
	text_printf(&out, JSON_OPENING "\"elements\": [\n");
	for (size_t i = 0; i < elements->count; i++) {
		add_json_element(&elements->items[i], &out);
		text_printf(&out, "%s\n", i + 1 < elements->count ? "," : "");
	}
	text_printf(&out, "   ],\n   ");
	json_word("metadata", metadata.data, "\n}\n", &out);
	fputs(out.data, stdout);
}

/* --- the command --- */

static int xml_print(const struct host *host, struct xml_options *options,
		     struct snapshot *snapshot)
{
	auto_reserved struct reserved devices = {0};
	auto_elements struct elements elements = {0};
	struct error err = ERROR_INIT;
	int status;

	missing_tell(host, &options->guest, snapshot);
	status = xml_devices_choose(options, snapshot, &devices);
	if (status != COMMAND_DONE)
		return status;
	leave_out_unknown(options);
	if (elements_make(devices.devices, devices.count, &options->wishes, &elements, &err) < 0) {
		error_wrap(&err, "--at");
		return command_fail(&err);
	}
	xml_devices_warn(options, snapshot, &devices);
	(options->json ? print_json : print_text)(options, &elements);
	return COMMAND_DONE;
}

static int find_devices(const struct host *host, struct xml_options *options, struct error *err)
{
	struct guest *guest = &options->guest;

	for (int i = 0; i < options->word_count; i++) {
		struct pci_addr addr;
		int ret = device_parse(host, options->words[i], &addr, err);

		if (ret < 0)
			return ret;
		guest_add_hostdev(guest, &addr);
	}
	return 0;
}

static int xml_run(int argc, char **argv)
{
	cleanup(xml_options_done) struct xml_options options = {0};
	auto_snapshot struct snapshot snapshot = {0};
	cleanup(host_close) struct host host = {0};
	struct error err = ERROR_INIT;
	int status, ret;

	if (!xml_options_parse(argc, argv, &options, &status))
		return status;
	ret = command_open(options.root, NULL, &host, &err);
	if (ret == 0)
		ret = find_devices(&host, &options, &err);
	if (ret == 0)
		ret = pci_snapshot(&host, &options.guest, &snapshot, &err);
	if (ret < 0)
		return command_fail(&err);
	names_fill(&snapshot);
	return xml_print(&host, &options, &snapshot);
}

const struct command xml_command = {
	.name = "xml",
	.run = xml_run,
	.synopsis = "[OPTION...] DEVICE...",
	.summary = "print what a guest's definition needs to have devices of this host",
	.help = "DEVICE is an address (0000:01:00.0, 01:00.0, pci_0000_01_00_0), a device node or\n"
		"an interface (/dev/nvme0n1, card1, eth0).\n"
		"Nothing is changed; \"virsh edit GUEST\" takes what is printed.\n\n"
		"      --group             name all devices of their IOMMU groups\n"
		"      --policy KEY=VALUE  print a policy for the guest as well; may be repeated\n"
		"      --driver NAME       the VFIO driver that libvirt is to bind\n"
		"      --iommufd           have QEMU use iommufd\n"
		"      --at BUS:SLOT       the first place in the guest for devices of several\n"
		"                          functions; usually 10:00, for machines of the type pc\n"
		"                          a slot of bus 0, such as 00:10\n"
		"      --libvirt VERSION   leave out what this libvirt does not know; usually the\n"
		"                          one that runs\n"
		"      --qemu              print arguments for QEMU instead of XML\n"
		"  -J, --json              print JSON\n"
		"      --root DIR          look at the machine below DIR\n"
		"  -h, --help              this text\n",
};
