// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of the QEMUs that hold devices is the guest's own: by its UUID, and by the name that
 * libvirt gave its control group where it does not show that.
 * Tests: model/test-cases.c, model/test-answers.c.
 */
#include "parsers/libvirt/running.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/libvirt/qemu.h"

static bool holds_by_vfio(const struct snapshot *snapshot, const struct holder *holder)
{
	for (size_t i = 0; i < holder->hold_count; i++)
		if (node_is_vfio(&snapshot->nodes[holder->holds[i].node]))
			return true;
	return false;
}

static bool any_machine(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->holder_count; i++)
		if (snapshot->holders[i].role == HOLDER_GUEST &&
		    holds_by_vfio(snapshot, &snapshot->holders[i]))
			return true;
	return false;
}

/* qemu: the process that has the guest's UUID, if there is one. */
static bool is_own(const struct holder *holder, const struct guest *guest, const struct qemu *qemu)
{
	auto_free char *name = text_escape(guest->name);

	if (qemu->life == QEMU_ALIVE)
		return holder->pid == qemu->pid;
	return text_equal(holder->guest, name);
}

void running_read(const struct host *host, const struct guest *guest, struct snapshot *snapshot)
{
	struct qemu qemu = {.life = QEMU_UNKNOWN};

	if (!*guest->uuid || !any_machine(snapshot))
		return;
	/* Who cannot be found by it is a holder like any other, which refuses as well. */
	qemu_find(host, guest->uuid, &qemu, NULL);
	for (size_t i = 0; i < snapshot->holder_count; i++) {
		const struct holder *holder = &snapshot->holders[i];

		if (holder->role == HOLDER_GUEST && holds_by_vfio(snapshot, holder) &&
		    is_own(holder, guest, &qemu))
			snapshot->own_machine = holder->pid;
	}
}
