// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each kind of refusal says about this host, in one clause. Tests: unit/test-refusal.c.
 */
#include "model/refusal-words.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/loan.h"

/* Of a device that is not there any more. */
static struct device_label label_of_pin(const struct pin *pin, size_t name_size)
{
	const struct device device = {.addr = pin->addr,
				      .vendor = pin->vendor,
				      .product = pin->product,
				      .class_code = pin->class_code,
				      .name = *pin->name ? (char *)pin->name : NULL};

	return device_label_short(&device, name_size);
}

/* The device at addr with its name; the address alone where the snapshot lacks it. */
static struct device_label refusal_words_label(const struct refusal_words *words,
					       const struct pci_addr *addr)
{
	const struct device *device = snapshot_device(words->snapshot, addr);
	const struct pin *pin = pins_find(&words->snapshot->pins, addr);
	struct device_label label;

	if (device)
		return device_label_short(device, words->name_size);
	if (pin)
		return label_of_pin(pin, words->name_size);
	snprintf(label.text, sizeof(label.text), "%s", ADDR(addr));
	return label;
}

/* --- why --- */

/* Where names must be shorter than that, there is no room for drivers either. */
#define DRIVERS_WITH 18

/* Is the evidence about the device itself, not about something that hangs from it? */
static bool speaks_of_device(enum use_kind kind)
{
	return kind == USE_IGPU || kind == USE_CHIPSET;
}

static const char *tie_name(enum refusal_tie tie)
{
	return tie == TIE_SLOT ? "same slot" : "group = whole";
}

/* How the guest comes to what it does not name: ends before what is said of that. */
static void add_tie(const struct refusal_words *words, struct text *out)
{
	const struct refusal *refusal = words->refusal;

	if (words->brief)
		text_printf(out, "%s would go along with %s (%s)",
			    refusal_words_label(words, &refusal->addr).text, ADDR(&refusal->named),
			    tie_name(refusal->tie));
	else
		text_printf(out, "%s shares IOMMU group %d with %s, which would go along (%s)",
			    ADDR(&refusal->named), refusal->group,
			    refusal_words_label(words, &refusal->addr).text,
			    tie_name(refusal->tie));
}

static void add_more(const struct refusal *refusal, struct text *out)
{
	if (refusal->more > 0)
		text_printf(out, ", and %u more", refusal->more);
}

/*
 * What could not be read, and why, is long: it stands behind what to do. Where it begins in the
 * evidence, or the evidence's end.
 */
size_t refusal_words_detail(const struct refusal *refusal)
{
	const char *colon = refusal->use == USE_UNREADABLE ? strstr(refusal->evidence, ": ") : NULL;

	return colon ? (size_t)(colon - refusal->evidence) : strlen(refusal->evidence);
}

static void add_use(const struct refusal_words *words, struct text *out)
{
	const struct refusal *refusal = words->refusal;
	bool of_device = speaks_of_device(refusal->use);

	if (refusal->tie != TIE_NONE) {
		add_tie(words, out);
		text_printf(out, "%s%.*s",
			    of_device      ? " and "
			    : words->brief ? ": "
					   : " and is in use: ",
			    (int)refusal_words_detail(refusal), refusal->evidence);
	} else {
		text_printf(out, "%s%s %.*s", refusal_words_label(words, &refusal->addr).text,
			    of_device ? "" : ":", (int)refusal_words_detail(refusal),
			    refusal->evidence);
	}
	add_more(refusal, out);
}

/* Mates that hold together stand behind the program, as the tie is told of the first alone. */
static void add_holder(const struct refusal_words *words, struct text *out)
{
	const struct refusal *refusal = words->refusal;
	bool several = refusal->more_addr_count > 0, tied = refusal->tie != TIE_NONE;
	const char *verb = " is";

	if (tied || several)
		verb = tied ? " and is" : " are";

	if (tied)
		add_tie(words, out);
	else
		text_printf(out, "%s", refusal_words_label(words, &refusal->addr).text);
	if (several && !tied) {
		text_printf(out, refusal->more_addr_count == 1 ? " and " : ", ");
		pci_addr_list(refusal->more_addrs, refusal->more_addr_count, 2, out);
	}
	text_printf(out, "%s used by %s", verb, refusal->evidence);
	add_more(refusal, out);
	if (several && tied) {
		text_printf(out, ", as well as ");
		pci_addr_list(refusal->more_addrs, refusal->more_addr_count, 2, out);
	}
}

/* Many products of one vendor have names that begin alike, or one name: then numbers tell. */
static void add_name(const struct refusal_words *words, const struct pin *pin,
		     const struct device *now, struct text *out)
{
	char was[192], is[192];

	device_name_shorten(was, sizeof(was), pin->name, words->name_size,
			    pin->class_code >> 16 == 0x03);
	device_name_shorten(is, sizeof(is), now->name ? now->name : "", words->name_size,
			    now->class_code >> 16 == 0x03);
	if (!*pin->name || words->name_size == 0)
		text_printf(out, "[%04x:%04x]", pin->vendor, pin->product);
	else if (strcmp(was, is) == 0)
		text_printf(out, "one with the numbers %04x:%04x, not %04x:%04x,", pin->vendor,
			    pin->product, now->vendor, now->product);
	else
		text_printf(out, "%s", was);
}

#define BOARD_SIZE 40

static void add_board(const struct refusal_words *words, const struct pin *pin, struct text *out)
{
	char board[192];

	/* It is the reason: the device's own name gives way to it. */
	device_name_shorten(board, sizeof(board), pin->board,
			    words->name_size > BOARD_SIZE ? words->name_size : BOARD_SIZE, false);
	text_printf(out, "the same chip on another board (");
	if (*pin->board)
		text_printf(out, "%s", board);
	else
		text_printf(out, "%04x:%04x", pin->subvendor, pin->subproduct);
	text_append(out, ")", 1);
}

/* What differs in the last byte alone has one name. */
static void add_kind(const struct pin *pin, uint32_t now, struct text *out)
{
	text_printf(out, "the same device of another kind (");
	if (*pin->kind && pin->class_code >> 8 != now >> 8)
		text_printf(out, "%s", pin->kind);
	else
		text_printf(out, "class %06x", pin->class_code);
	text_append(out, ")", 1);
}

/* What was pinned, by the first of its marks in which it differs from the device that is there. */
static void add_pin(const struct refusal_words *words, struct text *out)
{
	const struct pci_addr *addr = &words->refusal->addr;
	const struct pin *pin = pins_find(&words->snapshot->pins, addr);
	auto_free char *was = text_escape(pin_serial(pin)), *is = NULL;
	struct pin now;

	pin_of_device(snapshot_device(words->snapshot, addr), &now);
	is = text_escape(pin_serial(&now));
	if (pin->vendor != now.vendor || pin->product != now.product)
		add_name(words, pin, snapshot_device(words->snapshot, addr), out);
	else if (pin->subvendor != now.subvendor || pin->subproduct != now.subproduct)
		add_board(words, pin, out);
	else if (pin->class_code != now.class_code)
		add_kind(pin, now.class_code, out);
	else
		text_printf(out, "one like it with serial number %s, not %s,", was, is);
}

static void add_evidence(const struct refusal_words *words, struct text *out)
{
	const struct refusal *refusal = words->refusal;
	struct device_label device = refusal_words_label(words, &refusal->addr);

	switch (refusal->kind) {
	case REFUSAL_USE:
		add_use(words, out);
		break;
	case REFUSAL_HOLDER:
		add_holder(words, out);
		break;
	case REFUSAL_UNREADABLE:
		text_printf(out,
			    "it cannot be known who uses %s, as it cannot be seen what %s "
			    "has open",
			    device.text, refusal->evidence);
		break;
	default:
		text_printf(out, "%s is another device than before: ", device.text);
		add_pin(words, out);
		text_printf(out, " stood there");
		break;
	}
}

/* "... with 0000:01:00.0 (NVIDIA ...) and 2 more": the devices of one that has several. */
static void add_mate(const struct refusal_words *words, struct text *out)
{
	const struct refusal *refusal = words->refusal;
	const struct device *mate = snapshot_device(words->snapshot, &refusal->mate);

	text_printf(out, "%s", refusal_words_label(words, &refusal->mate).text);
	if (mate && *mate->bound.driver && words->name_size > DRIVERS_WITH)
		text_printf(out, " (driver %s)", mate->bound.driver);
	if (refusal->more_mate_count > 0)
		text_printf(out, " and %zu more", refusal->more_mate_count);
}

/* Goes on behind the device: who has it, and for how long. */
static void add_owner(const struct refusal *refusal, struct text *out)
{
	const char *for_whom = refusal->guest ? " for " : "";
	const char *guest = refusal->guest ? refusal->guest : "";

	if (refusal->lent_by_hand && refusal->over)
		text_printf(out, "was lent by hand%s%s and is not returned yet", for_whom, guest);
	else if (refusal->lent_by_hand)
		text_printf(out, "is lent by hand%s%s", for_whom, guest);
	else if (refusal->over)
		text_printf(out, "is not returned yet from the last run of guest %s", guest);
	else
		text_printf(out, "belongs to guest %s", guest);
}

static void add_group(const struct refusal_words *words, struct text *out)
{
	const struct refusal *refusal = words->refusal;

	text_printf(out, "%s shares IOMMU group %d with ",
		    refusal_words_label(words, &refusal->addr).text, refusal->group);
	add_mate(words, out);
	switch (refusal->kind) {
	case REFUSAL_GROUP_CLAIMED:
		text_printf(out, ", which ");
		add_owner(refusal, out);
		break;
	case REFUSAL_MATE_PF:
		text_printf(out, ", which has virtual functions enabled");
		break;
	case REFUSAL_MATE_CHIPSET:
		text_printf(out, ", a part of the chipset");
		break;
	default:
		break;
	}
}

static void add_companion(const struct refusal_words *words, struct text *out)
{
	const struct refusal *refusal = words->refusal;

	text_printf(out, "%s is one part of a USB controller, and would leave %s",
		    refusal_words_label(words, &refusal->addr).text, ADDR(&refusal->mate));
	if (refusal->more_mate_count > 0)
		text_printf(out, " and %zu more", refusal->more_mate_count);
	text_printf(out, " to the host");
}

static bool is_carried(const struct refusal_words *words)
{
	return snapshot_carried(words->snapshot, &words->refusal->addr) != NULL;
}

static void add_behind(const struct refusal_words *words, struct text *out)
{
	const struct refusal *refusal = words->refusal;
	struct device_label device = refusal_words_label(words, &refusal->addr);
	struct device_label carrier = refusal_words_label(words, &refusal->mate);

	if (is_carried(words))
		text_printf(out, "%s is reached through %s, which %s", device.text, carrier.text,
			    refusal->by_hand ? "is to be lent, too" : "the guest names too");
	else
		text_printf(out, "%s is behind %s, and cannot be lent alone", device.text,
			    carrier.text);
}

void refusal_words_why(const struct refusal_words *words, struct text *out)
{
	const struct refusal *refusal = words->refusal;
	struct device_label device = refusal_words_label(words, &refusal->addr);

	switch (refusal->kind) {
	case REFUSAL_IOMMU_OFF:
		text_printf(out, "this host has no IOMMU groups, and nothing can be lent without");
		break;
	case REFUSAL_MISSING:
		if (refusal->evidence)
			text_printf(out, "%s %s", device.text, refusal->evidence);
		else
			text_printf(out, "there is no PCI device %s on this host", device.text);
		break;
	case REFUSAL_NO_GROUP:
		text_printf(out, "%s is in no IOMMU group", device.text);
		break;
	case REFUSAL_NOIOMMU:
		text_printf(out,
			    "with %s (VFIO's no-IOMMU mode) the guest could write all of the "
			    "host's memory",
			    device.text);
		break;
	case REFUSAL_BRIDGE:
		text_printf(out, "%s is a bridge", device.text);
		break;
	case REFUSAL_PF:
		text_printf(out, "%s has virtual functions enabled", device.text);
		break;
	case REFUSAL_CLAIMED:
		text_printf(out, "%s ", device.text);
		add_owner(refusal, out);
		break;
	case REFUSAL_DRIVER:
		text_printf(out, "<driver name=> of %s is not vfio", device.text);
		break;
	case REFUSAL_BEHIND:
		add_behind(words, out);
		break;
	case REFUSAL_CARRIED:
		text_printf(out, "%s leads to %s, which ", device.text,
			    refusal_words_label(words, &refusal->mate).text);
		add_owner(refusal, out);
		break;
	case REFUSAL_COMPANION:
		add_companion(words, out);
		break;
	case REFUSAL_RUNNING:
		text_printf(out, "it runs; what it has now is %s", refusal->evidence);
		break;
	case REFUSAL_IOMMUFD:
		text_printf(out, "%s is to go by way of iommufd, for which this kernel lacks %s",
			    device.text, refusal->evidence);
		break;
	case REFUSAL_USE:
	case REFUSAL_HOLDER:
	case REFUSAL_UNREADABLE:
	case REFUSAL_IDENTITY:
		add_evidence(words, out);
		break;
	default:
		add_group(words, out);
		break;
	}
	text_append(out, ".", 1);
}

bool refusal_goes_only_together(const struct refusal *refusal)
{
	return refusal->kind == REFUSAL_USE && refusal->tie == TIE_SLOT &&
	       speaks_of_device(refusal->use);
}
