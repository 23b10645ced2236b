// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host would lose with each use of a device, in words, and what helps.
 * Tests: unit/test-refusal.c.
 */
#include "model/refusal.h"

static const struct use_words uses[USE_KINDS] = {
	[USE_MOUNT] = {"Taking it would destroy data", "Unmount it first"},
	[USE_SWAP] = {"Taking it would crash what is swapped out to it",
		      "Switch it off (swapoff) first"},
	[USE_STACKED] = {"Taking it would destroy data", "Take that apart first"},
	[USE_MEMBER] = {"Taking it would destroy data", "Unmount it first"},
	[USE_CLAIMED] = {"Taking it would destroy data",
			 "Find out what uses it (lsblk, zpool status) and end that first"},
	[USE_EXPORTED] = {"Those who use it from there would lose data",
			  "Take it out of that export first"},
	[USE_MEDIATED] = {"Mediated devices vanish with their card",
			  "Stop what uses them, if anything does, and then the mediated devices "
			  "themselves (mdevctl stop -u UUID)"},
	[USE_MEMORY] = {"The host would lose that memory",
			"Take the memory away from the host first (cxl, daxctl)"},
	[USE_WATCHDOG] =
		{"Letting it go may reset this host",
		 "Switch it off first: RuntimeWatchdogSec=off in systemd's system.conf(5), "
		 "or stop the program that keeps it"},
	[USE_IMAGE] = {"The guest would lose its own disk image",
		       "Move the image to another disk, or remove this device from the guest"},
	[USE_UNREADABLE] = {"Data may be lost", "Repair that first"},
	[USE_DEFAULT_ROUTE] = {"The host would lose that way to the network",
			       "Move the route to another interface"},
	[USE_SSH] = {"That login would be cut off", "Log in over another interface"},
	[USE_UPPER] = {"The host would lose what stands on it", "Take it out of there first"},
	[USE_NETWORK_ROOT] = {"The host would lose what it runs from",
			      "Reach that server over another interface"},
	[USE_NETWORK_MOUNT] = {"The host would lose it",
			       "Unmount it, or reach that server over another interface"},
	[USE_NETNS] =
		{"A container that uses it would be cut off",
		 "Bring its interface back to this network namespace, or make sure that nothing "
		 "uses it"},
	[USE_KEYBOARD] = {"Nobody could type on this host until the guest ends",
			  "Plug a keyboard in elsewhere"},
	[USE_CONSOLE] = {"That way into the host would be gone", "Make sure of another one"},
	[USE_LOGIN] = {"The person who works there would sit before a dark screen",
		       "Log out there; with display=release the login goes on unseen until the "
		       "guest has ended"},
	[USE_LINE] = {"That login would be cut off", "Log out there first"},
	[USE_IGPU] = {"Few hosts survive its loss", "Make sure that the host needs no display"},
	[USE_CHIPSET] = {"The host itself needs it", "Remove it from the guest"},
	[USE_HUNG_TASK] = {"A driver may hang when it lets go of its device",
			   "Switch that off (sysctl kernel.hung_task_panic=0)"},
	[USE_NVIDIA] = {"Taking the card now would hang this host",
			"Stop nvidia-persistenced and what uses the card, switch persistence mode "
			"off (nvidia-smi -pm 0)"},
};

struct use_words refusal_use_words(enum use_kind kind)
{
	return uses[kind];
}
