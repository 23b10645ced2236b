// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The names of programs that are more to a host than somebody's program. The only place that has
 * them, and where a new compositor is entered.
 */
#include "parsers/roles.h"

#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* What the kernel keeps of a name. */
#define COMM_LENGTH 15

static const char *const display_servers[] = {
	"X",
	"Xorg",
	"Xorg.bin",
	"Xwayland",
	"cage",
	"cinnamon",
	"cosmic-comp",
	"dwl",
	"gamescope",
	"gamescope-wl",
	"gnome-kiosk",
	"gnome-shell",
	"hikari",
	"Hyprland",
	"kwin_wayland",
	"kwin_wayland_wrapper",
	"kwin_x11",
	"labwc",
	"lomiri",
	"miriway",
	"mir_demo_server",
	"muffin",
	"mutter",
	"niri",
	"phoc",
	"qtile",
	"river",
	"sway",
	"wayfire",
	"weston",
};

static const char *const buses[] = {
	"dbus-daemon",
	"dbus-broker",
	"dbus-broker-launch",
};

static const char *const session_keepers[] = {
	"systemd-logind",
	"elogind",
	"elogind-daemon",
	"seatd",
};

/* "systemd" here is a user's manager: the system's own has PID 1. */
static const char *const pillars[] = {
	"systemd",      "systemd-udevd", "udevd",         "(udev-worker)",  "libvirtd",
	"virtlockd",    "virtlogd",      "virtchd",       "virtinterfaced", "virtlxcd",
	"virtnetworkd", "virtnodedevd",  "virtnwfilterd", "virtproxyd",     "virtqemud",
	"virtsecretd",  "virtstoraged",  "virtvboxd",     "virtxend",
};

/*
 * Is comm what the kernel keeps of name? Some distributions wrap programs: ".sway-wrapped" is cut
 * to that length as well.
 */
static bool is_program(const char *comm, const char *name)
{
	auto_free char *wrapped = xasprintf(".%s-wrapped", name);

	return strncmp(comm, name, COMM_LENGTH) == 0 || strncmp(comm, wrapped, COMM_LENGTH) == 0;
}

static bool is_one_of(const char *comm, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_program(comm, names[i]))
			return true;
	return false;
}

#define IS_ONE_OF(comm, names) is_one_of(comm, names, sizeof(names) / sizeof((names)[0]))

bool program_is_display_server(const char *comm)
{
	return IS_ONE_OF(comm, display_servers);
}

bool program_is_bus(const char *comm)
{
	return IS_ONE_OF(comm, buses);
}

bool program_is_session_keeper(const char *comm, uid_t uid)
{
	return uid == 0 && IS_ONE_OF(comm, session_keepers);
}

/* Other hypervisors' processes, as the kernel cuts their names. */
static const char *const machines[] = {
	"VBoxHeadless", "VirtualBoxVM", "crosvm", "firecracker", "kvm", "vmware-vmx",
};

static bool is_machine_name(const char *name)
{
	/* Wrapped, as above. */
	name += *name == '.';
	return text_starts(name, "qemu-") || text_starts(name, "cloud-hyperviso") ||
	       IS_ONE_OF(name, machines);
}

bool program_is_machine(const char *comm, const char *exe)
{
	return is_machine_name(comm) || is_machine_name(exe);
}

bool program_is_protected(const char *comm)
{
	return program_is_bus(comm) || IS_ONE_OF(comm, pillars);
}

bool unit_is_protected(const char *unit)
{
	const char *dot = strrchr(unit, '.');

	if (strcmp(unit, "init.scope") == 0)
		return true;
	for (size_t i = 0; i < sizeof(pillars) / sizeof(pillars[0]); i++)
		if (dot && strncmp(unit, pillars[i], (size_t)(dot - unit)) == 0 &&
		    !pillars[i][dot - unit] && strcmp(dot, ".service") == 0)
			return true;
	return false;
}
