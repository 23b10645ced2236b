/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole software of a guest that says what it sees: it stands where a firmware stands, looks
 * for devices on its PCI buses, writes a line for each to its serial line, and fills the memory of
 * a graphics card and reads it back. Then it rests.
 *
 * This file knows what an operating system does between power on and its first driver: it leaves
 * real mode, gives numbers to the buses behind bridges, and an address to a device's memory. It
 * runs out of 64 KiB below 4 GiB, where the reset vector is, with nothing but a stack in memory.
 */
#include <stddef.h>
#include <stdint.h>

/* The last 16 bytes are what the processor runs first: in real mode, with a segment that begins at
 * 0xffff0000, where "enter" is. */
__asm__(".section .reset, \"ax\"\n"
	".code16\n"
	"	jmp	enter\n"
	".section .text.enter, \"ax\"\n"
	"enter:\n"
	"	cli\n"
	"	lgdtl	%cs:(descriptors - enter)\n"
	"	movl	%cr0, %eax\n"
	"	orl	$1, %eax\n"
	"	movl	%eax, %cr0\n"
	"	ljmpl	$8, $flat\n"
	".code32\n"
	"flat:\n"
	"	movw	$16, %ax\n"
	"	movw	%ax, %ds\n"
	"	movw	%ax, %es\n"
	"	movw	%ax, %ss\n"
	"	movl	$0x7000, %esp\n"
	"	call	look_around\n"
	"rest:	hlt\n"
	"	jmp	rest\n"
	".balign 8\n"
	"table:	.quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff\n"
	"descriptors: .word . - table - 1\n"
	"	.long table\n");

enum {
	SERIAL = 0x3f8,
	ID = 0x00,
	COMMAND = 0x04,
	CLASS = 0x08,
	HEADER = 0x0c,
	BAR = 0x10,
	BUSES = 0x18,
	WINDOW = 0x20,
	PREFETCH_WINDOW = 0x24,
};

/* Where nothing else is in this machine; a bridge passes on whole MiB. */
#define CARD 0xd0000000u

static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void out32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static uint32_t in32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void say(const char *text)
{
	for (; *text; text++)
		out8(SERIAL, (uint8_t)*text);
}

static void say_hex(uint32_t value, int digits)
{
	while (digits-- > 0)
		out8(SERIAL, (uint8_t) "0123456789abcdef"[(value >> (4 * digits)) & 15]);
}

static void say_number(uint32_t value)
{
	if (value >= 10)
		say_number(value / 10);
	out8(SERIAL, (uint8_t)('0' + value % 10));
}

/* A function is its bus, slot and function number in one, as the kernel has it. */
static uint32_t config_read(uint32_t function, uint32_t at)
{
	out32(0xcf8, 0x80000000u | function << 8 | at);
	return in32(0xcfc);
}

static void config_write(uint32_t function, uint32_t at, uint32_t value)
{
	out32(0xcf8, 0x80000000u | function << 8 | at);
	out32(0xcfc, value);
}

static const char *name_of(uint32_t class)
{
	switch (class >> 16) {
	case 0x0106:
		return "disk controller";
	case 0x0108:
		return "NVMe disk";
	case 0x0200:
		return "network card";
	case 0x0300:
	case 0x0380:
		return "graphics card";
	case 0x0403:
		return "sound device";
	case 0x0600:
		return "host bridge";
	case 0x0601:
		return "ISA bridge";
	case 0x0604:
		return "PCI bridge";
	case 0x0c05:
		return "SMBus controller";
	default:
		return "device";
	}
}

static void say_function(uint32_t function, uint32_t id, uint32_t class)
{
	say_hex(function >> 8, 2);
	say(":");
	say_hex(function >> 3 & 31, 2);
	say(".");
	say_hex(function & 7, 1);
	say("  ");
	say(name_of(class));
	say(" [");
	say_hex(id & 0xffff, 4);
	say(":");
	say_hex(id >> 16, 4);
	say("]");
}

/* A bridge on the way to a bus, and the one before it. */
struct bridge {
	const struct bridge *before;
	uint32_t function;
};

/* Opens the way to the memory of the card: on each bridge it is behind, and on the card. */
static uint32_t card_open(const struct bridge *bridge, uint32_t card)
{
	uint32_t bar = config_read(card, BAR), size;

	config_write(card, BAR, 0xffffffff);
	size = ~(config_read(card, BAR) & ~15u) + 1;
	config_write(card, BAR, CARD);
	config_write(card, COMMAND, 2);
	for (; bridge; bridge = bridge->before) {
		config_write(bridge->function, bar & 8 ? PREFETCH_WINDOW : WINDOW,
			     CARD | CARD >> 16 | 0xff00000);
		config_write(bridge->function, COMMAND, 6);
	}
	return size;
}

static void card_use(const struct bridge *bridge, uint32_t card)
{
	uint32_t size = card_open(bridge, card), wrong = 0;
	volatile uint32_t *memory = (volatile uint32_t *)CARD;

	/* A word of each page. */
	for (uint32_t at = 0; at < size / 4; at += 1024)
		memory[at] = at ^ 0x5ca1ab1e;
	for (uint32_t at = 0; at < size / 4; at += 1024)
		wrong += memory[at] != (at ^ 0x5ca1ab1e);
	say(", ");
	say_number(size >> 20);
	/* Of a card without memory nothing was written. */
	say(wrong || !size ? " MiB of memory: NOT what was written"
			   : " MiB of memory: written, and read back");
}

/* What is on the bus; behind no bridge it is the first one. */
static void bus_look(uint32_t bus, const struct bridge *bridge, uint32_t *last)
{
	for (uint32_t function = bus << 8; function < (bus + 1) << 8; function++) {
		uint32_t id = config_read(function, ID), class;

		if (id == 0xffffffff)
			continue;
		class = config_read(function, CLASS);
		if ((config_read(function, HEADER) >> 16 & 127) == 1) {
			struct bridge behind = {.before = bridge, .function = function};
			uint32_t next = ++*last;

			config_write(function, BUSES, bus | next << 8 | 255u << 16);
			bus_look(next, &behind, last);
			config_write(function, BUSES, bus | next << 8 | *last << 16);
			continue;
		}
		say_function(function, id, class);
		if (class >> 24 == 3)
			card_use(bridge, function);
		say("\n");
	}
}

void look_around(void)
{
	uint32_t last = 0;

	bus_look(0, NULL, &last);
	say("end\n");
}
