// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "power" cell: runtime power management of a device, which binding to vfio-pci and back
 * switches off for good if nobody remembers it. Tests: model/test-return.c, model/test-starts.c.
 */
#include <errno.h>
#include <string.h>

#include "actions/step-ops.h"

#define DEVICES "bus/pci/devices"

static int power_value_read(const struct host *host, const char *target, struct power_value *ret,
			    struct error *err)
{
	struct power_value value = {0};
	int result;

	if (!host_exists(host, HOST_SYS, DEVICES "/%s", target))
		return error_set(err, ENODEV, "device %s is gone", target);
	result = host_read(host, HOST_SYS, value.control, sizeof(value.control), err,
			   DEVICES "/%s/power/control", target);
	if (result < 0)
		return result;
	if (host_read(host, HOST_SYS, value.d3cold, sizeof(value.d3cold), NULL,
		      DEVICES "/%s/d3cold_allowed", target) < 0)
		value.d3cold[0] = '\0';
	*ret = value;
	return 0;
}

static int power_read(const struct host *host, const char *target, char ret[CELL_VALUE_SIZE],
		      struct error *err)
{
	struct power_value value;
	int result = power_value_read(host, target, &value, err);

	if (result < 0)
		return result;
	power_value_format(&value, ret);
	return 0;
}

static int power_set(struct host *host, const char *target, const char *text, struct error *err)
{
	struct power_value now, value;
	int ret;

	if (!power_value_parse(text, &value))
		return error_set(err, EINVAL, "not a power value: %.64s", text);
	ret = power_value_read(host, target, &now, err);
	if (ret < 0)
		return ret;
	if (*value.d3cold && strcmp(value.d3cold, now.d3cold) != 0) {
		ret = host_write_attr(host, value.d3cold, err, DEVICES "/%s/d3cold_allowed",
				      target);
		if (ret < 0)
			return ret;
	}
	if (strcmp(value.control, now.control) == 0)
		return 0;
	return host_write_attr(host, value.control, err, DEVICES "/%s/power/control", target);
}

/* Waking a dead card from D3 takes the kernel a minute. */
static unsigned int power_timeout(const char *from, const char *to, const struct limits *limits)
{
	(void)from;
	(void)to;
	return limits->reset_ms;
}

const struct step_ops power_ops = {
	.read = power_read,
	.set = power_set,
	.timeout_for = power_timeout,
};
