// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How libxml2 is kept on a short lead (nothing printed, nothing loaded, no document type) and how a
 * place in a document is told to people. The only file that includes libxml2, which it opens with
 * the first document: programs that were linked to it would not even start where an upgrade has
 * replaced it by one of another name, and could neither say why nor give a device back.
 */
#include "parsers/domain/xml.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include "base/library.h"
#include "base/text.h"

LIBRARY_NOTE(LIBRARY_XML, "domain", "Reads the definition of a guest", "required");

#define QUOTED_MAX 48    /* bytes of the document shown in a message */
#define REASON_MAX 160   /* bytes of libxml2's own words */
#define PLACE_ELEMENTS 3 /* innermost elements shown in a message */

#if LIBXML_VERSION >= 21200
#define XML_ERROR_CONST const
#else
#define XML_ERROR_CONST
#endif

/* The functions used of libxml2, by the types its headers give them. */
struct libxml {
	void *handle;
	__typeof__(xmlNewParserCtxt) *new_parser;
	__typeof__(xmlFreeParserCtxt) *free_parser;
	__typeof__(xmlCtxtReadMemory) *read;
	__typeof__(xmlStopParser) *stop;
	__typeof__(xmlSetStructuredErrorFunc) *set_error_func;
	__typeof__(xmlSAX2GetLineNumber) *get_line;
	__typeof__(xmlFreeDoc) *free_doc;
	__typeof__(xmlDocGetRootElement) *get_root;
	__typeof__(xmlGetLineNo) *get_line_of;
	__typeof__(xmlIsBlankNode) *is_blank;
	__typeof__(xmlNodeGetContent) *get_content;
	__typeof__(xmlHasProp) *has_attr;
	__typeof__(xmlFree) *free; /* a variable of the library */
};

/* Once for all, and never closed: documents live on it, and it has a state of its own. */
static struct libxml libxml;

struct xml_doc {
	xmlDoc *tree;
	const char *what;
};

/* What one run of the parser carries along. */
struct xml_reader {
	xmlParserCtxt *ctxt;
	const char *what;
	struct error *err;
	bool failed; /* err is set */
};

static int libxml_open(struct error *err)
{
	const struct library_symbol symbols[] = {
		{"xmlNewParserCtxt", &libxml.new_parser},
		{"xmlFreeParserCtxt", &libxml.free_parser},
		{"xmlCtxtReadMemory", &libxml.read},
		{"xmlStopParser", &libxml.stop},
		{"xmlSetStructuredErrorFunc", &libxml.set_error_func},
		{"xmlSAX2GetLineNumber", &libxml.get_line},
		{"xmlFreeDoc", &libxml.free_doc},
		{"xmlDocGetRootElement", &libxml.get_root},
		{"xmlGetLineNo", &libxml.get_line_of},
		{"xmlIsBlankNode", &libxml.is_blank},
		{"xmlNodeGetContent", &libxml.get_content},
		{"xmlHasProp", &libxml.has_attr},
		{"xmlFree", &libxml.free},
	};

	if (libxml.handle)
		return 0;
	return library_open(LIBRARY_XML, "libxml2", symbols, sizeof(symbols) / sizeof(symbols[0]),
			    &libxml.handle, err);
}

static const xmlNode *node_of(const struct xml_node *node)
{
	return (const xmlNode *)node;
}

static const struct xml_node *node_as(const xmlNode *node)
{
	return (const struct xml_node *)node;
}

/* --- messages --- */

/* At most max bytes (whole UTF-8 characters) of text, escaped. Heap. */
static char *shorten(const char *text, size_t max)
{
	size_t length = strnlen(text, max + 1);
	auto_free char *head = NULL;
	auto_free char *escaped = NULL;

	if (length <= max)
		return text_escape(text);
	for (length = max; length && ((unsigned char)text[length] & 0xc0) == 0x80; length--)
		;
	head = xasprintf("%.*s", (int)length, text);
	escaped = text_escape(head);
	return xasprintf("%s...", escaped);
}

char *xml_quote(const char *text)
{
	return shorten(text, QUOTED_MAX);
}

/* The root tells a reader nothing, unless it is what the message is about. */
static bool is_below_root(const xmlNode *node)
{
	return node->parent && node->parent->type == XML_ELEMENT_NODE;
}

static char *element_name(const xmlNode *node)
{
	const char *prefix = node->ns ? (const char *)node->ns->prefix : NULL;
	auto_free char *space = xml_quote(prefix ? prefix : "");
	auto_free char *name = xml_quote((const char *)node->name);

	return xasprintf("%s%s%s", space, prefix ? ":" : "", name);
}

/* "<address bus='0x01'> in <source> in <hostdev>": where to look, the nearest first. attr, which
 * stands in the first, may be NULL. */
static void place_append(struct text *place, const xmlNode *node, const char *attr,
			 const char *value)
{
	auto_free char *name = element_name(node);

	text_printf(place, "<%s", name);
	if (attr)
		text_printf(place, " %s='%s'", attr, value);
	text_printf(place, ">");
	for (int i = 1; i < PLACE_ELEMENTS && is_below_root(node) && is_below_root(node->parent);
	     i++) {
		auto_free char *outer = element_name(node->parent);

		text_printf(place, " in <%s>", outer);
		node = node->parent;
	}
}

int xml_refuse(const struct xml_node *element, const char *attr, const char *value,
	       struct error *err, const char *format, ...)
{
	const xmlNode *node = node_of(element);
	const struct xml_doc *doc = node->doc->_private;
	auto_free char *shown = xml_quote(value ? value : "");
	auto_text struct text place = TEXT_INIT;
	auto_free char *reason = NULL;
	va_list args;

	va_start(args, format);
	reason = xvasprintf(format, args);
	va_end(args);
	place_append(&place, node, attr, shown);
	return error_set(err, EBADMSG, "%s line %u, %s: %s", doc->what, xml_line(element),
			 place.data, reason);
}

/* --- the parser --- */

/*
 * Libxml2 prints what nobody takes. The first error is the cause of those after it. Errors of
 * character conversion come without a place: hence the parser's own.
 */
static void on_error(void *data, XML_ERROR_CONST xmlError *error)
{
	struct xml_reader *reader = data;
	const xmlNode *node = reader->ctxt->node;
	auto_text struct text place = TEXT_INIT;
	auto_free char *line = NULL;
	auto_free char *reason = NULL;

	if (reader->failed || error->level != XML_ERR_FATAL)
		return;
	reader->failed = true;
	line = xstrdup(error->message ? error->message : "not well-formed");
	line[strcspn(line, "\n")] = '\0';
	reason = shorten(line, REASON_MAX);
	if (node) {
		text_printf(&place, ", ");
		place_append(&place, node, NULL, NULL);
	}
	error_set(reader->err, EBADMSG, "%s line %d%s: %s", reader->what,
		  error->line > 0 ? error->line : libxml.get_line(reader->ctxt),
		  text_string(&place), reason);
}

/* Comes before anything within the document type is read. */
static void on_doctype(void *data, const xmlChar *name, const xmlChar *external,
		       const xmlChar *system)
{
	xmlParserCtxt *ctxt = data;
	struct xml_reader *reader = ctxt->_private;

	(void)name;
	(void)external;
	(void)system;
	if (!reader->failed)
		error_set(reader->err, EBADMSG,
			  "%s line %d, <!DOCTYPE>: a document type is not allowed", reader->what,
			  libxml.get_line(ctxt));
	reader->failed = true;
	libxml.stop(ctxt);
}

static xmlDoc *parse(struct xml_reader *reader, const char *data, size_t length)
{
	xmlParserCtxt *ctxt = libxml.new_parser();
	xmlDoc *tree;

	if (!ctxt)
		abort();
	reader->ctxt = ctxt;
	ctxt->_private = reader;
	ctxt->sax->internalSubset = on_doctype;
	libxml.set_error_func(reader, on_error);
	tree = libxml.read(ctxt, data, (int)length, NULL, NULL,
			   XML_PARSE_NONET | XML_PARSE_COMPACT | XML_PARSE_BIG_LINES);
	libxml.set_error_func(NULL, NULL);
	libxml.free_parser(ctxt);
	return tree;
}

int xml_read(const char *what, const char *data, size_t length, struct xml_doc **ret,
	     struct error *err)
{
	struct xml_reader reader = {.what = what, .err = err};
	auto_xml struct xml_doc *doc = NULL;
	int result;

	assert(length <= INT_MAX);
	if (!length)
		return error_set(err, EBADMSG, "%s: empty", what);
	/* Libxml2 would take what stands before a NUL for the whole document. */
	if (memchr(data, '\0', length))
		return error_set(err, EBADMSG, "%s: NUL bytes in it (UTF-8 is expected)", what);
	result = libxml_open(err);
	if (result < 0)
		return result;
	doc = xcalloc(1, sizeof(*doc));
	doc->what = what;
	doc->tree = parse(&reader, data, length);
	if (reader.failed)
		return -EBADMSG;
	if (!doc->tree || !libxml.get_root(doc->tree))
		return error_set(err, EBADMSG, "%s: not well-formed", what);
	doc->tree->_private = doc;
	*ret = steal(&doc);
	return 0;
}

void xml_free(struct xml_doc *doc)
{
	if (!doc)
		return;
	if (doc->tree)
		libxml.free_doc(doc->tree);
	free(doc);
}

/* --- the tree --- */

const struct xml_node *xml_root(const struct xml_doc *doc)
{
	return node_as(libxml.get_root(doc->tree));
}

static const struct xml_node *element_from(const xmlNode *node)
{
	while (node && node->type != XML_ELEMENT_NODE)
		node = node->next;
	return node_as(node);
}

const struct xml_node *xml_first(const struct xml_node *parent)
{
	return parent ? element_from(node_of(parent)->children) : NULL;
}

const struct xml_node *xml_next(const struct xml_node *element)
{
	return element_from(node_of(element)->next);
}

const struct xml_node *xml_find(const struct xml_node *parent, const char *name)
{
	const struct xml_node *child = xml_first(parent);

	while (child && !xml_is(child, name))
		child = xml_next(child);
	return child;
}

bool xml_is(const struct xml_node *element, const char *name)
{
	return !node_of(element)->ns && strcmp(xml_name(element), name) == 0;
}

const char *xml_name(const struct xml_node *node)
{
	return (const char *)node_of(node)->name;
}

const char *xml_namespace(const struct xml_node *node)
{
	const xmlNs *space = node_of(node)->ns;

	return space ? (const char *)space->href : NULL;
}

unsigned int xml_line(const struct xml_node *element)
{
	long line = libxml.get_line_of(node_of(element));

	return line > 0 ? (unsigned int)line : 0;
}

bool xml_is_textless(const struct xml_node *element)
{
	for (const xmlNode *node = node_of(element)->children; node; node = node->next)
		if (node->type != XML_ELEMENT_NODE && node->type != XML_COMMENT_NODE &&
		    !libxml.is_blank(node))
			return false;
	return true;
}

bool xml_is_bare(const struct xml_node *element)
{
	return xml_is_textless(element) && !xml_first(element);
}

char *xml_text(const struct xml_node *node)
{
	xmlChar *content = libxml.get_content(node_of(node));
	char *copy;

	/* Even no text is ""; NULL is out of memory. */
	if (!content)
		abort();
	copy = xstrdup((const char *)content);
	(*libxml.free)(content);
	return copy;
}

char *xml_attr(const struct xml_node *element, const char *name)
{
	const xmlAttr *attr = element ? libxml.has_attr(node_of(element), BAD_CAST name) : NULL;

	return attr ? xml_text(node_as((const xmlNode *)attr)) : NULL;
}

bool xml_attr_is(const struct xml_node *element, const char *name, const char *value)
{
	auto_free char *found = xml_attr(element, name);

	return text_equal(found, value);
}

/* An xmlAttr begins as an xmlNode does, up to and with its namespace. */
const struct xml_node *xml_attr_first(const struct xml_node *element)
{
	return node_as((const xmlNode *)node_of(element)->properties);
}

const struct xml_node *xml_attr_next(const struct xml_node *attr)
{
	return node_as(node_of(attr)->next);
}
