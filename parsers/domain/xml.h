/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"

/*
 * An XML document as a tree to walk: elements without comments, and attributes, both as nodes that
 * live as long as the document. Functions that take a node to look into take NULL for an absent
 * one, which has nothing in it. Out of memory aborts, as everywhere (base/text.h).
 */
struct xml_doc;
struct xml_node;

/*
 * Parses at most INT_MAX bytes. No network, no document type (hence no entities), libxml2's own
 * bounds (nesting 256 deep). what: what the document is, for messages ("domain XML"). EBADMSG with
 * one line naming line and element; ELIBACC without libxml2; nothing is printed. *ret: xml_free.
 */
int xml_read(const char *what, const char *data, size_t length, struct xml_doc **ret,
	     struct error *err);
void xml_free(struct xml_doc *doc);

static inline void cleanup_xml(struct xml_doc **doc)
{
	xml_free(*doc);
}
#define auto_xml cleanup(cleanup_xml)

const struct xml_node *xml_root(const struct xml_doc *doc); /* never NULL */

/* Elements in document order. */
const struct xml_node *xml_first(const struct xml_node *parent);
const struct xml_node *xml_next(const struct xml_node *element);

/* The first child element of that name in no namespace. */
const struct xml_node *xml_find(const struct xml_node *parent, const char *name);

bool xml_is(const struct xml_node *element, const char *name); /* named so, in no namespace */
const char *xml_name(const struct xml_node *node);             /* without prefix */
const char *xml_namespace(const struct xml_node *node);        /* URI or NULL */
unsigned int xml_line(const struct xml_node *element);

/* True when nothing but elements, comments and white space is in it. */
bool xml_is_textless(const struct xml_node *element);
/* The same without elements. */
bool xml_is_bare(const struct xml_node *element);

/* All text in an element or attribute; "" where there is none. Heap. */
char *xml_text(const struct xml_node *node);

/*
 * An attribute's value; heap, NULL where absent. The attribute's namespace is not looked at, as
 * libvirt does not either (it reads attributes with xmlGetProp).
 */
char *xml_attr(const struct xml_node *element, const char *name);
bool xml_attr_is(const struct xml_node *element, const char *name, const char *value);

const struct xml_node *xml_attr_first(const struct xml_node *element);
const struct xml_node *xml_attr_next(const struct xml_node *attr);

/*
 * Sets EBADMSG and "<what> line N: <place><of><element attr='value'>: <reason>" and returns
 * -EBADMSG. attr and value may be NULL. What the document brings is shortened and escaped here;
 * the caller sees to the reason (xml_quote).
 */
int xml_refuse(const struct xml_node *element, const char *attr, const char *value,
	       struct error *err, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Text of a document as it may stand in a message: short, one line. Heap. */
char *xml_quote(const char *text);
