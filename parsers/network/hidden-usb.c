// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Network adapters and modems that are plugged into a USB controller, and whose interfaces are not
 * to be seen: which drivers make interfaces, and where these would stand.
 * Tests: unit/test-hidden.c, model/test-survey.c.
 */
#include "parsers/network/hidden.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/pci/place.h"

/* By the beginning of their names, as the kernel's are families: "rtl8xxxu", "mt76x2u". */
static const char *const drivers[] = {
	"aqc111",     "ar5523",   "asix",      "ath6kl_usb",     "ath9k_htc",  "ax88179",
	"brcmfmac",   "carl9170", "cdc_eem",   "cdc_ether",      "cdc_mbim",   "cdc_ncm",
	"cdc_subset", "ch9200",   "dm9601",    "huawei_cdc_ncm", "ipheth",     "kalmia",
	"lan78xx",    "lg-vl600", "mcs7830",   "mt76",           "mt79",       "net1080",
	"p54usb",     "pegasus",  "plusb",     "qmi_wwan",       "r815",       "rndis_host",
	"rndis_wlan", "rsi-usb",  "rt2500usb", "rt2800usb",      "rt73usb",    "rtl81",
	"rtl8xxxu",   "rtw8",     "rtw_8",     "rtl8150",        "sierra_net", "smsc75xx",
	"smsc95xx",   "sr9700",   "sr9800",    "zaurus",         "zd1211rw",
};

struct hidden_usb_reading {
	const struct host *host;
	struct snapshot *snapshot;
	const char *driver;
};

/* An adapter has several USB interfaces (control and data), of which one has that of the network.
 */
static bool has_net(const struct host *host, const char *adapter)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(host, HOST_SYS, &names, NULL, NULL, "%s", adapter) < 0)
		return true; /* just unplugged */
	for (size_t i = 0; names[i]; i++)
		if (strchr(names[i], ':') &&
		    host_exists(host, HOST_SYS, "%s/%s/net", adapter, names[i]))
			return true;
	return false;
}

static bool is_known(const struct snapshot *snapshot, const struct pci_addr *addr, const char *what)
{
	for (size_t i = 0; i < snapshot->use_count; i++)
		if (snapshot->uses[i].kind == USE_NETNS &&
		    pci_addr_equal(&snapshot->uses[i].addr, addr) &&
		    strcmp(snapshot->uses[i].what, what) == 0)
			return true;
	return false;
}

static int look_at(void *data, const char *name, const struct place *place, struct error *err)
{
	const struct hidden_usb_reading *reading = data;
	auto_free char *adapter = xstrdup(place->path), *what = NULL;
	char *end = strrchr(adapter, '/');

	(void)name;
	(void)err;
	if (!place->has_addr || !end || !snapshot_device(reading->snapshot, &place->addr))
		return 0;
	*end = '\0';
	if (has_net(reading->host, adapter))
		return 0;
	what = xasprintf("the interface of USB adapter %s",
			 strrchr(adapter, '/') ? strrchr(adapter, '/') + 1 : adapter);
	if (is_known(reading->snapshot, &place->addr, what))
		return 0;
	snapshot_add_use(reading->snapshot, USE_NETNS, &place->addr, steal(&what),
			 hidden_evidence(reading->driver));
	return 0;
}

static bool makes_interfaces(const char *driver)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (text_starts(driver, drivers[i]))
			return true;
	return false;
}

static bool any_controller(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->device_count; i++)
		if (snapshot->devices[i].class_code >> 8 == 0x0c03)
			return true;
	return false;
}

void hidden_usb_add(const struct host *host, struct snapshot *snapshot)
{
	cleanup(host_free_names) char **names = NULL;
	struct hidden_usb_reading reading = {.host = host, .snapshot = snapshot};

	if (!any_controller(snapshot) ||
	    host_list(host, HOST_SYS, &names, NULL, NULL, "bus/usb/drivers") < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *directory = xasprintf("bus/usb/drivers/%s", names[i]);

		reading.driver = names[i];
		if (makes_interfaces(names[i]))
			place_each(host, directory, look_at, &reading, NULL);
	}
}
