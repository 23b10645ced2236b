// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration read as the hook reads it, for every guest that has a file of its own: a slip
 * in one is told now, and not when that guest is to start.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "model/policy.h"
#include "parsers/config/config.h"

#define DIR "hostdev-hook"
#define SHOWN "/etc/" DIR
#define SUFFIX ".conf"

static bool ids_are_known(struct check *check, const struct origins *origins, const char *subject)
{
	bool fine = true;

	for (size_t i = 0; i < origins->count; i++) {
		const struct origin *origin = &origins->items[i];
		auto_free char *unknown = NULL, *meant = NULL;
		struct finding_set set;

		if (strcmp(origin->key, "ignore") != 0 ||
		    !finding_set_parse(origin->value, &set, &unknown) || !unknown)
			continue;
		meant = finding_id_suggest(unknown);
		findings_add(&check->findings, FIND_CONFIG_UNKNOWN_ID, FINDING_PROBLEM, subject,
			     "%s: ignore: %.80s is the id of no finding%s", origin->where, unknown,
			     meant);
		fine = false;
	}
	return fine;
}

static bool reads_well(struct check *check, const char *guest, const char *subject)
{
	cleanup(origins_done) struct origins origins = {0};
	auto_policy struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;

	policy.origins = &origins;
	if (config_read(check->host, guest, &policy, &err) == 0)
		return ids_are_known(check, &origins, subject);
	findings_add(&check->findings, FIND_CONFIG_INVALID, FINDING_PROBLEM, subject, "%s; %s",
		     err.text,
		     guest ? "this guest is not started" : "no guest with host devices is started");
	return false;
}

/* The name before ".conf", or NULL; heap. */
static char *stem_of(const char *name)
{
	size_t length = strlen(name), suffix = strlen(SUFFIX);

	if (length <= suffix || strcmp(name + length - suffix, SUFFIX) != 0)
		return NULL;
	return xasprintf("%.*s", (int)(length - suffix), name);
}

/* Each file of a directory; with "guests", read as that guest's. False: one is wrong. */
static bool check_files(struct check *check, const char *directory, bool guests)
{
	cleanup(host_free_names) char **names = NULL;
	bool fine = true;

	if (host_list(check->host, HOST_ETC, &names, NULL, NULL, DIR "/%s", directory) < 0)
		return true;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *subject = xasprintf(SHOWN "/%s/%s", directory, names[i]);
		auto_free char *stem = stem_of(names[i]);

		if (!stem)
			findings_add(&check->findings, FIND_CONFIG_NOT_READ, FINDING_NOTE, subject,
				     "is not read: its name does not end in " SUFFIX);
		else if (guests)
			fine &= reads_well(check, stem, subject);
	}
	return fine;
}

void check_config(struct check *check)
{
	bool fine = reads_well(check, NULL, SHOWN);

	check_files(check, "hostdev-hook.conf.d", false);
	/* What is wrong for all would be told again for each. */
	if (fine)
		fine = check_files(check, "guests", true);
	if (fine)
		findings_add(&check->findings, FIND_CONFIG_VALID, FINDING_OK, SHOWN,
			     host_exists(check->host, HOST_ETC, DIR)
				     ? "the configuration is valid"
				     : "is not there: everything is as by default");
}
