// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What people are told of a holder that stands in the way: what to do about it, and which setting
 * allows it. Tests: unit/test-verdict.c, unit/test-planner-holders.c.
 */
#include "base/text.h"
#include "model/verdict.h"

/* Nobody is told to ask a program that takes no notice of it. */
static void format_session(const struct holder *holder, struct text *out)
{
	text_printf(out, "A desktop session uses this card");
	if (holder->keeps_cards)
		text_printf(out,
			    ", and %s lets go of no card. Log out, or keep %s off this card (see "
			    "SESSIONS in hostdev-hook.conf(5)).",
			    holder->command, holder->command);
	else
		text_printf(out, ". Log out, or keep the desktop off this card (display=release, "
				 "or see SESSIONS in hostdev-hook.conf(5)).");
}

static void format_unit(const struct verdict *verdict, const struct holder *holder,
			struct text *out)
{
	const char *note = verdict->unit && verdict->unit->note ? verdict->unit->note : NULL;

	text_printf(out, "Its unit %s cannot be stopped%s%s. End the program by hand.",
		    holder->unit, note ? ": " : "", note ? note : "");
}

static void format_manager(const struct verdict *verdict, struct text *out)
{
	text_printf(out,
		    "That is a session on this card, and its display manager %s cannot be "
		    "stopped%s%s: stop it by hand first.",
		    verdict->unit->name, verdict->unit->note ? ": " : "",
		    verdict->unit->note ? verdict->unit->note : "");
}

/* "Stop the container first (docker stop web)." */
static void format_container(const struct holder *holder, struct text *out)
{
	const char *command = holder->container_stop;

	text_printf(out, "Stop the container first%s%s%s.", command ? " (" : "",
		    command ? command : "", command ? ")" : "");
}

static void format_storage(const struct verdict *verdict, const struct holder *holder,
			   struct text *out)
{
	text_printf(out, "A disk that is open is in use. ");
	if (holder->role == HOLDER_CONTAINER)
		format_container(holder, out);
	else if (verdict->of_service)
		text_printf(out, "Stop %s first.", holder->unit);
	else
		text_printf(out, "End it first.");
}

static void format_protected(const struct holder *holder, struct text *out)
{
	text_printf(out, "%s%sIt is never ended for a guest: make it let go of the device first.",
		    holder->reason ? holder->reason : "", holder->reason ? " " : "");
}

char *verdict_setting(const struct verdict *verdict)
{
	switch (verdict->reason) {
	case REASON_DISPLAY:
	case REASON_DISPLAY_NVIDIA:
	case REASON_DISPLAY_PROMPT:
		return xstrdup("display=stop");
	case REASON_PROCESSES:
		return xstrdup("processes=terminate");
	case REASON_SERVICES:
		return xstrdup("services=stop-unit");
	case REASON_UNIT:
		return xstrdup("services=terminate");
	case REASON_STORAGE:
	case REASON_CONTAINER:
		return xstrdup(verdict->of_service ? "services=stop-unit" : "processes=terminate");
	default:
		return NULL;
	}
}

bool verdict_is_for_device(const struct verdict *verdict)
{
	return verdict->reason == REASON_STORAGE || verdict->reason == REASON_CONTAINER;
}

void verdict_format_advice(const struct verdict *verdict, const struct holder *holder,
			   struct text *out)
{
	switch (verdict->reason) {
	case REASON_GUEST:
		text_printf(out, "It runs a virtual machine: stop that first.");
		break;
	case REASON_VFIO:
		text_printf(out, "It drives the device through VFIO itself: end it first.");
		break;
	case REASON_PROTECTED:
		format_protected(holder, out);
		break;
	case REASON_STORAGE:
		format_storage(verdict, holder, out);
		break;
	case REASON_CONTAINER:
		text_printf(out, "Its container's manager would start it again at once. ");
		format_container(holder, out);
		break;
	case REASON_DISPLAY:
		format_session(holder, out);
		break;
	case REASON_DISPLAY_NVIDIA:
		text_printf(out, "A desktop session uses this card, and with the nvidia driver "
				 "none lets go of it. Log out, or keep the desktop off this card "
				 "(see SESSIONS in hostdev-hook.conf(5)).");
		break;
	case REASON_DISPLAY_PROMPT:
		text_printf(out, "The login screen uses this card. "
				 "Keep it off this card (see SESSIONS in "
				 "hostdev-hook.conf(5)), or have it stopped until the guest ends.");
		break;
	case REASON_DISPLAY_MANAGER:
		format_manager(verdict, out);
		break;
	case REASON_DISPLAY_STARTER:
		text_printf(out, "%s would start this session again at once. Stop that first.",
			    holder->starter_program);
		break;
	case REASON_PROCESSES:
		text_printf(out, "End it first.");
		break;
	case REASON_SERVICES:
		text_printf(out, "Stop it first (systemctl stop).");
		break;
	case REASON_UNIT:
		format_unit(verdict, holder, out);
		break;
	default:
		break;
	}
}
