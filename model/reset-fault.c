// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which graphics cards come back badly from a guest, as their users report it. Whoever finds a card
 * missing adds its numbers and where that is told. Tests: ctl/check-host.bats.
 */
#include "model/reset-fault.h"

#include <stddef.h>

#define AMD 0x1002
#define NVIDIA 0x10de

static const struct reset_fault
	polaris = {"AMD RX 400 and 500 (Polaris)",
		   "They have no reset that works: a guest starts once, and again only after a "
		   "restart of the host",
		   true},
	vega = {"AMD Vega and Radeon VII",
		"They have no reset that works: a guest starts once, and again only after a "
		"restart "
		"of the host",
		true},
	navi10 = {"AMD RX 5000 (Navi 10, 12 and 14)",
		  "They have no reset that works: a guest starts once, and again only after a "
		  "restart of the host",
		  true},
	navi4 = {"AMD RX 9000 (Navi 44 and 48)",
		 "They often do not come back from a guest, least of all if amdgpu has not had "
		 "them "
		 "first: do not reserve them from boot on",
		 false},
	blackwell = {
		"NVIDIA RTX 50",
		"They may fail to reset when a guest ends, and some hosts freeze then: keep the "
		"driver and the card's firmware up to date",
		false};

/*
 * Polaris, Vega, Navi 10 to 14: the cards that gnif/vendor-reset was made for. RX 9000:
 * gnif/vendor-reset#107, mroboff/vm-curator#60. RTX 50: NVIDIA/open-gpu-kernel-modules#853, #1353.
 */
static const struct {
	uint16_t vendor, first, last;
	const struct reset_fault *fault;
} rows[] = {
	{AMD, 0x67c0, 0x67ff, &polaris},      {AMD, 0x6980, 0x699f, &polaris},
	{AMD, 0x6fdf, 0x6fdf, &polaris},      {AMD, 0x6860, 0x687f, &vega},
	{AMD, 0x66a0, 0x66af, &vega},         {AMD, 0x7310, 0x731f, &navi10},
	{AMD, 0x7340, 0x734f, &navi10},       {AMD, 0x7360, 0x7362, &navi10},
	{AMD, 0x7550, 0x7551, &navi4},        {AMD, 0x7590, 0x7590, &navi4},
	{NVIDIA, 0x2b80, 0x2bbf, &blackwell}, {NVIDIA, 0x2c00, 0x2c7f, &blackwell},
	{NVIDIA, 0x2d00, 0x2dff, &blackwell}, {NVIDIA, 0x2f00, 0x2f7f, &blackwell},
};

const struct reset_fault *reset_fault_find(uint16_t vendor, uint16_t product)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].vendor == vendor && rows[i].first <= product && product <= rows[i].last)
			return rows[i].fault;
	return NULL;
}
