// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The names of all findings, and what each is about. hostdevctl-check(8) has them, too, with what
 * helps; a test compares the two.
 */
#include "model/finding-id.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/suggest.h"

static const struct {
	const char *name, *meaning;
} rows[FINDING_IDS] = {
	/* the hook's files */
	[FIND_HOOK_LINK] = {"hook-link",
			    "libvirt's hook is a link to hostdev-hook, as it should be"},
	[FIND_HOOK_MISSING] = {"hook-missing", "libvirt has no hook for guests"},
	[FIND_HOOK_COPY] = {"hook-copy",
			    "libvirt's hook is a copy of hostdev-hook, which no update reaches"},
	[FIND_HOOK_CALLS_OURS] = {"hook-calls-ours",
				  "libvirt's hook is another program, which names hostdev-hook"},
	[FIND_HOOK_FOREIGN] = {"hook-foreign", "libvirt's hook is another program"},
	[FIND_PROGRAM_GOOD] = {"program-good", "a program of hostdev-hook is in order"},
	[FIND_PROGRAM_MISSING] = {"program-missing", "a program of hostdev-hook is not there"},
	[FIND_PROGRAM_NOT_EXECUTABLE] = {"program-not-executable",
					 "a program of hostdev-hook cannot be run"},
	[FIND_PROGRAM_VERSION] =
		{"program-version",
		 "a program of hostdev-hook is of another version than hostdevctl"},
	[FIND_PROGRAM_LABEL] =
		{"program-label",
		 "a program of hostdev-hook has an SELinux type with which nobody may run it"},
	[FIND_FILE_OWNER] = {"file-owner",
			     "a file that tells root what to do belongs to somebody else"},
	[FIND_FILE_WRITABLE] = {"file-writable",
				"others than root may write a file that tells root what to do"},
	[FIND_FILE_UNREADABLE] = {"file-unreadable", "check cannot look at a file"},
	[FIND_LIBRARIES_THERE] = {"libraries-there", "all libraries are there"},
	[FIND_LIBRARY_MISSING] = {"library-missing", "a library is not there"},
	/* libvirt's daemon */
	[FIND_DAEMON_KNOWS_HOOK] = {"daemon-knows-hook",
				    "the daemon has looked for hooks since the hook was installed"},
	[FIND_DAEMON_BEFORE_HOOK] =
		{"daemon-before-hook",
		 "the daemon has not looked for hooks since the hook was installed"},
	[FIND_DAEMON_START_UNKNOWN] = {"daemon-start-unknown",
				       "check cannot find out when the daemon was started"},
	[FIND_DAEMON_STOPPED] = {"daemon-stopped", "the daemon does not run now"},
	[FIND_DAEMON_MISSING] = {"daemon-missing", "libvirt's daemon is not installed"},
	[FIND_DAEMON_CONTAINER] = {"daemon-container", "the daemon runs in a container"},
	[FIND_CHECK_CONTAINER] = {"check-container", "hostdevctl runs in a container"},
	[FIND_CONFINEMENT_NONE] = {"confinement-none", "nothing confines the daemon"},
	[FIND_CONFINEMENT_UNKNOWN] = {"confinement-unknown",
				      "check cannot find out what confines the daemon"},
	[FIND_APPARMOR_OUTSIDE] = {"apparmor-outside",
				   "AppArmor lets the hook run outside of the daemon's profile"},
	[FIND_APPARMOR_FORBIDS] = {"apparmor-forbids",
				   "AppArmor's profile of the daemon keeps the hook from its work"},
	[FIND_APPARMOR_INSIDE] =
		{"apparmor-inside",
		 "a script as the hook runs inside AppArmor's profile of the daemon"},
	[FIND_SELINUX_UNCONFINED] = {"selinux-unconfined",
				     "the daemon's SELinux domain does not confine the hook"},
	[FIND_SELINUX_OWN_DOMAIN] = {"selinux-own-domain",
				     "the hook has an SELinux domain of its own"},
	[FIND_SELINUX_CONFINED] =
		{"selinux-confined",
		 "the hook runs in the daemon's SELinux domain, and may not change drivers"},
	/* configuration and scripts */
	[FIND_CONFIG_VALID] = {"config-valid", "the configuration is valid"},
	[FIND_CONFIG_INVALID] = {"config-invalid", "the configuration is not valid"},
	[FIND_CONFIG_NOT_READ] = {"config-not-read", "nobody reads a file of the configuration"},
	[FIND_CONFIG_UNKNOWN_ID] = {"config-unknown-id",
				    "the key ignore holds a word that is the id of no finding"},
	[FIND_SCRIPTS_GOOD] = {"scripts-good", "the scripts are in order"},
	[FIND_SCRIPT_CALLS_LIBVIRT] =
		{"script-calls-libvirt",
		 "a script calls libvirt, and both would wait for each other"},
	[FIND_SCRIPT_NOT_RUN] = {"script-not-run", "a file among the scripts is not run"},
	[FIND_SCRIPT_UNREADABLE] = {"script-unreadable", "check cannot read a script"},
	[FIND_SCRIPT_LINK_BROKEN] = {"script-link-broken",
				     "a link among the scripts leads to nothing"},
	/* the kernel */
	[FIND_IOMMU_ON] = {"iommu-on", "the IOMMU is on"},
	[FIND_IOMMU_OFF] = {"iommu-off", "the IOMMU is off"},
	[FIND_VFIO_THERE] = {"vfio-there", "the kernel has vfio-pci"},
	[FIND_VFIO_MISSING] = {"vfio-missing", "the kernel has no vfio-pci"},
	[FIND_HUNG_TASK_PANIC] = {"hung-task-panic", "the host crashes when a driver hangs"},
	[FIND_LOCKDOWN] = {"lockdown", "the kernel loads signed modules only"},
	[FIND_KERNEL_BAD] = {"kernel-bad",
			     "this kernel has a known fault that matters to the hook"},
	[FIND_ACS_OVERRIDE] =
		{"acs-override",
		 "a word on the command line claims an isolation that the hardware does not have"},
	[FIND_ACS_CHANGED] = {"acs-changed",
			      "a word on the command line changes how devices are kept apart"},
	[FIND_INTREMAP_OFF] = {"intremap-off", "interrupt remapping is off"},
	[FIND_INTREMAP_UNSAFE] = {"intremap-unsafe", "guests may send any interrupt to the host"},
	/* devices */
	[FIND_DEVICE_HIDDEN] = {"device-hidden",
				"a device is in an IOMMU group, and its folder is hidden"},
	[FIND_GROUP_JOINED] =
		{"group-joined",
		 "a device has come into the IOMMU group of a guest's device since the last loan"},
	[FIND_GROUP_LEFT] =
		{"group-left",
		 "a device has left the IOMMU group of a guest's device since the last loan"},
	[FIND_RESET_NONE] = {"reset-none", "the kernel knows no way to reset a device"},
	[FIND_RESET_KNOWN_BAD] = {"reset-known-bad",
				  "a card is known to come back badly from a guest"},
	[FIND_COMPOSITOR_HOLDS] = {"compositor-holds",
				   "a desktop has a graphics card open on which it need not be"},
	/* other tools that drive devices */
	[FIND_DRIVERCTL] = {"driverctl", "driverctl chooses the driver of a device"},
	[FIND_UDEV_BINDS] = {"udev-binds", "a rule of udev chooses the driver of PCI devices"},
	[FIND_UDEV_VFS] = {"udev-vfs", "a rule of udev makes virtual functions"},
	[FIND_LINK_VFS] = {"link-vfs", "a .link file of systemd makes virtual functions"},
	[FIND_CARDWIRE] = {"cardwire", "cardwire runs, which can hide graphics cards"},
	/* a guest (hostdevctl check GUEST) */
	[FIND_GUEST_STARTS] = {"guest-starts", "the guest would start"},
	[FIND_GUEST_REFUSED] = {"guest-refused", "the guest would not start"},
	[FIND_GUEST_RUNS] = {"guest-runs", "the guest runs"},
	[FIND_GUEST_NO_DEVICE] = {"guest-no-device", "the guest names no PCI device of the host"},
	[FIND_GUEST_DEVICE] = {"guest-device", "a device of the guest"},
	[FIND_GUEST_DEVICE_MISSING] = {"guest-device-missing",
				       "a device of the guest is not there"},
	[FIND_GUEST_DEVICE_MATES] = {"guest-device-mates",
				     "a device of the guest shares its IOMMU group"},
	[FIND_GUEST_DEVICE_HELD] = {"guest-device-held", "somebody uses a device of the guest"},
	[FIND_GUEST_DEVICE_OTHER] = {"guest-device-other",
				     "another device than the one that was lent is at the address"},
	[FIND_GUEST_MEMORY] = {"guest-memory", "the host has the memory that the guest needs"},
	[FIND_GUEST_MEMORY_SHORT] = {"guest-memory-short",
				     "the host has less free memory than the guest needs"},
	[FIND_GUEST_MEMORY_LIMIT] = {"guest-memory-limit",
				     "a memory limit of the guest is lower than its memory"},
	[FIND_GUEST_HUGEPAGES_SHORT] = {"guest-hugepages-short",
					"the host has fewer free huge pages than the guest needs"},
	[FIND_GUEST_AUTOSTART] = {"guest-autostart", "the guest is started with the host"},
	[FIND_GUEST_MANAGED_SAVE] = {"guest-managed-save", "the guest has a managed save"},
	[FIND_GUEST_SNAPSHOTS] = {"guest-snapshots", "the guest has snapshots"},
	/* what is lent */
	[FIND_STATE_GOOD] = {"state-good", "the state directory is in order"},
	[FIND_STATE_NO_DIRECTORY] = {"state-no-directory", "the state directory is no directory"},
	[FIND_STATE_UNREADABLE] = {"state-unreadable", "check cannot read the state directory"},
	[FIND_JOURNAL_LENT] = {"journal-lent", "devices are on loan to a guest that runs"},
	[FIND_JOURNAL_BUSY] = {"journal-busy", "the hook is at work for a guest now"},
	[FIND_JOURNAL_LEFT_BEHIND] = {"journal-left-behind",
				      "devices are on loan to a guest that does not run"},
	[FIND_JOURNAL_OLD_BOOT] = {"journal-old-boot", "a journal is of an earlier boot"},
	[FIND_JOURNAL_UNKNOWN] = {"journal-unknown",
				  "check cannot find out whether the guest of a journal runs"},
	[FIND_JOURNAL_UNREADABLE] = {"journal-unreadable", "a journal cannot be read"},
	/* set-ups for the boot (hostdevctl generate) */
	[FIND_SETUP_NONE] = {"setup-none", "no set-up is applied"},
	[FIND_SETUP_UNREADABLE] = {"setup-unreadable", "the record of the set-ups cannot be read"},
	[FIND_SETUP_UNFINISHED] = {"setup-unfinished",
				   "a change of the set-up was stopped half-way"},
	[FIND_SETUP_LEFTOVERS] = {"setup-leftovers",
				  "files of an earlier set-up are there, and no record of it"},
	[FIND_SETUP_FILE_CHANGED] = {"setup-file-changed",
				     "somebody has changed or removed a file of the set-up"},
	[FIND_SETUP_FILE_UNREADABLE] = {"setup-file-unreadable",
					"a file of the set-up cannot be read"},
	[FIND_SETUP_MENU_GOOD] = {"setup-menu-good", "the boot menu has what the set-up needs"},
	[FIND_SETUP_MENU_STALE] = {"setup-menu-stale", "the boot menu lacks what the set-up needs"},
	[FIND_SETUP_NO_USUAL_ENTRY] = {"setup-no-usual-entry",
				       "no usual entry of the boot menu starts a kernel"},
	[FIND_SETUP_DEFAULT_OVERRULED] =
		{"setup-default-overruled",
		 "the set-up overrules a later choice of the default entry"},
	[FIND_SETUP_ENTRIES_GOOD] = {"setup-entries-good",
				     "the boot entries have what the set-up needs"},
	[FIND_SETUP_ENTRIES_STALE] = {"setup-entries-stale",
				      "the boot entries lack what the set-up needs"},
	[FIND_SETUP_KERNEL_CHANGED] = {"setup-kernel-changed",
				       "the set-up was last in order under another kernel"},
	[FIND_BOOT_OFF] = {"boot-off",
			   "a word on the command line has switched the reservations off"},
	[FIND_BOOT_ENTRY] = {"boot-entry", "the host was started by an entry of the set-up"},
	[FIND_BOOT_USUAL] = {"boot-usual", "the host was started by a usual entry"},
	[FIND_BOOT_WORDS] = {"boot-words", "the command line has the set-up's words"},
	[FIND_BOOT_WORDS_MISSING] = {"boot-words-missing",
				     "the command line lacks the set-up's words"},
	[FIND_RESERVED] = {"reserved", "a device is reserved, as promised"},
	[FIND_RESERVED_LENT] = {"reserved-lent", "a reserved device is on loan"},
	[FIND_RESERVED_NOT] = {"reserved-not", "a device was to be reserved, and is not"},
	[FIND_RESERVED_NOT_CAUSE] = {"reserved-not-cause",
				     "what is known of why a device is not reserved"},
	[FIND_RESERVED_GONE] = {"reserved-gone", "a device was to be reserved, and is not there"},
	[FIND_RESERVED_OTHER] = {"reserved-other",
				 "another device is at the address of a reserved one"},
	[FIND_RESERVED_MOVED] = {"reserved-moved", "a reserved device may be its twin"},
	[FIND_RESERVED_GROUP_JOINED] = {"reserved-group-joined",
					"a device has come into the IOMMU group of a reserved one"},
	[FIND_RESERVED_GROUP_LEFT] = {"reserved-group-left",
				      "a device has left the IOMMU group of a reserved one"},
	[FIND_VFIO_UNASKED] = {"vfio-unasked", "a device is on a VFIO driver, and neither this "
					       "boot nor a guest has asked for that"},
	/* what other tools and guides have left */
	[FIND_SCRIPT_DETACHES_DEVICE] = {"script-detaches-device",
					 "a script of a hook asks libvirt for a device"},
	[FIND_SCRIPT_UNLOADS_DRIVER] = {"script-unloads-driver",
					"a script of a hook unloads a driver"},
	[FIND_SCRIPT_UNLOADS_VFIO] = {"script-unloads-vfio", "a script of a hook unloads VFIO"},
	[FIND_SCRIPT_LOADS_DRIVER] = {"script-loads-driver",
				      "a script of a hook loads what hostdev-hook loads itself"},
	[FIND_SCRIPT_BINDS_DRIVER] = {"script-binds-driver",
				      "a script of a hook changes the driver of a device"},
	[FIND_SCRIPT_REMOVES_DEVICE] = {"script-removes-device",
					"a script of a hook takes devices off the bus"},
	[FIND_SCRIPT_UNBINDS_CONSOLE] = {"script-unbinds-console",
					 "a script of a hook takes a text console off a device"},
	[FIND_SCRIPT_UNBINDS_FRAMEBUFFER] = {"script-unbinds-framebuffer",
					     "a script of a hook releases the firmware's picture"},
	[FIND_SCRIPT_STOPS_DISPLAY] = {"script-stops-display",
				       "a script of a hook stops or starts the display manager"},
	[FIND_SCRIPT_ENDS_PROGRAMS] = {"script-ends-programs",
				       "a script of a hook ends programs by their names"},
	[FIND_HOOK_DISPATCHER] = {"hook-dispatcher",
				  "a second hook runs the scripts of each guest"},
	[FIND_HOOK_HANDS_OVER] = {"hook-hands-over", "a second hook hands devices over"},
	[FIND_VFIO_IDS] = {"vfio-ids", "ids have vfio-pci take devices at each boot"},
	[FIND_VFIO_IDS_TWINS] = {"vfio-ids-twins",
				 "ids for vfio-pci match more devices than those that are on VFIO"},
	[FIND_VFIO_IDS_NEEDED] = {"vfio-ids-needed",
				  "ids for vfio-pci match a device that the host needs"},
	[FIND_VFIO_SOFTDEP] = {"vfio-softdep", "VFIO is loaded before another driver"},
	[FIND_VFIO_INSTALL] = {"vfio-install", "modprobe runs a command in place of loading VFIO"},
	[FIND_MODULES_LOAD_VFIO] = {"modules-load-vfio", "VFIO is loaded at each boot"},
	[FIND_INITRAMFS_LOADS_VFIO] = {"initramfs-loads-vfio", "VFIO is loaded in the initramfs"},
	[FIND_INITRAMFS_BINDS_VFIO] = {"initramfs-binds-vfio",
				       "a script of the initramfs binds devices to VFIO"},
	[FIND_STUB_IDS] = {"stub-ids", "another driver than vfio-pci keeps devices from the host"},
	[FIND_FRAMEBUFFER_OFF] = {"framebuffer-off",
				  "a word on the command line keeps the firmware's picture off"},
	[FIND_BLACKLIST_GRAPHICS] = {"blacklist-graphics",
				     "a blacklist leaves a graphics card without a driver"},
	[FIND_UDEV_REMOVES_GRAPHICS] = {"udev-removes-graphics",
					"a rule of udev removes graphics cards from the bus"},
	[FIND_UDEV_OPENS_VFIO] = {"udev-opens-vfio", "a rule of udev lets everybody use VFIO"},
	[FIND_UNIT_BINDS_VFIO] = {"unit-binds-vfio", "a unit binds devices to VFIO at each boot"},
	[FIND_UNIT_DETACHES_DEVICE] = {"unit-detaches-device",
				       "a unit has libvirt take devices from the host"},
	[FIND_MENU_ENTRY_VFIO] = {"menu-entry-vfio",
				  "an entry of the boot menu for VFIO is written by hand"},
	[FIND_TOOL_GPUPT] = {"tool-gpupt", "gpupt has profiles"},
	[FIND_TOOL_HOTSWITCH_ON] = {"tool-hotswitch-on",
				    "gpu-hotswitch-vfio has taken a card from the host"},
	[FIND_TOOL_HOTSWITCH] = {"tool-hotswitch", "gpu-hotswitch-vfio is installed"},
	[FIND_TOOL_TUNED] = {"tool-tuned", "tuned puts words for VFIO on the command line"},
	[FIND_TOOL_SUPERGFXCTL] = {"tool-supergfxctl",
				   "supergfxctl takes a graphics card from the host"},
	[FIND_TOOL_OPTIMUS_REMOVES] = {"tool-optimus-removes",
				       "optimus-manager takes a graphics card off the bus"},
	[FIND_TOOL_OPTIMUS] = {"tool-optimus", "optimus-manager is installed"},
	[FIND_TOOL_VFIO_TOOL] = {"tool-vfio-tool", "vfio-tool binds network cards at each boot"},
	[FIND_TOOL_VFIO_SH] = {"tool-vfio-sh", "vfio.sh binds a graphics card at each boot"},
	[FIND_TOOL_DEPLOY_VFIO] = {"tool-deploy-vfio", "deploy-VFIO is installed"},
	[FIND_TOOL_PROXMOX] = {"tool-proxmox", "Proxmox VE starts guests without hostdev-hook"},
	[FIND_TOOL_COCKPIT] = {"tool-cockpit", "Cockpit can add devices to guests that run"},
};

const char *finding_id_name(enum finding_id id)
{
	return rows[id].name;
}

const char *finding_id_meaning(enum finding_id id)
{
	return rows[id].meaning;
}

char *finding_id_suggest(const char *word)
{
	const char *known[FINDING_IDS];
	char *meant;

	if (!word)
		return NULL;
	for (size_t i = 0; i < FINDING_IDS; i++)
		known[i] = rows[i].name;
	meant = suggest_text(word, known, FINDING_IDS);
	if (*meant)
		return meant;
	free(meant);
	return xstrdup("; hostdevctl check --ids lists them");
}

/* --- lists of names --- */

#define SEPARATORS " \t,"
#define LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

static bool set_add(struct finding_set *set, const char *word)
{
	for (size_t i = 0; i < FINDING_IDS; i++)
		if (strcmp(rows[i].name, word) == 0)
			return set->has[i] = true;
	return false;
}

bool finding_set_parse(const char *list, struct finding_set *ret, char **ret_unknown)
{
	auto_free char *copy = xstrdup(list), *unknown = NULL;
	char *at = copy, *word;
	struct finding_set set = {0};
	size_t count = 0;

	while ((word = strsep(&at, SEPARATORS))) {
		if (!*word)
			continue;
		if (word[strspn(word, LETTERS)])
			return false;
		count++;
		if (strcmp(word, "none") != 0 && !set_add(&set, word) && !unknown)
			unknown = xstrdup(word);
	}
	if (count == 0)
		return false;
	*ret = set;
	*ret_unknown = steal(&unknown);
	return true;
}
