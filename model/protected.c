// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one list of units and programs that a guest's start never stops and never signals, and why.
 * Whoever adds a row adds it to README.md and hostdev-hook(8) as well: a test compares them.
 */
#include "model/protected.h"

#include <fnmatch.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/program.h"

static const struct protected_row rows[] = {
	{"systemd, init.scope", PROTECTED_PART, "It starts and stops the services of this host."},
	{"systemd-udevd, udevd, (udev-worker)", PROTECTED_PART,
	 "It looks after the devices of this host."},
	{"systemd-journald, systemd-resolved, systemd-timesyncd", PROTECTED_PART,
	 "The other services of this host depend on it."},
	{"systemd-logind, elogind, elogind-daemon, seatd", PROTECTED_KEEPER,
	 "It keeps devices open for the sessions of this host."},
	{"dbus-daemon, dbus-broker, dbus-broker-launch, dbus.service, dbus.socket", PROTECTED_BUS,
	 "The programs of this host talk to each other through it."},
	{"sshd, sshd-session, sshd-auth, ssh.service, ssh.socket", PROTECTED_PART,
	 "It is the way into this host from elsewhere."},
	{"NetworkManager, systemd-networkd, wpa_supplicant, iwd, dhclient, dhcpcd, udhcpc, "
	 "connmand, pppd, ovs-vswitchd, ovsdb-server",
	 PROTECTED_PART, "It keeps this host on the network."},
	{"multipathd, iscsid, iscsiuio, iscsi.service, open-iscsi.service, mdmon, dmeventd, "
	 "nbd-client, rbd-nbd, ceph-*, glusterd, glusterfsd",
	 PROTECTED_PART, "Disks of this host or of others depend on it."},
	{"corosync, pacemaker*, sbd, sanlock, wdmd, dlm_controld", PROTECTED_PART,
	 "Without it a cluster takes this host for dead."},
	{"dockerd, docker.service, docker.socket, containerd, containerd-shim*, conmon, crio, "
	 "kubelet, k3s*, rke2*, lxd, incusd, incus.service",
	 PROTECTED_PART, "It runs the containers of this host."},
	{"libvirt*, virt*d", PROTECTED_PART, "It runs the guests of this host."},
	{"nvidia-vgpu-mgr, nvidia-vgpud, nv-fabricmanager, nvidia-fabricmanager.service, "
	 "nvidia-imex",
	 PROTECTED_PART, "It serves all guests and programs on the cards of this host."},
	{"qemu-*, kvm, cloud-hyperviso*, crosvm, firecracker, VBoxHeadless, VirtualBoxVM, "
	 "vmware-vmx",
	 PROTECTED_GUEST, "It runs a virtual machine."},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))
#define NAME_SIZE 64

const struct protected_row *protected_rows(size_t *ret_count)
{
	*ret_count = ROW_COUNT;
	return rows;
}

/* The next of a row's names; false at the end. */
static bool next_name(const char **at, char name[NAME_SIZE])
{
	size_t length = strcspn(*at, ",");

	if (length == 0 || length >= NAME_SIZE)
		return false;
	memcpy(name, *at, length);
	name[length] = '\0';
	*at += length;
	*at += strspn(*at, ", ");
	return true;
}

static const struct protected_row *find_row(const char *what,
					    bool (*is)(const char *what, const char *name))
{
	char name[NAME_SIZE];

	for (size_t i = 0; i < ROW_COUNT; i++)
		for (const char *at = rows[i].names; next_name(&at, name);)
			if (is(what, name))
				return &rows[i];
	return NULL;
}

static bool is_program(const char *comm, const char *name)
{
	return !strchr(name, '.') && program_is(comm, name);
}

/* "sshd" is "sshd.service", and also "sshd@1.service", one of several of its kind. */
static bool is_unit(const char *unit, const char *name)
{
	size_t stem = strcspn(unit, "@");
	auto_free char *kind =
		xasprintf("%.*s%s", (int)stem, unit, unit[stem] ? strrchr(unit, '.') : "");
	auto_free char *wanted = strchr(name, '.') ? xstrdup(name) : xasprintf("%s.service", name);

	return fnmatch(wanted, kind, 0) == 0 || fnmatch(wanted, unit, 0) == 0;
}

const struct protected_row *protected_program(const char *comm)
{
	return find_row(comm, is_program);
}

const struct protected_row *protected_machine(const char *comm, const char *exe)
{
	const struct protected_row *row = protected_program(comm);

	if (!row || row->kind != PROTECTED_GUEST)
		row = protected_program(exe);
	return row && row->kind == PROTECTED_GUEST ? row : NULL;
}

const struct protected_row *protected_unit(const char *unit)
{
	const struct protected_row *row = strrchr(unit, '.') ? find_row(unit, is_unit) : NULL;

	return row && (row->kind == PROTECTED_PART || row->kind == PROTECTED_KEEPER) ? row : NULL;
}

bool protected_from_stop(const char *unit)
{
	return strrchr(unit, '.') && find_row(unit, is_unit) != NULL;
}
