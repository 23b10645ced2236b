// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl check --ids: all findings that there can be, for who is to choose which to ignore.
 */
#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "hostdevctl/output/table.h"

enum ids_column { COLUMN_ID, COLUMN_MEANING, COLUMNS };

static const struct output_column columns[COLUMNS] = {
	[COLUMN_ID] = {.name = "ID"},
	[COLUMN_MEANING] = {.name = "MEANING"},
};

void check_ids_output(struct output *output)
{
	output->name = "ids";
	output->columns = columns;
	output->column_count = COLUMNS;
}

int check_print_ids(const struct output *output)
{
	cleanup(table_rows_done) struct table_rows rows = {.column_count = COLUMNS};
	struct error err = ERROR_INIT;

	for (int id = 0; id < FINDING_IDS; id++) {
		char **row = table_rows_add(&rows);

		row[COLUMN_ID] = xstrdup(finding_id_name((enum finding_id)id));
		row[COLUMN_MEANING] = xstrdup(finding_id_meaning((enum finding_id)id));
	}
	return output_print(output, rows.cells, rows.count, &err) < 0 ? command_fail(&err)
								      : COMMAND_DONE;
}
