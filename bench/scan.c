// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scan for holders as the hook makes it, alone: who has the node of this number open?
 *
 *   scan MAJOR MINOR
 */
#include <stdio.h>
#include <stdlib.h>

#include "scan/processes.h"

int main(int argc, char **argv)
{
	static char name[] = "full";
	struct node node = {.name = name};
	struct error err = ERROR_INIT;
	struct scan scan = {0};
	struct host host;

	if (argc != 3)
		return EXIT_FAILURE;
	node.major = (uint32_t)atoi(argv[1]);
	node.minor = (uint32_t)atoi(argv[2]);
	if (host_open(&host, "/", NULL, NULL, &err) < 0 ||
	    processes_scan(&host, &node, 1, &scan, &err) < 0) {
		fprintf(stderr, "scan: %s\n", err.text);
		return EXIT_FAILURE;
	}
	printf("%zu held, %zu unknown\n", scan.hit_count, scan.gap_count);
	scan_done(&scan);
	host_close(&host);
	return EXIT_SUCCESS;
}
