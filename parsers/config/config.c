// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which files are the policy of a guest, and in which order they speak.
 */
#include "parsers/config/config.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/trust.h"
#include "parsers/config/config-file.h"

#define DIR_NAME CONFIG_DIR
#define FILE_NAME "hostdev-hook.conf"
#define DROP_IN_NAME FILE_NAME ".d"
#define GUESTS_NAME CONFIG_GUESTS_DIR
#define SUFFIX CONFIG_SUFFIX
#define SHOWN "/etc/" DIR_NAME

static int read_file(int dir, const char *shown_dir, const char *name, struct policy *policy,
		     struct error *err)
{
	auto_free char *shown_name = text_escape(name);
	auto_free char *shown = xasprintf("%s/%s", shown_dir, shown_name);

	return config_file_read(dir, name, shown, policy, err);
}

static int read_drop_ins(const struct host *host, int dir, struct policy *policy, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	auto_close int fd = -1;
	int ret = trust_open_dir(dir, DROP_IN_NAME, SHOWN "/" DROP_IN_NAME, &fd, err);

	if (ret < 0 || fd < 0)
		return ret;
	/* By its path once more, which nobody but root can lead elsewhere. */
	ret = host_list(host, HOST_ETC, &names, NULL, err, DIR_NAME "/" DROP_IN_NAME);
	for (size_t i = 0; ret == 0 && names[i]; i++)
		if (text_ends(names[i], SUFFIX))
			ret = read_file(fd, SHOWN "/" DROP_IN_NAME, names[i], policy, err);
	return ret;
}

bool config_guest_has_file(const char *guest)
{
	return guest && *guest && *guest != '.' && !strchr(guest, '/') &&
	       strlen(guest) + strlen(SUFFIX) <= NAME_MAX;
}

static int read_guest(int dir, const char *guest, struct policy *policy, struct error *err)
{
	auto_free char *name = xasprintf("%s" SUFFIX, guest ? guest : "");
	auto_close int fd = -1;
	int ret = trust_open_dir(dir, GUESTS_NAME, SHOWN "/" GUESTS_NAME, &fd, err);

	if (ret < 0 || fd < 0 || !config_guest_has_file(guest))
		return ret;
	return read_file(fd, SHOWN "/" GUESTS_NAME, name, policy, err);
}

int config_read(const struct host *host, const char *guest, struct policy *policy,
		struct error *err)
{
	auto_policy struct policy result;
	auto_close int dir = -1;
	int ret;

	policy_copy(policy, &result);
	ret = trust_open_dir(host->fd[HOST_ETC], DIR_NAME, SHOWN, &dir, err);
	if (ret < 0 || dir < 0)
		return ret;
	ret = read_file(dir, SHOWN, FILE_NAME, &result, err);
	if (ret == 0)
		ret = read_drop_ins(host, dir, &result, err);
	if (ret == 0)
		ret = read_guest(dir, guest, &result, err);
	if (ret < 0)
		return ret;
	policy_done(policy);
	*policy = result;
	memset(&result, 0, sizeof(result));
	return 0;
}
