// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which nodes go to whom when devices are lent to a program of a user, and back.
 */
#include "session/owner.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host-file.h"
#include "model/owner.h"
#include "scan/nodes.h"

static int read_owner(const struct host *host, const char *name, struct host_owner *ret,
		      struct error *err)
{
	struct stat st;
	int result = host_file_node(host, name, &st, err);

	if (result < 0)
		return result;
	*ret = (struct host_owner){.uid = st.st_uid, .gid = st.st_gid, .mode = st.st_mode & 0777};
	return 0;
}

static int give(struct session *session, struct execution *execution, const char *name,
		const struct host_owner *owner, struct error *err)
{
	struct owned_node node = {.after = *owner};
	auto_text struct text line = TEXT_INIT;
	int ret;

	for (size_t i = 0; i < execution->journal.owned_count; i++)
		if (strcmp(execution->journal.owned[i].name, name) == 0)
			return 0;
	if (strlen(name) >= sizeof(node.name))
		return error_set(err, ENAMETOOLONG, "/dev/%s", name);
	strcpy(node.name, name);
	ret = read_owner(session->host, name, &node.before, err);
	if (ret < 0)
		return ret;
	array_push(execution->journal.owned, execution->journal.owned_count, node);
	journal_format_owned(&node, &line);
	ret = execution_write(execution, line.data, line.length, err);
	return ret < 0 ? ret : host_node_own(session->host, name, owner, err);
}

static int give_device(struct session *session, struct execution *execution,
		       const struct pci_addr *addr, const struct host_owner *owner,
		       size_t *ret_given, struct error *err)
{
	struct node *nodes = NULL;
	size_t count = 0;
	int ret = nodes_read(session->host, addr, &nodes, &count, err);

	for (size_t i = 0; ret == 0 && i < count; i++) {
		if (!node_is_vfio(&nodes[i]))
			continue;
		ret = give(session, execution, nodes[i].name, owner, err);
		++*ret_given;
	}
	nodes_free(&nodes, &count);
	return ret;
}

int owner_give(struct session *session, struct execution *execution, const struct host_owner *owner,
	       struct error *err)
{
	size_t given = 0;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < execution->journal.claim_count; i++)
		ret = give_device(session, execution, &execution->journal.claims[i], owner, &given,
				  err);
	if (ret == 0 && given == 0)
		return error_set(err, ENOENT, "the devices have no node below /dev/vfio");
	return ret;
}

/*
 * Is it as we have left it? Whoever was killed at it has left less of the mode, and perhaps the
 * owner from before (real_node_own).
 */
static bool is_ours(const struct owned_node *node, const struct host_owner *now)
{
	mode_t least = node->before.mode & node->after.mode;

	if (owner_equal(now, &node->after))
		return true;
	return now->mode == least &&
	       ((now->uid == node->after.uid && now->gid == node->after.gid) ||
		(now->uid == node->before.uid && now->gid == node->before.gid));
}

void owner_take_back(const struct session *session, const struct journal *journal)
{
	for (size_t i = 0; i < journal->owned_count; i++) {
		const struct owned_node *node = &journal->owned[i];
		struct error failure = ERROR_INIT;
		struct host_owner now;

		if (read_owner(session->host, node->name, &now, NULL) < 0 || !is_ours(node, &now))
			continue;
		if (host_node_own(session->host, node->name, &node->before, &failure) < 0)
			session_log(session, LOG_LEVEL_WARNING,
				    "/dev/%s could not be given back to whom it was: %s",
				    node->name, failure.text);
	}
}
