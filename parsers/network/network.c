// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host loses with a network interface: its way to everywhere, a login, what stands on the
 * interface, file systems and disks of other machines. And that one which is not to be seen may be
 * in use all the same.
 */
#include "parsers/network/network.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "parsers/network/footing.h"
#include "parsers/network/hidden.h"
#include "parsers/network/interfaces.h"
#include "parsers/network/logins.h"
#include "parsers/network/outlets.h"
#include "parsers/network/routes.h"
#include "parsers/storage/remotes.h"

/* All that is read of the host's network. */
struct net {
	const struct host *host;
	struct interfaces interfaces;
	struct routes routes;
	bool blind; /* the routes could not be read */
	struct remotes remotes;
	struct footings *footings; /* filled as they are asked for */
};

static void net_done(struct net *net)
{
	interfaces_done(&net->interfaces);
	routes_done(&net->routes);
	remotes_done(&net->remotes);
}

static struct use *find_use(const struct snapshot *snapshot, enum use_kind kind,
			    const struct interface *interface, const char *how)
{
	for (size_t i = 0; i < snapshot->use_count; i++)
		if (snapshot->uses[i].kind == kind &&
		    pci_addr_equal(&snapshot->uses[i].addr, &interface->addr) &&
		    text_equal(snapshot->uses[i].what, interface->name) &&
		    text_equal(snapshot->uses[i].how, how))
			return &snapshot->uses[i];
	return NULL;
}

/* The same by two ways is told once. how: heap, taken over. */
static struct use *add_use(struct snapshot *snapshot, enum use_kind kind,
			   const struct interface *interface, char *how)
{
	struct use *found = find_use(snapshot, kind, interface, how);

	if (found) {
		free(how);
		return found;
	}
	snapshot_add_use(snapshot, kind, &interface->addr, xstrdup(interface->name), how);
	return &snapshot->uses[snapshot->use_count - 1];
}

/* " by br0" where the route does not name the interface itself. Heap. */
static char *by_whom(const struct interface *interface, const char *name)
{
	return strcmp(interface->name, name) == 0 ? xstrdup("") : xasprintf(" by %s", name);
}

/* --- what stands on it --- */

/* What netlink calls it, where sysfs has no word. Heap. */
static char *kind_of(const struct net *net, const char *name)
{
	const struct tunnel *told = routes_tunnel(&net->routes, name);
	char *kind = interface_kind(net->host, name);

	if (!told || strcmp(kind, "interface") != 0)
		return kind;
	free(kind);
	return xstrdup(strcmp(told->kind, "openvswitch") == 0 ? "Open vSwitch" : told->kind);
}

/* Does it have ports? */
static bool has_ports(const char *kind)
{
	static const char *const kinds[] = {"bridge", "bond", "team", "Open vSwitch", "vrf"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kind, kinds[i]) == 0)
			return true;
	return false;
}

static void add_uppers(const struct net *net, const struct interface *interface,
		       struct snapshot *snapshot)
{
	for (size_t i = 0; interface->upper[i]; i++) {
		const char *upper = interface->upper[i];
		auto_free char *kind = kind_of(net, upper);

		add_use(snapshot, USE_UPPER, interface,
			xasprintf("%s %s %s", has_ports(kind) ? "is part of" : "carries", kind,
				  upper));
	}
}

/* --- what depends on other machines --- */

static const struct route *find_route(const struct net *net, const struct remote *remote)
{
	return remote->has_address ? routes_find(&net->routes, &remote->address) : NULL;
}

/* Does the interface of this name stand on that one? *ret_may: so it may, which is not told. */
static bool stands_on(const struct net *net, const char *name, const struct interface *lower,
		      bool *ret_may)
{
	const struct footing *footing = footing_of(net->footings, name);

	for (size_t i = 0; i < footing->foot_count; i++) {
		const struct foot *foot = &footing->feet[i];

		if (pci_addr_equal(&foot->addr, &lower->addr) &&
		    strcmp(foot->what, lower->name) == 0) {
			*ret_may = foot->may;
			return true;
		}
	}
	return false;
}

/* The route by which the interface reaches the address as well as the one found, or NULL. */
static const struct route *find_carried(const struct net *net, const struct interface *interface,
					const struct inet *address, const struct route *found,
					bool *ret_may)
{
	for (size_t i = 0; found && i < net->routes.count; i++) {
		const struct route *route = &net->routes.all[i];

		if (route_ties(route, found, address) &&
		    stands_on(net, route->interface, interface, ret_may))
			return route;
	}
	return NULL;
}

/*
 * With policy routing the answers may leave by where the request came in, whatever the main table
 * says; and without, too, the connection ends with the address that it came in at.
 */
static const struct route *find_local(const struct net *net, const struct interface *interface,
				      const struct remote *remote, const struct route *found,
				      bool *ret_may)
{
	/* Who logs in from here needs no interface. */
	if (!remote->has_local || (found && strcmp(found->interface, "lo") == 0))
		return NULL;
	return find_carried(net, interface, &remote->local,
			    routes_find_subnet(&net->routes, &remote->local), ret_may);
}

/* A program's own, which may be a switch with an adapter in it. */
static bool is_of_program(const struct net *net, const char *name)
{
	const struct tunnel *told = routes_tunnel(&net->routes, name);

	return told && strcmp(told->kind, "tun") == 0;
}

/*
 * Can anything be reached over it but what is plugged into it? The networks of guests and
 * containers (docker0) stand on nothing that is told, and lead to these alone: only by a default
 * route could they lead out by any adapter.
 */
static bool has_route(const struct net *net, const struct interface *interface)
{
	static const struct inet link = {.bytes = {0xfe, 0x80}}, many = {.bytes = {0xff}};
	bool may;

	for (size_t i = 0; i < net->routes.count; i++) {
		const struct route *route = &net->routes.all[i];

		if (inet_match(&route->to, &link, 10) || inet_match(&route->to, &many, 8))
			continue;
		if (stands_on(net, route->interface, interface, &may) &&
		    (!may || routes_is_default(&net->routes, route) ||
		     is_of_program(net, route->interface)))
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
	bool may = false;

	if (remote->interface) {
		*ret_by = remote->interface;
		if (!stands_on(net, remote->interface, interface, &may))
			return CARRIES_NOT;
		return may ? MAY_CARRY : CARRIES;
	}
	/* Not in the main table. */
	if (remote->has_address && inet_is_loopback(&remote->address))
		return CARRIES_NOT;
	route = find_carried(net, interface, &remote->address, found, &may);
	if (!route)
		route = find_local(net, interface, remote, found, &may);
	if (route)
		*ret_by = route->interface;
	if (route)
		return may ? MAY_CARRY : CARRIES;
	if (found)
		return CARRIES_NOT;
	/* The way may be in a table that a rule keeps for some packets. */
	return net->blind || remote->has_address || has_route(net, interface) ? MAY_CARRY
									      : CARRIES_NOT;
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

/* Is it another way to the same, which works? */
static bool is_other_way(const struct remote *other, const struct remote *remote)
{
	return other != remote && !other->dead && other->kind == remote->kind && remote->thing &&
	       text_equal(other->thing, remote->thing);
}

/* One that stays. */
static bool has_other_way(const struct net *net, const struct remote *remote,
			  const struct snapshot *snapshot)
{
	for (size_t i = 0; i < net->remotes.count; i++)
		if (is_other_way(&net->remotes.all[i], remote) &&
		    !goes_with_any(net, &net->remotes.all[i], snapshot))
			return true;
	return false;
}

/* A way with each device that carries it, any of which it ends with. False: one is addr. */
static bool find_way(const struct net *net, const struct remote *remote,
		     const struct pci_addr *addr, const struct snapshot *snapshot,
		     struct outlet *way)
{
	const char *by;

	for (size_t i = 0; i < net->interfaces.count; i++) {
		const struct interface *interface = &net->interfaces.all[i];

		if (!is_lent(interface, snapshot) ||
		    carries(net, interface, remote, &by) == CARRIES_NOT)
			continue;
		if (pci_addr_equal(&interface->addr, addr))
			return false;
		array_push(way->parts, way->part_count,
			   (struct outlet_part){interface->addr, (unsigned int)i});
	}
	return true;
}

/* Those that may stay when only some of the devices go. */
static void add_ways(const struct net *net, const struct remote *remote,
		     const struct snapshot *snapshot, struct use *use)
{
	for (size_t i = 0; i < net->remotes.count; i++) {
		struct outlet way = {0};

		if (is_other_way(&net->remotes.all[i], remote) &&
		    find_way(net, &net->remotes.all[i], &use->addr, snapshot, &way))
			array_push(use->ways, use->way_count, way);
		else
			outlet_done(&way);
	}
}

static void add_remote(const struct net *net, const struct interface *interface,
		       const struct remote *remote, struct snapshot *snapshot)
{
	const char *name = interface->name;
	enum carries how = carries(net, interface, remote, &name);
	auto_free char *by = by_whom(interface, name);
	size_t count = snapshot->use_count;
	struct use *use;

	if (how == CARRIES_NOT || has_other_way(net, remote, snapshot))
		return;
	if (how == CARRIES)
		use = add_use(snapshot, remote->kind, interface,
			      xasprintf("carries %s%s", remote->what, by));
	else
		/* What no word lifts must be sure. */
		use = add_use(
			snapshot, remote->kind == USE_IMAGE ? USE_NETWORK_MOUNT : remote->kind,
			interface,
			xasprintf("may carry %s%s%s", remote->what, by,
				  name != interface->name ? ""
				  : remote->has_address   ? ", to which no route is known"
							: ", whose server's address is not known"));
	/* Of two that read the same, one may have no other way. */
	if (snapshot->use_count == count && use->way_count == 0)
		return;
	use_drop_ways(use);
	add_ways(net, remote, snapshot, use);
}

/* --- all of it --- */

static void add_uses(const struct net *net, struct snapshot *snapshot)
{
	for (size_t i = 0; i < net->interfaces.count; i++) {
		const struct interface *interface = &net->interfaces.all[i];

		if (!is_lent(interface, snapshot))
			continue;
		add_uppers(net, interface, snapshot);
		for (size_t k = 0; k < net->remotes.count; k++)
			add_remote(net, interface, &net->remotes.all[k], snapshot);
	}
}

/* --- without routes --- */

static void add_blind_use(const struct interface *interface, const struct pci_addr *addr,
			  const struct error *failure, struct snapshot *snapshot)
{
	const struct interface blind = {.addr = *addr, .name = interface->name};

	add_use(snapshot, USE_DEFAULT_ROUTE, &blind,
		xasprintf("may carry the default route: the routes cannot be read (%s)",
			  failure->text));
}

/* What is dialled may be so by any of the serial lines. */
static void add_blind_line(const struct interface *interface, const struct error *failure,
			   struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->node_count; i++)
		if (text_equal(snapshot->nodes[i].subsystem, "tty"))
			add_blind_use(interface, &snapshot->nodes[i].addr, failure, snapshot);
}

/* Not knowing is as good as a loss where there is an interface to lose. */
static void add_blind(const struct net *net, const struct error *failure, struct snapshot *snapshot)
{
	for (size_t i = 0; i < net->interfaces.count; i++) {
		const struct interface *interface = &net->interfaces.all[i];

		if (is_lent(interface, snapshot))
			add_blind_use(interface, &interface->addr, failure, snapshot);
		else if (interface_uses_line(net->host, interface->name))
			add_blind_line(interface, failure, snapshot);
	}
}

static bool is_any_ours(const struct net *net, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < net->interfaces.count; i++)
		if (net->interfaces.all[i].has_addr &&
		    snapshot_device(snapshot, &net->interfaces.all[i].addr))
			return true;
	return false;
}

/* A serial line of one of the devices, while there is an interface that could stand on one. */
static bool is_any_line_ours(const struct net *net, const struct snapshot *snapshot)
{
	bool has_line = false;

	for (size_t i = 0; !has_line && i < snapshot->node_count; i++)
		has_line = text_equal(snapshot->nodes[i].subsystem, "tty");
	for (size_t i = 0; has_line && i < net->interfaces.count; i++)
		if (interface_uses_line(net->host, net->interfaces.all[i].name))
			return true;
	return false;
}

static int read_remotes(struct net *net, const struct guest *guest, struct error *err)
{
	int ret = logins_read(net->host, &net->remotes, err);

	return ret < 0 ? ret : remotes_read(net->host, guest, &net->remotes, err);
}

/* Graphics, sound and disks have no interfaces below them, and who has these alone need not look.
 */
static bool may_have_interfaces(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->device_count; i++) {
		uint32_t class_code = snapshot->devices[i].class_code;

		if (class_code >> 16 != 0x03 && class_code >> 8 != 0x0401 &&
		    class_code >> 8 != 0x0403 && class_code >> 8 != 0x0106 &&
		    class_code >> 8 != 0x0108)
			return true;
	}
	return false;
}

static void read_outlets(struct net *net, struct snapshot *snapshot)
{
	struct error failure = ERROR_INIT;

	net->blind = routes_read(net->host, &net->routes, &failure) < 0;
	if (net->blind)
		add_blind(net, &failure, snapshot);
	else
		outlets_add(net->footings, snapshot);
}

int network_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot,
		 struct error *err)
{
	cleanup(net_done) struct net net = {.host = host};
	auto_footings struct footings footings = {
		.host = host, .interfaces = &net.interfaces, .routes = &net.routes};
	bool ours;
	int ret;

	if (!may_have_interfaces(snapshot))
		return 0;
	net.footings = &footings;
	ret = interfaces_read(host, snapshot, &net.interfaces, err);
	if (ret < 0)
		return ret;
	ours = is_any_ours(&net, snapshot);
	if (ours || is_any_line_ours(&net, snapshot))
		read_outlets(&net, snapshot);
	if (ours)
		ret = read_remotes(&net, guest, err);
	if (ret < 0)
		return ret;
	add_uses(&net, snapshot);
	hidden_add(host, &net.interfaces, snapshot);
	hidden_usb_add(host, snapshot);
	return 0;
}
