// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A driver that misbehaves when it is told to, for devices that no other driver wants (QEMU's
 * "edu"). This file knows what a driver can do to whoever binds and unbinds its devices. All of it
 * is said in /sys/module/hostdev_lab/parameters, at any time:
 *
 *   remove_ms    remove() takes so long, and no signal ends it; 0 lets go whoever is in there
 *   probe_ms     probe() takes so long
 *   fail_probes  so many probes fail with EIO ...
 *   good_probes  ... after so many that do not
 *   only         the address of the one device that is meant, empty: all of them
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static unsigned int remove_ms, probe_ms, fail_probes, good_probes;
static char only[32];

module_param(remove_ms, uint, 0644);
module_param(probe_ms, uint, 0644);
module_param(fail_probes, uint, 0644);
module_param(good_probes, uint, 0644);
module_param_string(only, only, sizeof(only), 0644);

static DEFINE_SPINLOCK(counters);

/* Whoever writes a parameter with echo writes a newline too. */
static bool is_meant(struct pci_dev *device)
{
	return sysfs_streq(only, "") || sysfs_streq(only, pci_name(device));
}

/*
 * In slices, so that the rest is called off when the time is set to 0, and so that the kernel takes
 * no task for a hung one: in the lab that is left to say of those that wait for this one.
 */
static void take_time(const unsigned int *ms)
{
	unsigned long start = jiffies;

	while (time_before(jiffies, start + msecs_to_jiffies(READ_ONCE(*ms))))
		msleep(20);
}

static bool is_to_fail(void)
{
	bool fail = false;

	spin_lock(&counters);
	if (fail_probes && good_probes) {
		good_probes--;
	} else if (fail_probes) {
		fail_probes--;
		fail = true;
	}
	spin_unlock(&counters);
	return fail;
}

static int hostdev_lab_probe(struct pci_dev *device, const struct pci_device_id *id)
{
	if (is_meant(device)) {
		take_time(&probe_ms);
		if (is_to_fail())
			return -EIO;
	}
	return pcim_enable_device(device);
}

static void hostdev_lab_remove(struct pci_dev *device)
{
	if (is_meant(device))
		take_time(&remove_ms);
}

static const struct pci_device_id hostdev_lab_ids[] = {
	{PCI_DEVICE(0x1234, 0x11e8)},
	{},
};
MODULE_DEVICE_TABLE(pci, hostdev_lab_ids);

static struct pci_driver hostdev_lab_driver = {
	.name = "hostdev_lab",
	.id_table = hostdev_lab_ids,
	.probe = hostdev_lab_probe,
	.remove = hostdev_lab_remove,
};
module_pci_driver(hostdev_lab_driver);

MODULE_DESCRIPTION("A driver that hangs and fails when it is told to");
MODULE_LICENSE("GPL");
