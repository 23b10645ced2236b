// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration read as the hook reads it, for every guest that has a file of its own: a slip
 * in one is told now, and not when that guest is to start.
 * Tests: ctl/check.bats, ctl/check-host.bats.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "model/policy.h"
#include "parsers/config/config.h"

#define SHOWN "/etc/" CONFIG_DIR

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
		check_problem(check, FIND_CONFIG_UNKNOWN_ID, subject,
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
	check_problem(check, FIND_CONFIG_INVALID, subject, "%s; %s", err.text,
		      guest ? "this guest is not started"
			    : "no guest with host devices is started");
	return false;
}

/* Each file of a directory; with "guests", read as that guest's. False: one is wrong. */
static bool check_files(struct check *check, const char *directory, bool guests)
{
	cleanup(host_free_names) char **names = NULL;
	bool fine = true;

	if (host_list(check->host, HOST_ETC, &names, NULL, NULL, CONFIG_DIR "/%s", directory) < 0)
		return true;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *subject = xasprintf(SHOWN "/%s/%s", directory, names[i]);

		if (!text_ends(names[i], CONFIG_SUFFIX)) {
			check_note(check, FIND_CONFIG_NOT_READ, subject,
				   "is not read: its name does not end in " CONFIG_SUFFIX);
		} else if (guests) {
			size_t length = strlen(names[i]) - strlen(CONFIG_SUFFIX);
			auto_free char *guest = xasprintf("%.*s", (int)length, names[i]);

			fine &= reads_well(check, guest, subject);
		}
	}
	return fine;
}

void check_config(struct check *check)
{
	bool fine = reads_well(check, NULL, SHOWN);

	check_files(check, "hostdev-hook.conf.d", false);
	/* What is wrong for all would be told again for each. */
	if (fine)
		fine = check_files(check, CONFIG_GUESTS_DIR, true);
	if (fine)
		check_ok(check, FIND_CONFIG_VALID, SHOWN,
			 host_exists(check->host, HOST_ETC, CONFIG_DIR)
				 ? "the configuration is valid"
				 : "is not there: everything is as by default");
}
