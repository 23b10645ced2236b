// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an argument that stands for a guest may be, and how its XML is had. Tests: ctl/plan.bats.
 */
#include "hostdevctl/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "hostdevctl/domains.h"
#include "parsers/domain/domain-policy.h"
#include "parsers/domain/domain.h"
#include "parsers/libvirt/known-guests.h"

static bool is_file(const char *argument)
{
	struct stat st;

	/* Libvirt allows no slash in a name. */
	return strchr(argument, '/') || text_ends(argument, ".xml") ||
	       (stat(argument, &st) == 0 && !S_ISDIR(st.st_mode));
}

static int read_all(int fd, const char *name, struct text *ret, struct error *err)
{
	char chunk[65536];
	ssize_t length;

	text_append(ret, "", 0);
	while ((length = read(fd, chunk, sizeof(chunk))) > 0) {
		text_append(ret, chunk, (size_t)length);
		if (ret->length > DOMAIN_XML_MAX)
			return error_set(err, EFBIG, "%s: larger than %u MiB", name,
					 DOMAIN_XML_MAX >> 20);
	}
	return length < 0 ? error_errno(err, errno, "read %s", name) : 0;
}

static int read_file(const char *name, struct text *ret, struct error *err)
{
	auto_close int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_errno(err, errno, "open %s", name);
	return read_all(fd, name, ret, err);
}

static void tell_gaps(struct text *gaps)
{
	char *at = gaps->data, *line;

	while (at && (line = strsep(&at, "\n")) && *line)
		command_note("%s", line);
}

static int read_known_guests(const struct host *host, struct known_guests *ret, struct text *gaps,
			     struct error *err)
{
	int result = known_guests_read(host, ret, gaps, err);

	if (result == -EACCES && geteuid() != 0)
		return error_set(err, EACCES, "only root may read which guests there are");
	return result;
}

int input_known_guests(const struct host *host, struct known_guests *ret, struct error *err)
{
	auto_text struct text gaps = TEXT_INIT;
	int result = read_known_guests(host, ret, &gaps, err);

	tell_gaps(&gaps);
	return result;
}

/* As libvirt's files have it; *ret_path: which of them. */
static int read_known(const char *word, const char *root, struct guest *ret, char **ret_path,
		      struct error *err)
{
	auto_known_guests struct known_guests guests = {0};
	cleanup(host_close) struct host host = {0};
	auto_text struct text gaps = TEXT_INIT;
	const struct known_guest *found;
	int result = command_open(root, NULL, &host, err);

	if (result == 0)
		result = read_known_guests(&host, &guests, &gaps, err);
	if (result < 0)
		return result;
	found = known_guests_find(&guests, word);
	if (found) {
		known_guest_take(&guests, found, ret, ret_path);
		return 0;
	}
	/* One of them may be the guest that is meant. */
	tell_gaps(&gaps);
	return known_guests_refuse(&guests, word, err);
}

/* Where the daemon does not answer, its files do: they are what it would read when it starts. */
static int read_without_libvirt(const char *word, const struct error *why, struct guest *ret,
				struct error *err)
{
	auto_free char *path = NULL;
	struct error files = ERROR_INIT;
	int result = read_known(word, NULL, ret, &path, &files);

	if (result == -ENOENT)
		return error_set(err, ENOENT, "%s (%s)", files.text, why->text);
	if (result < 0)
		return error_set(err, why->code, "%s. %s", why->text,
				 geteuid() ? "Start libvirtd or virtqemud, or run this with sudo"
					   : files.text);
	command_note("%s: what follows goes by %s", why->text, path);
	return 0;
}

static int read_name(const char *word, const char *root, struct guest *ret, struct error *err)
{
	auto_free char *xml = NULL, *path = NULL;
	struct error why = ERROR_INIT;
	int result;

	if (root)
		return read_known(word, root, ret, &path, err);
	result = domains_read_xml(word, &xml, &why);
	if (result == -ETIMEDOUT || result == -ENOTCONN)
		return read_without_libvirt(word, &why, ret, err);
	if (result < 0)
		return error_set(err, -result, "%s", why.text);
	result = domain_parse(xml, strlen(xml), ret, err);
	return result < 0 ? error_wrap(err, "%s", word) : 0;
}

int input_read_definition(const char *argument, const char *root, struct guest *ret,
			  struct error *err)
{
	bool is_stdin = strcmp(argument, "-") == 0;
	auto_text struct text xml = TEXT_INIT;
	int result;

	if (is_stdin)
		result = read_all(STDIN_FILENO, "standard input", &xml, err);
	else if (is_file(argument))
		result = read_file(argument, &xml, err);
	else
		return read_name(argument, root, ret, err);
	if (result < 0)
		return result;
	result = domain_parse(xml.data, xml.length, ret, err);
	return result < 0 ? error_wrap(err, "%s", is_stdin ? "standard input" : argument) : 0;
}

/* Keys and values are right or wrong whatever the host's configuration says. */
static int check_policy(const char *argument, const struct guest *guest, struct error *err)
{
	auto_policy struct policy policy = POLICY_INIT;
	int result = domain_policy_apply(&policy, guest, err);

	if (result < 0 && !text_equal(argument, guest->name))
		error_wrap(err, "%s", strcmp(argument, "-") == 0 ? "standard input" : argument);
	return result;
}

int input_read_guest(const char *argument, const char *root, struct guest *ret, struct error *err)
{
	auto_guest struct guest guest = {0};
	int result = input_read_definition(argument, root, &guest, err);

	if (result == 0)
		result = check_policy(argument, &guest, err);
	if (result < 0)
		return result;
	*ret = guest;
	memset(&guest, 0, sizeof(guest));
	return 0;
}
