// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The policy in a guest's metadata. A line of the input is an attribute, KEY=VALUE; one that
 * begins with "@" is a device with that address, whose attributes follow. Written as XML whatever
 * the bytes are, so that none is spent on a broken document: what stands in the metadata is what
 * the guest has, and is applied whole, in its order, or not at all.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/domain/domain.h"

#define LINES_MAX 64

/* One attribute as it was written. */
struct written {
	char *key, *value; /* heap */
	bool of_device;
};

struct document {
	struct text xml;
	struct written written[LINES_MAX];
	size_t count;
	bool in_device;
};

static void document_done(struct document *document)
{
	for (size_t i = 0; i < document->count; i++) {
		free(document->written[i].key);
		free(document->written[i].value);
	}
	text_done(&document->xml);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A name of XML: never an empty one, a namespace's or one with a prefix. */
static char *make_key(const char *from, size_t length)
{
	char *key = xcalloc(length + 2, 1);

	memcpy(key, from, length);
	for (size_t i = 0; i < length; i++)
		if (!is_letter(key[i]) && (i == 0 || !strchr("0123456789.-", key[i])))
			key[i] = '_';
	if (length == 0 || strcmp(key, "xmlns") == 0)
		*key = 'k';
	return key;
}

/* Any byte that XML can hold, in UTF-8. */
static char *make_value(const char *from, size_t length)
{
	char *value = xcalloc(2 * length + 1, 1), *to = value;

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)from[i];

		if (byte >= 0x80) {
			*to++ = (char)(0xc0 | byte >> 6);
			byte = 0x80 | (byte & 0x3f);
		} else if (byte < 0x20 && byte != '\t' && byte != '\r') {
			byte = '\n';
		}
		*to++ = (char)byte;
	}
	return value;
}

static void write_attribute(struct text *xml, const char *key, const char *value)
{
	text_printf(xml, " %s='", key);
	for (; *value; value++) {
		unsigned char byte = (unsigned char)*value;

		if (byte < 0x20 || strchr("<>&'\"", *value))
			text_printf(xml, "&#%u;", byte);
		else
			text_append(xml, value, 1);
	}
	text_append(xml, "'", 1);
}

static void write_device(struct document *document, const char *line, size_t length)
{
	auto_free char *address = make_value(line, length);

	text_printf(&document->xml, "%s<h:device", document->in_device ? "/>" : ">");
	write_attribute(&document->xml, "address", address);
	document->in_device = true;
}

static void write_item(struct document *document, const char *line, size_t length)
{
	const char *equals = memchr(line, '=', length);
	size_t key_length = equals ? (size_t)(equals - line) : length;
	size_t rest = equals ? length - key_length - 1 : 0;
	struct written written = {
		.key = make_key(line, key_length),
		.value = make_value(equals ? equals + 1 : line, rest),
		.of_device = document->in_device,
	};

	write_attribute(&document->xml, written.key, written.value);
	document->written[document->count++] = written;
}

static void write_document(struct document *document, const char *data, size_t size)
{
	const char *end = data + size;

	text_printf(&document->xml, "<domain><name>guest</name><metadata>"
				    "<h:policy xmlns:h='urn:hostdev-hook:1'");
	for (int lines = 0; data < end && lines < LINES_MAX; lines++) {
		const char *newline = memchr(data, '\n', (size_t)(end - data));
		const char *stop = newline ? newline : end;

		if (stop > data && *data == '@')
			write_device(document, data + 1, (size_t)(stop - data) - 1);
		else
			write_item(document, data, (size_t)(stop - data));
		data = newline ? newline + 1 : end;
	}
	text_printf(&document->xml, document->in_device ? "/></h:policy>" : "/>");
	text_printf(&document->xml, "</metadata></domain>");
}

static void check_written(const struct document *document, const struct guest *guest)
{
	check(guest->policy_count == document->count);
	for (size_t i = 0; i < guest->policy_count; i++) {
		const struct written *written = &document->written[i];

		check(strcmp(guest->policy[i].key, written->key) == 0);
		check(strcmp(guest->policy[i].value, written->value) == 0);
		check(guest->policy[i].has_addr == written->of_device);
	}
}

static bool equal(const struct policy *a, const struct policy *b)
{
	bool same = a->group == b->group && a->setting_count == b->setting_count &&
		    memcmp(&a->limits, &b->limits, sizeof(a->limits)) == 0 &&
		    memcmp(&a->all, &b->all, sizeof(a->all)) == 0;

	for (size_t i = 0; same && i < a->setting_count; i++)
		same = pci_addr_equal(&a->settings[i].addr, &b->settings[i].addr) &&
		       a->settings[i].key == b->settings[i].key &&
		       strcmp(a->settings[i].value, b->settings[i].value) == 0;
	return same;
}

/* One key after the other comes to the same, or to the same refusal. */
static void check_one_by_one(const struct guest *guest, const struct policy *whole, bool good)
{
	auto_policy struct policy policy = POLICY_INIT;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < guest->policy_count; i++) {
		const struct policy_item *item = &guest->policy[i];

		ret = policy_set(&policy, item->has_addr ? &item->addr : NULL, item->key,
				 item->value, "here", NULL);
	}
	check(good == (ret == 0));
	check(!good || equal(&policy, whole));
}

static void check_applied(const struct guest *guest)
{
	const struct policy untouched = POLICY_INIT;
	auto_policy struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;
	int ret = policy_apply_guest(&policy, guest, &err);

	check_one_by_one(guest, &policy, ret == 0);
	if (ret < 0) {
		check(ret == -EINVAL && err.code == EINVAL);
		check(strncmp(err.text, "domain XML line ", 16) == 0);
		check(!strpbrk(err.text, "\n\r"));
		check(memcmp(&policy, &untouched, sizeof(policy)) == 0);
		return;
	}
	check_policy_values(&policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup(document_done) struct document document = {.xml = TEXT_INIT};
	auto_guest struct guest guest = {0};
	struct error err = ERROR_INIT;

	write_document(&document, (const char *)data, size);
	if (domain_parse(document.xml.data, document.xml.length, &guest, &err) < 0) {
		/* An attribute twice, or an address that is none. */
		check(err.code == EBADMSG && !strpbrk(err.text, "\n\r"));
		return 0;
	}
	check_written(&document, &guest);
	check_applied(&guest);
	return 0;
}
