# SPDX-License-Identifier: GPL-2.0-or-later
#
# A firmware for guests of the lab that does one thing of an operating system's: it lets go of a device that it is asked for
# ("virsh detach-device"). QEMU asks by the attention button of the PCI Express slot, whose power is then switched off, or by
# the registers that it describes in ACPI tables (docs/specs/acpi_pci_hotplug in QEMU's source), where the slot is ejected.
# Until then it goes through the functions of bus 0 with the capabilities of each, and through those registers; it lets go of
# one device, and rests. It has no stack, as no memory is set up.

	.code16
	.set EXPRESS, 0x10      # the capability's id
	.set SLOT_CONTROL, 0x18 # in the capability; the slot's status is the upper half
	.set PRESSED, 0x10000   # attention button
	.set OFF, 0x700         # power controller off, power indicator off
	.set ACPI_DOWN, 0xcc4   # slots of the selected bus that are asked for, a bit each
	.set ACPI_EJECT, 0xcc8
	.set ACPI_SELECT, 0xcd0
	.set BUSES, 32

# eax = the register at cl of function bl.
.macro	config_read
	config_select
	movw	$0xcfc, %dx
	inl	%dx, %eax
.endm
.macro	config_select
	movzbl	%bl, %eax
	shll	$8, %eax
	movb	%cl, %al
	andb	$0xfc, %al
	orl	$0x80000000, %eax
	movw	$0xcf8, %dx
	outl	%eax, %dx
.endm

	.globl	_start
_start:
	xorl	%edi, %edi
bus:
	movl	%edi, %eax
	movw	$ACPI_SELECT, %dx
	outl	%eax, %dx
	movw	$ACPI_DOWN, %dx
	inl	%dx, %eax
	testl	%eax, %eax
	jz	next_bus
	movw	$ACPI_EJECT, %dx
	outl	%eax, %dx
	jmp	halt
next_bus:
	incw	%di
	cmpw	$BUSES, %di
	jb	bus
	xorl	%ebx, %ebx
function:
	incb	%bl
	jz	_start
	xorb	%cl, %cl
	config_read
	incw	%ax # 0xffff: nobody is there
	jz	function
	movb	$0x34, %cl
	config_read
	movb	%al, %ch
capability:
	testb	%ch, %ch
	jz	function
	movb	%ch, %cl
	config_read
	cmpb	$EXPRESS, %al
	je	express
	movb	%ah, %ch
	jmp	capability
express:
	movb	%ch, %cl
	addb	$SLOT_CONTROL, %cl
	config_read
	testl	$PRESSED, %eax
	jz	function
	orw	$OFF, %ax # and the button's bit is cleared by writing it back
	movl	%eax, %esi
	config_select
	movl	%esi, %eax
	movw	$0xcfc, %dx
	outl	%eax, %dx
	# QEMU frees the device only when the processor rests.
halt:
	hlt
	jmp	halt

	.org	0xfff0
	jmp	_start
	.org	0x10000
