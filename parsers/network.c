// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host loses with a network interface: its way to everywhere, a login, what stands on the
 * interface, file systems and disks of other machines. And that one which is not to be seen may be
 * in use all the same.
 */
#include "parsers/network.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parsers/interfaces.h"
#include "parsers/remotes.h"
#include "parsers/routes.h"

/* All that is read of the host's network. */
struct net {
	const struct host *host;
	struct interfaces interfaces;
	struct routes routes;
	struct remotes remotes;
};

static void net_done(struct net *net)
{
	interfaces_done(&net->interfaces);
	routes_done(&net->routes);
	remotes_done(&net->remotes);
}

static bool has_use(const struct snapshot *snapshot, enum use_kind kind,
		    const struct interface *interface, const char *how)
{
	for (size_t i = 0; i < snapshot->use_count; i++)
		if (snapshot->uses[i].kind == kind &&
		    pci_addr_equal(&snapshot->uses[i].addr, &interface->addr) &&
		    text_equal(snapshot->uses[i].what, interface->name) &&
		    text_equal(snapshot->uses[i].how, how))
			return true;
	return false;
}

/* The same by two ways is told once. how: heap, taken over. */
static void add_use(struct snapshot *snapshot, enum use_kind kind,
		    const struct interface *interface, char *how)
{
	if (has_use(snapshot, kind, interface, how)) {
		free(how);
		return;
	}
	snapshot_add_use(snapshot, kind, &interface->addr, xstrdup(interface->name), how);
}

/* " by br0" where the route does not name the interface itself. Heap. */
static char *by_whom(const struct interface *interface, const char *name)
{
	return strcmp(interface->name, name) == 0 ? xstrdup("") : xasprintf(" by %s", name);
}

/* --- default routes --- */

/* The same way with another metric is not another one. */
static bool is_repeated(const struct routes *routes, size_t index)
{
	const struct route *route = &routes->all[index];

	for (size_t i = 0; i < index; i++)
		if (route_is_default(&routes->all[i]) && routes->all[i].v4 == route->v4 &&
		    strcmp(routes->all[i].interface, route->interface) == 0)
			return true;
	return false;
}

static void add_default_routes(const struct net *net, const struct interface *interface,
			       struct snapshot *snapshot)
{
	for (size_t i = 0; i < net->routes.count; i++) {
		const struct route *route = &net->routes.all[i];
		auto_free char *by = NULL;

		if (!route_is_default(route) || is_repeated(&net->routes, i) ||
		    !interfaces_stands_on(&net->interfaces, route->interface, interface))
			continue;
		by = by_whom(interface, route->interface);
		add_use(snapshot, USE_DEFAULT_ROUTE, interface,
			xasprintf("carries the default route of %s%s", route->v4 ? "IPv4" : "IPv6",
				  by));
	}
}

/* --- what stands on it --- */

static void add_uppers(const struct net *net, const struct interface *interface,
		       struct snapshot *snapshot)
{
	for (size_t i = 0; interface->upper[i]; i++) {
		const char *upper = interface->upper[i];
		auto_free char *kind = interface_kind(net->host, upper);
		bool is_part = strcmp(kind, "bridge") == 0 || strcmp(kind, "bond") == 0 ||
			       strcmp(kind, "team") == 0;

		add_use(snapshot, USE_UPPER, interface,
			xasprintf("%s %s %s", is_part ? "is part of" : "carries", kind, upper));
	}
}

/* --- what depends on other machines --- */

static const struct route *find_route(const struct net *net, const struct remote *remote)
{
	return remote->has_address ? routes_find(&net->routes, &remote->address) : NULL;
}

/* The route by which the interface reaches the address as well as the one found, or NULL. */
static const struct route *find_carried(const struct net *net, const struct interface *interface,
					const struct inet *address, const struct route *found)
{
	for (size_t i = 0; found && i < net->routes.count; i++) {
		const struct route *route = &net->routes.all[i];

		if (route_ties(route, found, address) &&
		    interfaces_stands_on(&net->interfaces, route->interface, interface))
			return route;
	}
	return NULL;
}

/*
 * With policy routing the answers may leave by where the request came in, whatever the main table
 * says; and without, too, the connection ends with the address that it came in at.
 */
static const struct route *find_local(const struct net *net, const struct interface *interface,
				      const struct remote *remote, const struct route *found)
{
	/* Who logs in from here needs no interface. */
	if (!remote->has_local || (found && strcmp(found->interface, "lo") == 0))
		return NULL;
	return find_carried(net, interface, &remote->local,
			    routes_find_subnet(&net->routes, &remote->local));
}

/* Can anything be reached over it but what is plugged into it? */
static bool has_route(const struct net *net, const struct interface *interface)
{
	static const struct inet link = {.bytes = {0xfe, 0x80}}, many = {.bytes = {0xff}};

	for (size_t i = 0; i < net->routes.count; i++) {
		const struct route *route = &net->routes.all[i];

		if (inet_match(&route->to, &link, 10) || inet_match(&route->to, &many, 8))
			continue;
		if (interfaces_stands_on(&net->interfaces, route->interface, interface))
			return true;
	}
	return false;
}

enum carries { CARRIES_NOT, MAY_CARRY, CARRIES };

/* *ret_by: the interface that it goes by where it surely does. */
static enum carries carries(const struct net *net, const struct interface *interface,
			    const struct remote *remote, const char **ret_by)
{
	const struct route *found = find_route(net, remote), *route;

	if (remote->interface) {
		*ret_by = remote->interface;
		return interfaces_stands_on(&net->interfaces, remote->interface, interface)
			       ? CARRIES
			       : CARRIES_NOT;
	}
	/* Not in the main table. */
	if (remote->has_address && inet_is_loopback(&remote->address))
		return CARRIES_NOT;
	route = find_carried(net, interface, &remote->address, found);
	if (!route)
		route = find_local(net, interface, remote, found);
	if (route)
		*ret_by = route->interface;
	if (route || found)
		return route ? CARRIES : CARRIES_NOT;
	/* The way may be in a table of policy routing, which /proc does not show. */
	return remote->has_address || has_route(net, interface) ? MAY_CARRY : CARRIES_NOT;
}

static bool is_lent(const struct interface *interface, const struct snapshot *snapshot)
{
	return interface->has_addr && snapshot_device(snapshot, &interface->addr);
}

static bool goes_with_any(const struct net *net, const struct remote *remote,
			  const struct snapshot *snapshot)
{
	const char *by;

	for (size_t i = 0; i < net->interfaces.count; i++)
		if (is_lent(&net->interfaces.all[i], snapshot) &&
		    carries(net, &net->interfaces.all[i], remote, &by) != CARRIES_NOT)
			return true;
	return false;
}

/* Is there another way to the same, which works and stays? */
static bool has_other_way(const struct net *net, const struct remote *remote,
			  const struct snapshot *snapshot)
{
	for (size_t i = 0; remote->thing && i < net->remotes.count; i++) {
		const struct remote *other = &net->remotes.all[i];

		if (other != remote && !other->dead && other->kind == remote->kind &&
		    text_equal(other->thing, remote->thing) && !goes_with_any(net, other, snapshot))
			return true;
	}
	return false;
}

static void add_remote(const struct net *net, const struct interface *interface,
		       const struct remote *remote, struct snapshot *snapshot)
{
	const char *name = interface->name;
	enum carries how = carries(net, interface, remote, &name);
	auto_free char *by = by_whom(interface, name);

	if (how == CARRIES_NOT || has_other_way(net, remote, snapshot))
		return;
	if (how == CARRIES)
		add_use(snapshot, remote->kind, interface,
			xasprintf("carries %s%s", remote->what, by));
	else
		/* What no word lifts must be sure. */
		add_use(snapshot, remote->kind == USE_IMAGE ? USE_NETWORK_MOUNT : remote->kind,
			interface,
			xasprintf("may carry %s, %s", remote->what,
				  remote->has_address ? "to which no route is known"
						      : "whose server's address is not known"));
}

/* --- all of it --- */

static void add_uses(const struct net *net, struct snapshot *snapshot)
{
	for (size_t i = 0; i < net->interfaces.count; i++) {
		const struct interface *interface = &net->interfaces.all[i];

		if (!is_lent(interface, snapshot))
			continue;
		add_default_routes(net, interface, snapshot);
		add_uppers(net, interface, snapshot);
		for (size_t k = 0; k < net->remotes.count; k++)
			add_remote(net, interface, &net->remotes.all[k], snapshot);
	}
}

static bool has_interface(const struct net *net, const struct pci_addr *addr)
{
	for (size_t i = 0; i < net->interfaces.count; i++)
		if (net->interfaces.all[i].has_addr &&
		    pci_addr_equal(&net->interfaces.all[i].addr, addr))
			return true;
	return false;
}

/* Drivers that give the device to a program: no interface is to be expected. */
static bool driver_makes_none(const char *driver)
{
	static const char *const names[] = {"pci-stub", "uio_pci_generic", "igb_uio", "pciback"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(driver, names[i]) == 0)
			return true;
	return !*driver || driver_is_vfio(driver);
}

static bool is_network(const struct device *device)
{
	/* Ethernet and what calls itself "other", as wireless adapters do. */
	return device->class_code >> 8 == 0x0200 || device->class_code >> 8 == 0x0280;
}

/* sysfs shows the interfaces of the reader's network namespace: those of a container are gone. */
static void add_hidden(const struct net *net, struct snapshot *snapshot)
{
	for (size_t i = 0; net->interfaces.networking && i < snapshot->device_count; i++) {
		const struct device *device = &snapshot->devices[i];

		if (!is_network(device) || driver_makes_none(device->bound.driver) ||
		    has_interface(net, &device->addr))
			continue;
		snapshot_add_use(snapshot, USE_NETNS, &device->addr, xstrdup("its interface"),
				 xasprintf("is not to be seen here although driver %s is bound: it "
					   "is in another network namespace, or the driver makes "
					   "none",
					   device->bound.driver));
	}
}

static bool is_any_ours(const struct net *net, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->device_count; i++)
		if (has_interface(net, &snapshot->devices[i].addr))
			return true;
	return false;
}

int network_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot,
		 struct error *err)
{
	cleanup(net_done) struct net net = {.host = host};
	int ret = interfaces_read(host, &net.interfaces, err);

	if (ret == 0 && is_any_ours(&net, snapshot)) {
		ret = routes_read(host, &net.routes, err);
		if (ret == 0)
			ret = logins_read(host, &net.remotes, err);
		if (ret == 0)
			ret = remotes_read(host, guest, &net.remotes, err);
	}
	if (ret < 0)
		return ret;
	add_uses(&net, snapshot);
	add_hidden(&net, snapshot);
	return 0;
}
