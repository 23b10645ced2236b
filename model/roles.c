// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The names of programs that use graphics and sound cards in ways of their own: where a new
 * compositor is entered. Programs that are never stopped are in protected.c.
 * Tests: model/test-survey.c, model/test-cases.c.
 */
#include "model/roles.h"

#include <stddef.h>

#include "model/program.h"

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
	NULL,
};

/* Those of them that take no notice of a card that goes, as their own documentation or users tell.
 */
static const char *const card_keepers[] = {
	"X", "Xorg", "Xorg.bin", "cinnamon", "gnome-kiosk", "gnome-shell", "muffin", "mutter", NULL,
};

/* They draw while the host boots or shuts down, and nobody works on them. */
static const char *const splashes[] = {
	"plymouthd", "psplash",     "psplash-*", "splashy",   "fbsplashd*",
	"usplash",   "bootsplash*", "rhgb",      "ply-image", NULL,
};

/* They ask disks for their health or their contents' names, and write nothing. */
static const char *const disk_watchers[] = {
	"smartd",  "smartctl",        "udisksd", "upowerd", "fwupd",
	"hddtemp", "gvfs-udisks2-vo", "blkid",   NULL,
};

/* They follow udev's events, and let go of a card that is gone. */
static const char *const sound_servers[] = {
	"pipewire", "pipewire-media*", "wireplumber", "pulseaudio", "pipewire-pulse", NULL,
};

/* Somebody types into them. */
static const char *const shells[] = {
	"ash",  "bash", "busybox", "csh", "dash", "elvish", "fish",
	"ksh*", "mksh", "nu",      "sh",  "tcsh", "zsh",    NULL,
};

/* They start a program that they are told to, and do not start it again when it ends. */
static const char *const launchers[] = {
	"tmux*",       "screen",    "script",  "sudo",
	"su",          "doas",      "env",     "nohup",
	"setsid",      "setpriv",   "runuser", "timeout",
	"startx",      "sx",        "xinit",   "dbus-run-session",
	"dbus-launch", "ssh-agent", "uwsm",    "sshd*",
	"login",       "systemd",   NULL,
};

bool roles_is_display_server(const char *comm)
{
	return program_is_one_of(comm, display_servers);
}

bool roles_keeps_cards(const char *comm)
{
	return program_is_one_of(comm, card_keepers);
}

bool roles_is_splash(const char *comm)
{
	return program_is_one_of(comm, splashes);
}

bool roles_is_sound_server(const char *comm)
{
	return program_is_one_of(comm, sound_servers);
}

bool roles_is_shell(const char *comm)
{
	return program_is_one_of(comm, shells);
}

bool roles_only_starts(const char *name)
{
	return program_is_one_of(name, shells) || program_is_one_of(name, launchers);
}

bool roles_watches_disks(const char *comm)
{
	return program_is_one_of(comm, disk_watchers);
}
