// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which functions belong to the processor and the board rather than being cards, and are needed by
 * the host: by vendor, class, driver and place on the bus, as nothing says it outright.
 */
#include "parsers/pci/chipset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/worker-ask.h"
#include "parsers/pci/place.h"
#include "parsers/slow.h"

#define VENDOR_AMD_GRAPHICS 0x1002
#define VENDOR_AMD 0x1022
#define VENDOR_VIRTIO 0x1af4
#define VENDOR_QEMU 0x1b36
#define VENDOR_INTEL 0x8086
#define CLASS_CXL_MEMORY 0x0502

static unsigned int class_of(const struct device *device)
{
	return device->class_code >> 8;
}

static unsigned int read_hex(const struct host *host, const char *name, const char *attribute)
{
	char text[16];

	if (host_read(host, HOST_SYS, text, sizeof(text), NULL, "bus/pci/devices/%s/%s", name,
		      attribute) < 0)
		return 0;
	return (unsigned int)strtoul(text, NULL, 16);
}

/* --- the processor's graphics --- */

/* The security processor, USB and audio of an AMD processor, which no graphics card has. */
static bool is_part_of_apu(const struct host *host, const char *name)
{
	unsigned int class_code = read_hex(host, name, "class") >> 8;

	return read_hex(host, name, "vendor") == VENDOR_AMD &&
	       (class_code == 0x1080 || class_code == 0x0c03 || class_code == 0x0480 ||
		class_code == 0x0488);
}

static int is_apu(const struct host *host, const struct pci_addr *addr, bool *ret,
		  struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	struct pci_addr other;
	int result = host_list(host, HOST_SYS, &names, NULL, err, "bus/pci/devices");

	if (result < 0)
		return result;
	for (size_t i = 0; names[i]; i++) {
		if (pci_addr_parse(names[i], &other) && other.domain == addr->domain &&
		    other.bus == addr->bus && is_part_of_apu(host, names[i])) {
			*ret = true;
			return 0;
		}
	}
	*ret = false;
	return 0;
}

/* Without any driver of its own the firmware's framebuffer may still be the host's screen. */
static bool shows_framebuffer(const struct snapshot *snapshot, const struct device *device)
{
	for (size_t i = 0; i < snapshot->framebuffer_count; i++)
		if (snapshot->framebuffers[i].has_addr &&
		    pci_addr_equal(&snapshot->framebuffers[i].addr, &device->addr))
			return true;
	return false;
}

/* A VF of it is made to be given away. What the host does nothing with, it does not need. */
static int is_igpu(const struct host *host, const struct snapshot *snapshot,
		   const struct device *device, bool *ret, struct error *err)
{
	*ret = false;
	if (device->class_code >> 16 != 0x03 || device->is_vf ||
	    (device_is_idle(device) && !shows_framebuffer(snapshot, device)))
		return 0;
	if (device->vendor == VENDOR_AMD_GRAPHICS)
		return is_apu(host, &device->addr, ret, err);
	*ret = device->vendor == VENDOR_INTEL && device->addr.bus == 0 && device->addr.slot == 2;
	return 0;
}

/* --- the chipset --- */

/* Directly below "pciDDDD:BB": cards have a port above them. */
static int is_on_root_bus(const struct host *host, const struct pci_addr *addr, bool *ret,
			  struct error *err)
{
	struct pci_addr above;
	struct place place;
	char *slash;
	int result = place_read(host, &place, err, "bus/pci/devices/%s", ADDR(addr));

	if (result < 0)
		return result;
	slash = strrchr(place.path, '/');
	if (slash)
		*slash = '\0';
	slash = strrchr(place.path, '/');
	*ret = !slash || !pci_addr_parse(slash + 1, &above);
	return 0;
}

static const struct {
	unsigned int class_code; /* base class and subclass; 0x..ff: all of that base class */
	const char *name;
} parts[] = {
	{0x05ff, "a memory controller"},
	{0x0680, "a bridge of the chipset, such as that of its power management"},
	{0x0780, "a communication controller, such as the management engine"},
	{0x0800, "the interrupt controller"},
	{0x0801, "a DMA controller"},
	{0x0802, "a system timer"},
	{0x0803, "the real-time clock"},
	{0x0806, "the IOMMU"},
	{0x0807, "an event collector of the root complex"},
	{0x0880, "a system peripheral"},
	{0x0c05, "the SMBus controller"},
	{0x0c07, "the IPMI interface"},
	{0x0c80, "a serial bus controller, such as that of the firmware's flash"},
	{0x1180, "a signal processing controller, such as a thermal sensor"},
};

static const char *part_name(unsigned int class_code)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		unsigned int part = parts[i].class_code;

		if (part == class_code || part == (class_code | 0xff))
			return parts[i].name;
	}
	return NULL;
}

/*
 * Drivers of what is built in to work for programs and guests: engines that copy, compress and
 * queue, and the links to another host. Their classes ("other system peripheral" and such) are
 * those of the chipset's odd parts, too, so that it takes the driver to tell them apart; one that
 * is not known here is taken for the chipset's, which an admin can lift.
 */
static const char *const accelerators[] = {"ae4dma",         "amdxdna",
					   "dlb2",           "gna",
					   "hisi_dma",       "hisi_hpre",
					   "hisi_sec2",      "hisi_zip",
					   "idxd",           "intel_gna",
					   "intel_vpu",      "ioatdma",
					   "plx_dma",        "ptdma",
					   "ntb_hw_amd",     "ntb_hw_epf",
					   "ntb_hw_intel",   "ntb_hw_switchtec",
					   "nvidia-nvswitch"};

static bool is_accelerator(const struct device *device)
{
	for (size_t i = 0; i < sizeof(accelerators) / sizeof(*accelerators); i++)
		if (module_name_equal(device->bound.driver, accelerators[i]))
			return true;
	/* Memory behind CXL is looked at by itself. */
	return class_of(device) == CLASS_CXL_MEMORY;
}

struct engine {
	const struct host *host;
	const struct device *device;
};

/* Answers "yes" or nothing. The kernel's list of engines has a lock, which a driver that is stuck
 * keeps. */
static int ask_engine(void *data, int answer, struct error *err)
{
	const struct engine *engine = data;
	cleanup(host_free_names) char **names = NULL;
	int result = host_list(engine->host, HOST_SYS, &names, NULL, err, "bus/pci/devices/%s/dma",
			       ADDR(&engine->device->addr));

	if (result < 0)
		return result == -ENOENT ? 0 : result;
	for (size_t i = 0; names[i]; i++) {
		char count[16], *end;

		result = host_read(engine->host, HOST_SYS, count, sizeof(count), err,
				   "bus/pci/devices/%s/dma/%s/in_use", ADDR(&engine->device->addr),
				   names[i]);
		if (result == -ENOENT)
			continue;
		if (result < 0)
			return result;
		if (strtoul(count, &end, 10) > 0 || end == count)
			return worker_answer(answer, "yes", strlen("yes"), err);
	}
	return 0;
}

/*
 * An engine may also copy for the kernel itself (md, NTB): then some of its channels are taken.
 * "dma/dma0chan1/in_use" counts who has taken one. What is not told may serve the kernel.
 * All of them are behind one lock: where one is not told in time, *impatient becomes true, and with
 * it true none is asked.
 */
static bool serves_kernel(const struct host *host, const struct device *device, bool *impatient)
{
	struct engine engine = {host, device};
	const struct worker_question question = {
		.ask = ask_engine, .data = &engine, .timeout_ms = SLOW_TIMEOUT_MS};
	auto_free char *answer = NULL;
	int ret = *impatient ? -ETIMEDOUT : worker_ask(&question, &answer, NULL, NULL);

	*impatient = ret == -ETIMEDOUT;
	return ret < 0 || *answer;
}

/* Does the host itself need this part of the board? */
static bool is_needed(const struct host *host, const struct device *device, bool *impatient)
{
	if (device_is_idle(device))
		return false;
	return !is_accelerator(device) || serves_kernel(host, device, impatient);
}

/* What part of the chipset it is, whoever works with it, or NULL. */
static int find_part(const struct host *host, const struct device *device, const char **ret,
		     struct error *err)
{
	const char *name = part_name(class_of(device));
	bool on_root_bus;
	int result;

	*ret = NULL;
	/* AMD's sits behind a bridge inside the processor. */
	if (class_of(device) == 0x1080 && device->vendor == VENDOR_AMD) {
		*ret = "the processor's security processor";
		return 0;
	}
	/* In a virtual machine nothing of these is part of the board. */
	if (!name || device->is_vf || device->vendor == VENDOR_VIRTIO ||
	    device->vendor == VENDOR_QEMU)
		return 0;
	/* Thunderbolt 3 controllers call themselves a system peripheral. */
	if (device_is_thunderbolt(device))
		return 0;
	result = is_on_root_bus(host, &device->addr, &on_root_bus, err);
	if (result == 0 && on_root_bus)
		*ret = name;
	return result;
}

static void add_use(struct snapshot *snapshot, enum use_kind kind, const struct device *device,
		    const char *what)
{
	snapshot_add_use(snapshot, kind, &device->addr, NULL, xasprintf("is %s", what));
}

int chipset_read(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	bool impatient = false;

	for (size_t i = 0; i < snapshot->device_count; i++) {
		struct device *device = &snapshot->devices[i];
		const char *part = NULL;
		bool igpu = false;
		int ret = is_igpu(host, snapshot, device, &igpu, err);

		if (ret == 0)
			ret = find_part(host, device, &part, err);
		/* Unplugged since. */
		if (ret == -ENOENT)
			continue;
		if (ret < 0)
			return ret;
		if (igpu)
			add_use(snapshot, USE_IGPU, device, "the processor's own graphics");
		device->on_board = part != NULL;
		if (part && is_needed(host, device, &impatient))
			add_use(snapshot, USE_CHIPSET, device, part);
	}
	return 0;
}
