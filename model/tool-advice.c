// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the traces of other tools mean beside this program: which are redundant, which do harm, and
 * what is to be done about each. Tests: unit/test-tool-sign.c.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/tool-sign.h"

/* What does no harm, but is done by hostdev-hook now, is a note. */
static const struct tool_advice advices[] = {
	{FIND_SCRIPT_DETACHES_DEVICE, FINDING_PROBLEM,
	 "asks libvirt for a device while libvirt waits for this script, so that both wait; "
	 "hostdev-hook lends and returns what the guest names: delete this line"},
	{FIND_SCRIPT_UNLOADS_DRIVER, FINDING_PROBLEM,
	 "takes the driver away before hostdev-hook has seen it, so that hostdev-hook gives the "
	 "device back without a driver; a driver that is in use may hang: delete this line, and "
	 "the line that loads the driver again"},
	{FIND_SCRIPT_UNLOADS_VFIO, FINDING_NOTE,
	 "fails while another guest has a device, and VFIO does no harm while it stays loaded: "
	 "delete this line"},
	{FIND_SCRIPT_LOADS_DRIVER, FINDING_NOTE,
	 "is redundant: hostdev-hook loads what a device needs, and gives the driver back: delete "
	 "this line"},
	{FIND_SCRIPT_BINDS_DRIVER, FINDING_PROBLEM,
	 "changes a driver before hostdev-hook has looked who uses the device, and hostdev-hook "
	 "then gives the device back to that driver: delete this line"},
	{FIND_SCRIPT_REMOVES_DEVICE, FINDING_PROBLEM,
	 "takes devices off the bus or searches for them, while hostdev-hook works with them; what "
	 "is lent may be lost: delete this line"},
	{FIND_SCRIPT_UNBINDS_CONSOLE, FINDING_NOTE,
	 "is redundant: hostdev-hook takes the text console off a device and puts it back: delete "
	 "this line, and the line that does the reverse"},
	{FIND_SCRIPT_UNBINDS_FRAMEBUFFER, FINDING_NOTE,
	 "is redundant: hostdev-hook releases the firmware's picture where it shows on the device: "
	 "delete this line, and the line that does the reverse"},
	{FIND_SCRIPT_STOPS_DISPLAY, FINDING_NOTE,
	 "is redundant: \"hostdevctl set GUEST display=stop\" has hostdev-hook do this, and undo "
	 "it "
	 "even when the guest does not start: set that, and delete this line and the line that "
	 "does the reverse"},
	{FIND_SCRIPT_ENDS_PROGRAMS, FINDING_NOTE,
	 "ends programs by their names, also those that do not use the device; hostdev-hook ends "
	 "those that do (key processes): delete this line"},
	{FIND_HOOK_DISPATCHER, FINDING_PROBLEM,
	 "runs the scripts in " HOSTDEV_HOOK_DIR
	 "/qemu.d/GUEST, as hostdev-hook does itself: beside "
	 "hostdev-hook, each script runs twice. Delete this file, do not keep it"},
	{FIND_HOOK_HANDS_OVER, FINDING_PROBLEM,
	 "hands devices over to guests by itself, as hostdev-hook does, so that one undoes what "
	 "the other does: delete this file"},
	{FIND_VFIO_IDS, FINDING_NOTE,
	 "keeps devices from the host at each boot; hostdev-hook lends them without that: delete "
	 "this, or reserve them by address with \"hostdevctl generate static\""},
	{FIND_VFIO_IDS_TWINS, FINDING_PROBLEM, NULL},
	{FIND_VFIO_IDS_NEEDED, FINDING_PROBLEM, NULL},
	{FIND_VFIO_SOFTDEP, FINDING_NOTE,
	 "loads VFIO before another driver, which only ids for vfio-pci need: delete this line"},
	{FIND_VFIO_INSTALL, FINDING_NOTE,
	 "runs a command in place of loading VFIO, also when hostdev-hook loads VFIO for a guest: "
	 "delete this line; \"hostdevctl generate static\" reserves devices by address"},
	{FIND_MODULES_LOAD_VFIO, FINDING_NOTE,
	 "is redundant: hostdev-hook loads VFIO when a guest needs it: delete this line"},
	{FIND_INITRAMFS_LOADS_VFIO, FINDING_NOTE,
	 "has VFIO loaded in the initramfs, which only devices need that the host never has: "
	 "delete "
	 "this and build the image anew; \"hostdevctl generate static\" does it for such devices"},
	{FIND_INITRAMFS_BINDS_VFIO, FINDING_NOTE,
	 "binds devices to VFIO in the initramfs, so that the host never has them: delete this "
	 "file and build the image anew; \"hostdevctl generate static\" reserves devices by "
	 "address"},
	{FIND_STUB_IDS, FINDING_NOTE,
	 "keeps devices from the host at each boot, with a driver that gives them to no guest; "
	 "hostdev-hook lends them without that: delete this word"},
	{FIND_FRAMEBUFFER_OFF, FINDING_NOTE,
	 "is redundant: hostdev-hook releases the firmware's picture when a device is lent; with "
	 "this word the host shows no text before its own driver is there: delete this word"},
	{FIND_BLACKLIST_GRAPHICS, FINDING_NOTE,
	 "leaves the host without a driver for a graphics card, so that the host cannot use the "
	 "card while no guest has it: delete this if the host is to have the card"},
	{FIND_UDEV_REMOVES_GRAPHICS, FINDING_PROBLEM,
	 "removes graphics cards from the bus whenever they appear, so that no guest can have "
	 "them: with EnvyControl, use \"envycontrol -s hybrid\"; else delete this line. Then "
	 "restart the host"},
	{FIND_UDEV_BINDS, FINDING_NOTE,
	 "chooses the driver of devices whenever they appear, so that the host never has those "
	 "that "
	 "go to VFIO, and hostdev-hook leaves them there: delete this line, if that is not meant"},
	{FIND_UDEV_OPENS_VFIO, FINDING_NOTE,
	 "lets every program on this host drive a device that is on VFIO, and libvirt does not "
	 "need "
	 "that: delete MODE=\"0666\" from this line"},
	{FIND_UNIT_BINDS_VFIO, FINDING_NOTE,
	 "binds devices to VFIO at each boot, and hostdev-hook then leaves them on VFIO: disable "
	 "this unit; \"hostdevctl generate static\" reserves devices before any driver has them"},
	{FIND_UNIT_DETACHES_DEVICE, FINDING_NOTE,
	 "has libvirt take devices from the host at each boot, without a look at who uses them: "
	 "disable this unit; hostdev-hook takes them when a guest starts"},
	{FIND_MENU_ENTRY_VFIO, FINDING_NOTE,
	 "is an entry of the boot menu that no update of the kernel renews: \"hostdevctl generate "
	 "multiboot\" makes entries for each kernel; then delete these entries and write the menu "
	 "anew"},
	{FIND_TOOL_GPUPT, FINDING_NOTE,
	 "gpupt has profiles here. Do not run \"gpupt hooks install\" or \"gpupt hooks remove\": "
	 "both take hostdev-hook's link away. hostdev-hook needs no profiles: remove gpupt"},
	{FIND_TOOL_HOTSWITCH_ON, FINDING_NOTE,
	 "gpu-hotswitch-vfio is on, and hostdev-hook leaves the card on VFIO after a guest: run "
	 "\"gpu-hotswitch-vfio off\""},
	{FIND_TOOL_HOTSWITCH, FINDING_NOTE,
	 "gpu-hotswitch-vfio is redundant: hostdev-hook moves the card when a guest starts and "
	 "stops: run \"gpu-hotswitch-vfio off\" and remove gpu-hotswitch-vfio"},
	{FIND_DRIVERCTL, FINDING_NOTE,
	 "driverctl chooses the driver of this device at each boot, and hostdev-hook gives the "
	 "device back to that driver; if that is VFIO, the host never has the device: \"driverctl "
	 "unset-override ADDRESS\" gives it to the host"},
	{FIND_TOOL_TUNED, FINDING_NOTE,
	 "tuned puts words for VFIO on the kernel's command line, and writes them again: delete "
	 "them in the profile, apply the profile again, and restart the host"},
	{FIND_TOOL_SUPERGFXCTL, FINDING_NOTE,
	 "supergfxctl takes the graphics card from the host, or off the bus, beside hostdev-hook: "
	 "\"supergfxctl -m Hybrid\", and vfio_enable false; hostdev-hook lends the card"},
	{FIND_TOOL_OPTIMUS_REMOVES, FINDING_PROBLEM,
	 "optimus-manager takes the graphics card off the bus, and then no guest can have the "
	 "card: set pci_remove=no"},
	{FIND_TOOL_OPTIMUS, FINDING_NOTE,
	 "optimus-manager loads and unloads the driver of the NVIDIA card when sessions change, "
	 "also while hostdev-hook works: do not switch while a guest has the card"},
	{FIND_TOOL_VFIO_TOOL, FINDING_NOTE,
	 "vfio-tool binds network cards to VFIO at each boot, and others of the same kind with "
	 "them; hostdev-hook leaves them so: \"vfio-tool uninstall\" gives them to the host"},
	{FIND_TOOL_VFIO_SH, FINDING_NOTE,
	 "vfio.sh binds a graphics card to VFIO at each boot; hostdev-hook leaves the card so: "
	 "\"vfio.sh --reset\" takes that back; \"hostdevctl generate static\" does it by address"},
	{FIND_TOOL_DEPLOY_VFIO, FINDING_NOTE,
	 "deploy-VFIO is installed, and replaces files of the boot with its own: take its set-up "
	 "back, then use \"hostdevctl generate\", which undoes exactly what it has done"},
	{FIND_TOOL_PROXMOX, FINDING_NOTE,
	 "Proxmox VE starts its guests without libvirt, so that hostdev-hook is not called for "
	 "them: their hostpci devices are looked at and returned by nobody"},
	{FIND_TOOL_COCKPIT, FINDING_OK,
	 "a device that Cockpit adds to a guest that runs passes by hostdev-hook, as with virsh "
	 "attach-device; add devices while the guest is off"},
};

const struct tool_advice *tool_advice_of(enum finding_id id)
{
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++)
		if (advices[i].id == id)
			return &advices[i];
	return NULL;
}

/* --- what the path tells --- */

/* From behind the mark to the end of that name; heap, NULL: the path tells nothing. */
static char *name_behind(const char *path, const char *mark, bool is_folder)
{
	const char *at = strstr(path, mark);
	size_t length = at ? strcspn(at + strlen(mark), "/") : 0;

	if (length == 0 || (is_folder && at[strlen(mark) + length] != '/'))
		return NULL;
	return xasprintf("%.*s", (int)length, at + strlen(mark));
}

static char *replace(const char *note, const char *word, const char *value)
{
	const char *at = value ? strstr(note, word) : NULL;

	return at ? xasprintf("%.*s%s%s", (int)(at - note), note, value, at + strlen(word))
		  : xstrdup(note);
}

char *tool_advice_note(const struct tool_advice *advice, const char *path)
{
	auto_free char *name = name_behind(path, "/qemu.d/", true);
	auto_free char *guest = name ? text_quote(name) : NULL;
	auto_free char *address = name_behind(path, "/pci-", false);
	auto_free char *shown = address ? text_escape(address) : NULL;
	auto_free char *note = replace(advice->note, "GUEST", guest);

	return replace(note, "ADDRESS", shown);
}
