// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the loans stand: from the journals, from who has which lock, and from what sysfs shows. A
 * device on loan and one that is lost look alike to the host, which has neither.
 * Tests: ctl/status.bats.
 */
#include "session/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "parsers/libvirt/qemu.h"
#include "parsers/pci/names.h"
#include "parsers/pci/pci.h"
#include "session/session.h"
#include "state/handovers.h"
#include "state/journal-file.h"
#include "state/journals.h"
#include "state/state-dir.h"
#include "state/state-locks.h"
#include "state/step-lock.h"

static const char *const state_names[LOAN_STATES] = {
	[LOAN_LENT] = "lent",   [LOAN_LENDING] = "lending",     [LOAN_RETURNING] = "returning",
	[LOAN_STUCK] = "stuck", [LOAN_UNSETTLED] = "unsettled", [LOAN_LOST] = "lost",
};

const char *loan_state_name(enum loan_state state)
{
	return state_names[state];
}

bool loan_state_is_bad(enum loan_state state)
{
	return state == LOAN_STUCK || state == LOAN_UNSETTLED || state == LOAN_LOST;
}

static void guest_status_done(struct guest_status *status)
{
	for (size_t i = 0; i < status->loan_count; i++) {
		device_done(&status->loans[i].device);
		free(status->loans[i].note);
	}
	for (int i = 0; i < HANDOVER_OPERATIONS; i++)
		handover_done(&status->last[i]);
	free(status->loans);
	free(status->guest);
	free(status->command);
}

void statuses_done(struct statuses *statuses)
{
	for (size_t i = 0; i < statuses->count; i++)
		guest_status_done(&statuses->items[i]);
	free(statuses->items);
	memset(statuses, 0, sizeof(*statuses));
}

bool guest_status_is_bad(const struct guest_status *status)
{
	for (size_t i = 0; i < status->loan_count; i++)
		if (loan_state_is_bad(status->loans[i].state))
			return true;
	return false;
}

/* --- who is at it --- */

/* Is a step in the kernel, whether its hook lives or not? */
static bool is_in_kernel(const struct host *host, const struct journal *journal)
{
	auto_free char *name = xasprintf("%s" JOURNAL_SUFFIX, journal->uuid);
	auto_close int fd = state_dir_open_file(host, name);

	for (size_t i = 0; fd >= 0 && i < journal->step_count; i++)
		if (step_lock_is_taken(fd, i))
			return true;
	return false;
}

static enum loan_state state_of_run(const struct host *host, const struct guest_status *status,
				    const struct journal *journal)
{
	bool is_over = journal->returning || !journal->lent;

	if (!is_over)
		return LOAN_LENT;
	if (status->busy)
		return journal->returning ? LOAN_RETURNING : LOAN_LENDING;
	return is_in_kernel(host, journal) ? LOAN_STUCK : LOAN_UNSETTLED;
}

/* Heap, or NULL. */
static char *note_of_run(const struct guest_status *status, enum loan_state state,
			 const struct journal *journal)
{
	auto_free char *word = session_recover_word(status->guest, status->uuid);

	switch (state) {
	case LOAN_LENDING:
	case LOAN_RETURNING:
		if (!status->pid)
			return xstrdup("somebody is at work on it");
		return xasprintf("process %d (%s) is at work on it", status->pid,
				 status->command ? status->command : "of unknown name");
	case LOAN_STUCK:
		return xstrdup("a driver does not answer the kernel; when it answers, the device "
			       "comes home by itself, and if it never does, only a restart of the "
			       "host helps");
	case LOAN_LENT:
		/* No guest's stop ends a loan by hand. */
		if (!journal_stays_by_hand(journal))
			return NULL;
		return xasprintf("it is lent by hand; \"hostdevctl return %s\" gives everything "
				 "back that was lent together",
				 ADDR(&journal->claims[0]));
	case LOAN_UNSETTLED:
		if (journal->lent && !journal->returning)
			return xasprintf("it was detached from the guest, and is not returned yet; "
					 "\"hostdevctl recover %s\" returns it",
					 word);
		return xasprintf("%s, and nobody is at work on it; \"hostdevctl recover %s\" "
				 "returns %s",
				 journal->returning ? "not everything is returned"
						    : "its start was not finished",
				 word, journal->returning ? "it" : "its devices");
	default:
		return NULL;
	}
}

/* --- is it still where the guest has it --- */

static const struct step *driver_step(const struct journal *journal, const struct pci_addr *addr)
{
	const struct step *found = NULL;

	/* The last of them is where it should be now. */
	for (size_t i = 0; i < journal->step_count; i++)
		if (journal->steps[i].kind == STEP_DRIVER &&
		    strcmp(journal->steps[i].target, ADDR(addr)) == 0)
			found = &journal->steps[i];
	return found;
}

#define CLASS_BRIDGE_PCI 0x0604

static bool runs(const struct host *host, const char *uuid)
{
	struct qemu qemu = {0};

	return qemu_find(host, uuid, &qemu, NULL) == 0 && qemu.life == QEMU_ALIVE;
}

/*
 * What libvirt binds itself, and what was on VFIO already, has no step: it may be with the host
 * until its guest runs. A device without a driver may have been left so.
 */
static bool should_be_on_vfio(const struct host *host, const struct journal *journal,
			      const struct device *device)
{
	const struct step *step = driver_step(journal, &device->addr);
	struct driver_value value;

	if (step)
		return driver_value_parse(step->after, &value) && *value.driver;
	return *device->bound.driver && device->class_code >> 8 != CLASS_BRIDGE_PCI &&
	       runs(host, journal->uuid);
}

/* What is wrong with it, or NULL. Heap. */
static char *find_loss(const struct host *host, const struct journal *journal,
		       const struct device *device, bool exists)
{
	const struct pin *pin = pins_find(&journal->devices, &device->addr);

	if (!exists)
		return xstrdup("the device is gone from this host");
	if (pin && !pin_matches(pin, device))
		return xstrdup("another device stands at its address now");
	if (device->has_vfio || device_driver_is_vfio(device->bound.driver) ||
	    !should_be_on_vfio(host, journal, device))
		return NULL;
	if (!*device->bound.driver)
		return xstrdup("it has no driver, and should be on a VFIO driver");
	return xasprintf("it is on driver %s, and should be on a VFIO driver",
			 device->bound.driver);
}

static void take_pin(const struct journal *journal, const struct pci_addr *addr, struct device *ret)
{
	const struct pin *pin = pins_find(&journal->devices, addr);

	*ret = (struct device){.addr = *addr};
	if (!pin)
		return;
	ret->vendor = pin->vendor;
	ret->product = pin->product;
	ret->subvendor = pin->subvendor;
	ret->subproduct = pin->subproduct;
	ret->class_code = pin->class_code;
}

/* False: there is no such device; then *ret is what it was. */
static bool read_device(const struct host *host, const struct journal *journal,
			const struct pci_addr *addr, struct device *ret)
{
	bool exists = host_exists(host, HOST_SYS, "bus/pci/devices/%s", ADDR(addr));

	if (!exists || pci_identity_read(host, addr, ret, NULL) < 0)
		take_pin(journal, addr, ret);
	if (!exists)
		return false;
	host_absent_is_empty(host_read_link_name(host, HOST_SYS, ret->bound.driver,
						 sizeof(ret->bound.driver), NULL,
						 "bus/pci/devices/%s/driver", ADDR(addr)),
			     ret->bound.driver);
	ret->has_vfio = host_exists(host, HOST_SYS, "bus/pci/devices/%s/vfio-dev", ADDR(addr));
	return true;
}

static struct loan_status *add_loan(struct guest_status *status)
{
	status->loans = array_grow(status->loans, status->loan_count, sizeof(*status->loans));
	status->loans[status->loan_count] = (struct loan_status){.state = LOAN_LENT};
	return &status->loans[status->loan_count++];
}

static void add_device(const struct host *host, struct guest_status *status,
		       const struct journal *journal, const struct pci_addr *addr,
		       enum loan_state state)
{
	struct loan_status *loan = add_loan(status);
	bool exists = read_device(host, journal, addr, &loan->device);
	char *loss = NULL;

	loan->has_device = true;
	loan->state = state;
	if (state == LOAN_LENT && journal_is_detached(journal, addr)) {
		loan->state = is_in_kernel(host, journal) ? LOAN_STUCK : LOAN_UNSETTLED;
		loan->note = note_of_run(status, loan->state, journal);
		return;
	}
	if (state == LOAN_LENT)
		loss = find_loss(host, journal, &loan->device, exists);
	if (loss)
		loan->state = LOAN_LOST;
	loan->note = loss ? loss : note_of_run(status, state, journal);
}

static void add_loans(const struct host *host, struct guest_status *status,
		      const struct journal *journal)
{
	enum loan_state state = state_of_run(host, status, journal);

	for (size_t i = 0; i < journal->claim_count; i++)
		if (journal_holds(journal, &journal->claims[i]))
			add_device(host, status, journal, &journal->claims[i], state);
	if (status->loan_count == 0 && state != LOAN_LENT) {
		struct loan_status *loan = add_loan(status);

		loan->state = state;
		loan->note = note_of_run(status, state, journal);
	}
	status->since = status->loan_count > 0 ? journal->lent_at : 0;
}

/* --- guests --- */

static void read_record(const struct host *host, struct guest_status *status)
{
	auto_handovers struct handovers handovers = {0};

	if (handovers_read(host, status->uuid, &handovers, NULL) < 0)
		return;
	if (!status->guest)
		status->guest = steal(&handovers.guest);
	memcpy(status->last, handovers.last, sizeof(status->last));
	memset(handovers.last, 0, sizeof(handovers.last));
}

static void read_journal(const struct host *host, const char *boot_id, struct guest_status *status)
{
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error err = ERROR_INIT;
	int ret = journal_read(host, status->uuid, &journal, &err);

	if (ret == 0 && strcmp(journal.boot_id, boot_id) == 0) {
		free(status->guest);
		status->guest = xstrdup(journal.guest);
		add_loans(host, status, &journal);
	} else if (ret < 0 && ret != -ENOENT) {
		struct loan_status *loan = add_loan(status);

		loan->state = LOAN_UNSETTLED;
		loan->note = xstrdup(err.text);
	}
}

static void add_guest(const struct host *host, const char *boot_id, const char *uuid,
		      struct statuses *statuses)
{
	struct guest_status status = {0};

	memcpy(status.uuid, uuid, sizeof(status.uuid));
	/* Before the journal: who ends in between has settled it. */
	status.busy = state_locks_guest_is_taken(host, uuid, &status.pid);
	status.command = status.pid ? state_locks_owner_command(host, status.pid) : NULL;
	read_record(host, &status);
	if (!status.guest)
		status.guest = xstrdup(uuid);
	read_journal(host, boot_id, &status);
	if (status.loan_count == 0 && !status.last[HANDOVER_LEND].result &&
	    !status.last[HANDOVER_RETURN].result) {
		guest_status_done(&status);
		return;
	}
	array_push(statuses->items, statuses->count, status);
}

static bool has_guest(const struct statuses *statuses, const char *uuid)
{
	for (size_t i = 0; i < statuses->count; i++)
		if (strcmp(statuses->items[i].uuid, uuid) == 0)
			return true;
	return false;
}

static int by_name(const void *a, const void *b)
{
	const struct guest_status *one = a, *other = b;
	int order = strcmp(one->guest, other->guest);

	return order ? order : strcmp(one->uuid, other->uuid);
}

static int add_guests(const struct host *host, const char *boot_id, const char *suffix,
		      struct statuses *statuses, struct error *err)
{
	cleanup(host_free_names) char **uuids = NULL;
	int ret = journals_list(host, suffix, &uuids, err);

	for (size_t i = 0; ret == 0 && uuids[i]; i++)
		if (!has_guest(statuses, uuids[i]))
			add_guest(host, boot_id, uuids[i], statuses);
	return ret;
}

int statuses_read(const struct host *host, struct statuses *ret, struct error *err)
{
	auto_statuses struct statuses statuses = {0};
	char boot_id[HOST_BOOT_ID_SIZE];
	int result = host_boot_id(host, boot_id, err);

	if (result == 0)
		result = add_guests(host, boot_id, JOURNAL_SUFFIX, &statuses, err);
	if (result == 0)
		result = add_guests(host, boot_id, HANDOVER_SUFFIX, &statuses, err);
	if (result < 0)
		return result;
	if (statuses.count > 1)
		qsort(statuses.items, statuses.count, sizeof(*statuses.items), by_name);
	*ret = statuses;
	statuses = (struct statuses){0};
	return 0;
}

void statuses_fill_names(struct statuses *statuses)
{
	struct device *devices = NULL;
	struct snapshot snapshot = {0};
	size_t count = 0;

	for (size_t i = 0; i < statuses->count; i++)
		for (size_t j = 0; j < statuses->items[i].loan_count; j++)
			array_push(devices, count, statuses->items[i].loans[j].device);
	snapshot.devices = devices;
	snapshot.device_count = count;
	if (count > 0)
		names_fill(&snapshot);
	count = 0;
	for (size_t i = 0; i < statuses->count; i++)
		for (size_t j = 0; j < statuses->items[i].loan_count; j++)
			statuses->items[i].loans[j].device = devices[count++];
	free(devices);
}
