// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl set GUEST: which policy is in force, and which file or element each value comes from.
 * Tests: ctl/set.bats.
 */
#include "hostdevctl/set/set.h"

#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/output/table.h"
#include "parsers/config/config.h"
#include "parsers/domain/domain-policy.h"

enum set_column { COLUMN_KEY, COLUMN_DEVICE, COLUMN_VALUE, COLUMN_FROM };

const struct output_column set_columns[SET_COLUMNS] = {
	[COLUMN_KEY] = {.name = "KEY"},
	[COLUMN_DEVICE] = {.name = "DEVICE"},
	[COLUMN_VALUE] = {.name = "VALUE"},
	[COLUMN_FROM] = {.name = "FROM"},
};

int set_policy_read(const struct set *set, struct policy *policy, struct error *err)
{
	int ret = config_read(&set->host, set->guest.name, policy, err);

	return ret < 0 ? ret : domain_policy_apply(policy, &set->guest, err);
}

static void add_row(struct table_rows *rows, const char *key, const char *device, const char *value,
		    const char *from)
{
	char **row = table_rows_add(rows);

	row[COLUMN_KEY] = xstrdup(key);
	row[COLUMN_DEVICE] = xstrdup(device);
	row[COLUMN_VALUE] = xstrdup(value);
	row[COLUMN_FROM] = xstrdup(from);
}

/* One row for each device that has a value of its own. */
static void add_devices(struct table_rows *rows, const struct origins *origins, const char *key)
{
	for (size_t i = 0; i < origins->count; i++) {
		const struct origin *origin = &origins->items[i];

		if (origin->has_addr && strcmp(origin->key, key) == 0 &&
		    origins_find(origins, &origin->addr, key) == origin)
			add_row(rows, key, ADDR(&origin->addr), origin->value, origin->where);
	}
}

int set_show(const struct set *set, const struct output *output, struct error *err)
{
	cleanup(table_rows_done) struct table_rows rows = {.column_count = SET_COLUMNS};
	cleanup(origins_done) struct origins origins = {0};
	auto_policy struct policy policy = POLICY_INIT;
	const char *key;
	int ret;

	policy.origins = &origins;
	ret = set_policy_read(set, &policy, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; (key = policy_key(i)); i++) {
		const struct origin *origin = origins_find(&origins, NULL, key);

		add_row(&rows, key, NULL, origin ? origin->value : policy_default(key),
			origin ? origin->where : "default");
		add_devices(&rows, &origins, key);
	}
	return output_print(output, rows.cells, rows.count, err);
}
