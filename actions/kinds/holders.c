// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "holders" gate: nobody at all has the devices open, of all processes that there are now. It
 * is the last look before their drivers are unbound: what was found free when the plan was made may
 * have been opened since, by udev, which is done with it in a moment, or by somebody who stays.
 * Several drivers wait in their remove() for the last descriptor, for ever and under the device's
 * lock, so nobody may have one by then.
 */
#include <errno.h>
#include <string.h>

#include "actions/device-users.h"
#include "actions/nvidia.h"
#include "actions/step-ops.h"
#include "base/cleanup.h"
#include "model/addr.h"
#include "model/cell.h"
#include "scan/processes.h"

#define MARGIN_MS 5000

static int parse_target(const char *target, struct gate_target *ret, struct error *err)
{
	if (!gate_target_parse(target, ret) || ret->pid)
		return error_set(err, EINVAL, "not devices: %.64s", target);
	return 0;
}

static int holders_cell_read(const struct host *host, const char *target, char ret[CELL_VALUE_SIZE],
			     struct error *err)
{
	auto_user_nodes struct user_nodes nodes = {0};
	auto_device_users struct device_users answer = {0};
	struct gate_target parsed;
	int result = parse_target(target, &parsed, err);

	if (result == 0)
		result = user_nodes_read(host, parsed.addrs, parsed.addr_count, &nodes, err);
	if (result == 0)
		result = device_users_find(host, &nodes, &answer, err);
	if (result < 0)
		return result;
	strcpy(ret, result ? "held" : "free");
	return 0;
}

/* Those of the devices that the nvidia driver has. */
static size_t find_nvidia(const struct host *host, const struct gate_target *target,
			  struct pci_addr ret[GATE_ADDRS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < target->addr_count; i++) {
		char driver[HOST_NAME_SIZE];

		if (host_read_link_name(host, HOST_SYS, driver, sizeof(driver), NULL,
					"bus/pci/devices/%s/driver",
					ADDR(&target->addrs[i])) == 0 &&
		    text_equal(driver, "nvidia"))
			ret[count++] = target->addrs[i];
	}
	return count;
}

static int holders_cell_set(struct host *host, const char *target, const char *text,
			    struct error *err)
{
	auto_device_users struct device_users answer = {0};
	struct pci_addr nvidia[GATE_ADDRS_MAX];
	struct error failure = ERROR_INIT;
	struct gate_target parsed;
	struct gate_value value;
	int ret;

	if (!gate_value_parse(text, &value) || !value.free)
		return error_set(err, EINVAL, "not a gate's value: %.64s", text);
	ret = parse_target(target, &parsed, err);
	if (ret < 0)
		return ret;
	ret = device_users_wait(host, parsed.addrs, parsed.addr_count, value.wait_ms, &answer,
				&failure);
	if (ret < 0)
		return error_set(err, EBUSY, "%s: who holds it cannot be found out: %s",
				 ADDR(&parsed.addrs[0]), failure.text);
	/* Of many devices the reader wants to know which. */
	if (ret > 0)
		return error_set(err, EBUSY, "%s: somebody holds it still or again: %s",
				 ADDR(&answer.addr), answer.who.data);
	return nvidia_check(host, nvidia, find_nvidia(host, &parsed, nvidia), err);
}

/*
 * A look before the wait, one that begins when its time is all but over, and one for what NVIDIA's
 * module counts.
 */
static unsigned int holders_timeout(const char *from, const char *text, const struct limits *limits)
{
	struct gate_value value = {0};

	(void)from;
	(void)limits;
	return (gate_value_parse(text, &value) ? value.wait_ms : 0) + 3 * SCAN_TIMEOUT_MS +
	       MARGIN_MS;
}

const struct step_ops holders_ops = {
	.read = holders_cell_read,
	.set = holders_cell_set,
	.timeout_for = holders_timeout,
	.asks = true,
	.keep = "a gate that was passed",
};
