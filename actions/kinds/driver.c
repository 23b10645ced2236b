// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "driver" cell: a device's driver and its driver_override, and the order of writes by which
 * neither udev nor a freshly loaded module can slip in between.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "actions/step-ops.h"
#include "actions/vfio-group.h"
#include "actions/watch.h"
#include "base/cleanup.h"
#include "model/addr.h"
#include "model/device.h"

#define PUT_OFF_ASK_MS 100
/* No value has a blank in it. */
#define UNNAMEABLE "a driver whose name cannot be written"
#define DEVICES "bus/pci/devices"
#define DRIVERS "bus/pci/drivers"
#define READ_TIMEOUT_MS 5000

/* ENODEV when the device itself is gone, which is not the same as having no driver. */
static int driver_value_read(const struct host *host, const char *target, struct driver_value *ret,
			     struct error *err)
{
	char driver[HOST_NAME_SIZE], module[HOST_NAME_SIZE], override[HOST_NAME_SIZE];
	int result;

	if (!host_exists(host, HOST_SYS, DEVICES "/%s", target))
		return error_set(err, ENODEV, "device %s is gone", target);
	result = host_absent_is_empty(host_read_link_name(host, HOST_SYS, driver, sizeof(driver),
							  err, DEVICES "/%s/driver", target),
				      driver);
	if (result == 0)
		result = host_absent_is_empty(
			host_read_link_name(host, HOST_SYS, module, sizeof(module), err,
					    DEVICES "/%s/driver/module", target),
			module);
	if (result == 0)
		result = host_absent_is_empty(host_read(host, HOST_SYS, override, sizeof(override),
							err, DEVICES "/%s/driver_override", target),
					      override);
	if (result < 0)
		return result;
	if (!driver_value_init(ret, driver, module, override))
		return error_set(err, EBADMSG, "%s: driver names that cannot be: %s %s %s", target,
				 driver, module, override);
	return 0;
}

static int driver_read(const struct host *host, const char *target, char ret[CELL_VALUE_SIZE],
		       struct error *err)
{
	struct driver_value value;
	int result = driver_value_read(host, target, &value, err);

	if (result == 0)
		driver_value_format(&value, ret);
	/* Somebody else's, whatever it is called: a return that cannot read it would never end. */
	if (result == -EBADMSG)
		strcpy(ret, UNNAMEABLE);
	return result == -EBADMSG ? 0 : result;
}

/* "" clears it: the kernel takes an empty line for that. */
static int set_override(struct host *host, const char *target, const char *name, struct error *err)
{
	struct driver_value now;
	int ret = driver_value_read(host, target, &now, err);

	if (ret < 0 || strcmp(now.override, name) == 0)
		return ret;
	return host_write_attr(host, *name ? name : "\n", err, DEVICES "/%s/driver_override",
			       target);
}

static int unbind(struct host *host, const char *target, struct error *err)
{
	struct driver_value now;
	int ret = driver_value_read(host, target, &now, err);

	if (ret < 0 || !*now.driver)
		return ret;
	ret = host_write_attr(host, target, NULL, DRIVERS "/%s/unbind", now.driver);
	return ret < 0 ? error_errno(err, -ret, "the kernel says") : 0;
}

/* The driver's registered name, its module loaded first where that is what it lacks. */
static int find_driver(struct host *host, const struct driver_value *value,
		       char name[HOST_NAME_SIZE], struct error *err)
{
	const char *module = *value->module ? value->module : value->driver;
	int ret = host_pci_driver(host, value->driver, name, HOST_NAME_SIZE, err);

	if (ret != -ENOENT)
		return ret;
	/* No blacklist here: it was loaded before, by somebody who knew why. */
	ret = host_module_load(host, module, 0, err);
	if (ret < 0)
		return error_wrap(err, "driver %s", value->driver);
	return host_pci_driver(host, value->driver, name, HOST_NAME_SIZE, err);
}

/*
 * drivers/X/bind and not drivers_probe: only the first reports why a probe failed. Loading the
 * module may have bound the device already, then the kernel says EBUSY.
 */
static int bind(struct host *host, const char *target, const char *driver, struct error *err)
{
	struct driver_value now;
	/* The address is in the message already, and the path says no more than the driver. */
	int ret = host_write_attr(host, target, NULL, DRIVERS "/%s/bind", driver);

	if (ret == 0)
		return 0;
	if (driver_value_read(host, target, &now, NULL) == 0 && strcmp(now.driver, driver) == 0)
		return 0;
	/* Vfio-pci has a list of accelerators that it turns away unless it is told otherwise. */
	if (ret == -EINVAL && device_driver_is_vfio(driver))
		return error_set(
			err, EINVAL,
			"the kernel says: Invalid argument; where it is the driver that turns "
			"this device away, the kernel's log (dmesg) says why");
	return error_errno(err, -ret, "the kernel says");
}

static uint32_t read_class(const struct host *host, const char *target)
{
	char text[32];

	if (host_read(host, HOST_SYS, text, sizeof(text), NULL, DEVICES "/%s/class", target) < 0)
		return 0;
	return (uint32_t)strtoul(text, NULL, 16);
}

/* Nobody has the device open: the "holders" gate, which is asked right before, has seen to that. */
static int set_unbound(struct host *host, const char *target, const struct driver_value *value,
		       struct error *err)
{
	/* The override first: a driverless device is anybody's whose module gets loaded. */
	int ret = set_override(host, target, value->override, err);

	return ret < 0 ? ret : unbind(host, target, err);
}

/* The override points at the driver until it is bound, and only then gets its own value. */
static int set_bound(struct host *host, const char *target, const struct driver_value *value,
		     struct error *err)
{
	char driver[HOST_NAME_SIZE];
	int ret = set_override(host, target, value->driver, err);

	if (ret < 0)
		return ret;
	ret = unbind(host, target, err);
	if (ret < 0)
		return ret;
	ret = find_driver(host, value, driver, err);
	if (ret < 0)
		return ret;
	/* Its own spelling ("-" or "_"), known only now, is what the kernel compares. */
	ret = set_override(host, target, driver, err);
	return ret < 0 ? ret : bind(host, target, driver, err);
}

static int driver_set(struct host *host, const char *target, const char *text, struct error *err)
{
	struct driver_value now, value;
	int ret, cleared;

	if (!driver_value_parse(text, &value))
		return error_set(err, EINVAL, "not a driver value: %.64s", text);
	ret = driver_value_read(host, target, &now, err);
	if (ret < 0)
		return ret;
	if (!*value.driver)
		return set_unbound(host, target, &value, err);
	if (strcmp(now.driver, value.driver) != 0)
		ret = set_bound(host, target, &value, err);
	/* Its override keeps other drivers away until it is bound. */
	if (ret == -EAGAIN)
		return ret;
	/* After a failure too: an override left behind would keep every other driver away. */
	cleared = set_override(host, target, value.override, ret < 0 ? NULL : err);
	return ret < 0 ? ret : cleared;
}

struct put_off {
	const struct host *host;
	const char *target, *driver;
};

static int is_bound(void *data, struct error *err)
{
	const struct put_off *put_off = data;
	struct driver_value now;

	(void)err;
	return driver_value_read(put_off->host, put_off->target, &now, NULL) == 0 &&
	       strcmp(now.driver, put_off->driver) == 0;
}

/*
 * A driver that waits for another device (the sound of a card for its display driver, say) defers
 * its probe; the kernel tries again whenever another driver has been bound.
 */
static int driver_put_off(struct host *host, const char *target, const char *text,
			  const struct limits *limits, struct error *err)
{
	struct driver_value value;
	struct put_off put_off = {host, target, value.driver};
	auto_watch struct watch watch;
	int ret = 0;

	watch_init(&watch);
	if (!driver_value_parse(text, &value))
		return error_set(err, EINVAL, "not a driver value: %.64s", text);
	/* Of the time for binding some is left for what has to be done behind it. */
	if (!watch_until(&watch, is_bound, &put_off, limits->bind_ms / 4 * 3, PUT_OFF_ASK_MS, NULL))
		ret = error_set(err, EAGAIN,
				"driver %s has put it off (deferred probe), as it waits for "
				"another device, and has not taken it within bind-time = %u s",
				value.driver, limits->bind_ms / 1000);
	if (ret < 0)
		set_override(host, target, value.override, NULL);
	else
		ret = set_override(host, target, value.override, err);
	return ret;
}

static bool is_usb2_family(const struct host *host, const char *target)
{
	return device_class_is_usb2_family(read_class(host, target));
}

static bool same_slot(const char *target, const char *other)
{
	struct pci_addr one, two;

	return pci_addr_parse(target, &one) && pci_addr_parse(other, &two) &&
	       pci_addr_same_slot(&one, &two);
}

static bool same_group(const struct host *host, const char *target, const char *other)
{
	char group[32], other_group[32];

	return host_read_link_name(host, HOST_SYS, group, sizeof(group), NULL,
				   DEVICES "/%s/iommu_group", target) == 0 &&
	       host_read_link_name(host, HOST_SYS, other_group, sizeof(other_group), NULL,
				   DEVICES "/%s/iommu_group", other) == 0 &&
	       strcmp(group, other_group) == 0;
}

/*
 * An EHCI driver reads its companions' private data, whoever drives them. And a driver of the host
 * that binds into a group some process still uses through VFIO crashes kernels before 5.19.
 */
static bool driver_together(const struct host *host, const char *target, const char *other,
			    bool other_is_lent)
{
	if (same_slot(target, other) && is_usb2_family(host, target) && is_usb2_family(host, other))
		return true;
	return other_is_lent && same_group(host, target, other);
}

/*
 * The first of a group to come to VFIO makes the group there, and the kernel (6.1) warns when two
 * are the first.
 */
static bool driver_apart(const struct host *host, const char *target, const char *text,
			 const char *other)
{
	struct driver_value value;

	return driver_value_parse(text, &value) && device_driver_is_vfio(value.driver) &&
	       same_group(host, target, other);
}

/* A guest that has ended may not yet have let go; the kernel would wait for it without end. */
static int driver_ready(const struct host *host, const char *target, const char *text,
			const struct limits *limits, struct error *err)
{
	struct driver_value now, value;

	if (!driver_value_parse(text, &value))
		return error_set(err, EINVAL, "not a driver value: %.64s", text);
	if (driver_value_read(host, target, &now, NULL) < 0 ||
	    strcmp(now.driver, value.driver) == 0 ||
	    !(device_driver_is_vfio(now.driver) ||
	      host_exists(host, HOST_SYS, DEVICES "/%s/vfio-dev", target)))
		return 0;
	return vfio_group_wait(host, target, limits->release_ms, err);
}

static bool leaves_vfio(const struct driver_value *old, const struct driver_value *value)
{
	return device_driver_is_vfio(old->driver) && strcmp(old->driver, value->driver) != 0;
}

/* The waiting before bounds itself. */
static unsigned int driver_pause(const char *from, const char *to, const struct limits *limits)
{
	struct driver_value old = {0}, value = {0};

	driver_value_parse(from, &old);
	driver_value_parse(to, &value);
	return leaves_vfio(&old, &value) ? limits->release_ms : 0;
}

static unsigned int driver_timeout(const char *from, const char *to, const struct limits *limits)
{
	struct driver_value old = {0}, value = {0};
	unsigned int timeout_ms = driver_pause(from, to, limits);

	driver_value_parse(from, &old);
	driver_value_parse(to, &value);
	if (leaves_vfio(&old, &value))
		timeout_ms += limits->reset_ms;
	else if (!*value.driver)
		timeout_ms += limits->unbind_ms;
	if (*value.driver)
		timeout_ms += limits->bind_ms;
	return timeout_ms;
}

const struct step_ops driver_ops = {
	.read = driver_read,
	.set = driver_set,
	.ready = driver_ready,
	.put_off = driver_put_off,
	.waits_for = driver_together,
	.excludes = driver_apart,
	.timeout_for = driver_timeout,
	.pause_for = driver_pause,
	/* Kernels before 6.12 take the device's lock to show driver_override. */
	.recheck_timeout_ms = READ_TIMEOUT_MS,
};
