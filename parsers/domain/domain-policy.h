/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/error.h"
#include "model/guest.h"
#include "model/policy.h"
#include "parsers/domain/xml.h"

/*
 * Appends what our own element in this <metadata> sets to the guest's policy. *first: our element
 * once it is met, as there may be one only however many <metadata> there are; NULL before. EBADMSG
 * as domain_parse.
 */
int domain_policy_read(const struct xml_node *metadata, const struct xml_node **first,
		       struct guest *guest, struct error *err);

/* policy_apply_guest, whose errors name the guest. */
int domain_policy_apply(struct policy *policy, const struct guest *guest, struct error *err);
