// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which guest a word on the command line means, for commands that ask what is recorded of guests:
 * those that libvirt does not know any more may have devices on loan, too. Tests: ctl/status.bats.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/status/status.h"
#include "parsers/libvirt/known-guests.h"

bool status_is_of(const struct guest_status *status, const char *guest)
{
	return strcmp(status->guest, guest) == 0 || strcmp(status->uuid, guest) == 0;
}

static bool is_recorded(const struct statuses *statuses, const char *word)
{
	for (size_t i = 0; i < statuses->count; i++)
		if (status_is_of(&statuses->items[i], word))
			return true;
	return false;
}

int status_find_guest(const struct host *host, const struct statuses *statuses, const char *word,
		      char **ret, struct error *err)
{
	auto_known_guests struct known_guests known = {0};
	auto_text struct text gaps = TEXT_INIT;
	const struct known_guest *found;

	if (is_recorded(statuses, word)) {
		*ret = xstrdup(word);
		return 0;
	}
	/* A host without libvirt has guests all the same. */
	if (known_guests_read(host, &known, &gaps, NULL) < 0 || known.count == 0) {
		*ret = xstrdup(word);
		return 0;
	}
	found = known_guests_find(&known, word);
	if (!found && !gaps.length)
		return known_guests_refuse(&known, word, err);
	*ret = xstrdup(found && found->guest.name ? found->guest.name : word);
	return 0;
}

int status_find_guests(const struct host *host, struct status_request *request, struct error *err)
{
	auto_statuses struct statuses statuses = {0};

	if (request->guest_count == 0)
		return 0;
	statuses_read(host, &statuses, NULL);
	request->found = xcalloc((size_t)request->guest_count + 1, sizeof(*request->found));
	for (int i = 0; i < request->guest_count; i++) {
		int ret = status_find_guest(host, &statuses, request->guests[i], &request->found[i],
					    err);

		if (ret < 0)
			return ret;
	}
	request->guests = request->found;
	return 0;
}
