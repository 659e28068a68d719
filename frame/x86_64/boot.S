// SPDX-License-Identifier: GPL-2.0-only
//
// From the boot loader to 64-bit C++.
//
// Three kinds of loader start this image; all enter in 32-bit protected mode with flat segments, without paging and
// with interrupts off:
//     multiboot 1  (elf32-i386 copy)   EAX = 0x2badb002, EBX = multiboot information
//     multiboot 2  (GRUB, BIOS, UEFI)  EAX = 0x36d76289, EBX = multiboot 2 information
//     PVH          (QEMU -kernel)      EBX = hvm_start_info; EAX is undefined and set here
//
// SAFETY of this file: it runs alone, before any other code, on memory that the loader left to this image. Pages are
// mapped here so that both the physical addresses that run now and the linked addresses show the first 16 MiB; the
// linker script asserts that the image fits. kernel_window.cpp replaces these tables.

#define IMAGE_BASE 0xffffffff80000000
#define PHYSICAL(symbol) ((symbol) - IMAGE_BASE)

#define MULTIBOOT2_MAGIC 0xe85250d6
#define PVH_MAGIC 0x336ec578

#define MSR_EFER 0xc0000080
#define EFER_SCE 0x001
#define EFER_LME 0x100
#define EFER_NXE 0x800
#define CR0_PE 0x1
#define CR0_WP 0x10000
#define CR0_PG 0x80000000
#define CR4_PAE 0x20
#define EFLAGS_ID 0x200000
#define COM1 0x3f8

// The image's last four bytes.
#define LAST_WORD (PHYSICAL(frame_page_table_pool_end) - 4)

// ---- Headers for boot loaders ----

    .section .multiboot, "a"
// Room for the multiboot 1 header: zero in this image, because QEMU would prefer it to the PVH note and then refuse a
// 64-bit ELF file. finish_image.py writes it into the elf32-i386 copy.
    .balign 8
    .globl frame_multiboot1_header
frame_multiboot1_header:
    .fill 48, 1, 0

// Multiboot 2 (specification 2.0, section 3.1).
    .balign 8
multiboot2_header:
    .long MULTIBOOT2_MAGIC
    .long 0                                     // architecture: 32-bit protected mode of i386
    .long multiboot2_header_end - multiboot2_header
    .long -(MULTIBOOT2_MAGIC + (multiboot2_header_end - multiboot2_header))
    .balign 8
information_request:
    .short 1                                    // tags of information that we use
    .short 1                                    // optional: what is missing gets a message of our own
    .long information_request_end - information_request
    .long 1, 3, 6, 8, 14, 15                    // command line, modules, memory map, framebuffer, ACPI RSDP 1 and 2
information_request_end:
    .balign 8
    .short 3                                    // entry address
    .short 0
    .long 12
    .long frame_boot_entry
    .balign 8
    .short 6                                    // modules on page boundaries
    .short 0
    .long 8
    .balign 8
    .short 0                                    // end
    .short 0
    .long 8
multiboot2_header_end:

// PVH: XEN_ELFNOTE_PHYS32_ENTRY (Xen, docs/misc/pvh.pandoc). QEMU reads a 64-bit descriptor.
    .section .note.xen, "a", @note
    .balign 4
    .long 4                                     // size of the name
    .long 8                                     // size of the descriptor
    .long 18                                    // XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad frame_boot_entry_pvh

// ---- 32-bit code, linked at its physical address ----

    .section .boot, "ax"
    .code32
    .globl frame_boot_entry_pvh
frame_boot_entry_pvh:
    movl $PVH_MAGIC, %eax
    .globl frame_boot_entry
frame_boot_entry:
    cli
    cld
    movl $PHYSICAL(frame_boot_stack_top), %esp
    movl %eax, %esi                             // loader's magic number, kept
    movl %ebx, %ebp                             // loader's information, kept
    rdtsc
    movl %eax, PHYSICAL(frame_entry_time)
    movl %edx, PHYSICAL(frame_entry_time) + 4

    // CPUID itself: every processor that has it lets EFLAGS.ID be toggled (Intel SDM vol. 1, 20.1).
    pushfl
    popl %eax
    movl %eax, %ecx
    xorl $EFLAGS_ID, %eax
    pushl %eax
    popfl
    pushfl
    popl %eax
    xorl %ecx, %eax
    testl $EFLAGS_ID, %eax
    movl $no_cpuid, %edi
    jz refuse_processor

    movl $0x80000000, %eax
    cpuid
    cmpl $0x80000001, %eax
    movl $no_long_mode, %edi
    jb refuse_processor
    movl $0x80000001, %eax
    cpuid
    btl $29, %edx
    jnc refuse_processor
    movl $no_execute_disable, %edi
    btl $20, %edx
    jnc refuse_processor

    // RAM to the end of the image: loaders check it or not, QEMU's does not. What is no memory forgets one of two numbers.
    movl $LAST_WORD, %ebx
    movl $0x5a5aa5a5, %eax
1:  movl %eax, (%ebx)
    cmpl %eax, (%ebx)
    movl $no_memory, %edi
    jne refuse_memory
    notl %eax
    testl %eax, %eax
    js 1b

    // Tables: one page directory with 2 MiB pages of the first 16 MiB, seen both at 0 and at IMAGE_BASE. They occupy the
    // last pages of the page table pool, which are free again once the kernel window is up.
#define BOOT_PML4 (PHYSICAL(frame_page_table_pool_end) - 0x3000)
#define BOOT_PDPT (PHYSICAL(frame_page_table_pool_end) - 0x2000)
#define BOOT_PD (PHYSICAL(frame_page_table_pool_end) - 0x1000)
    movl $BOOT_PML4, %edi
    movl $(0x3000 / 4), %ecx
    xorl %eax, %eax
    rep stosl
    movl $(BOOT_PDPT + 3), %eax                 // present, writable
    movl %eax, BOOT_PML4
    movl %eax, BOOT_PML4 + 511 * 8
    movl $(BOOT_PD + 3), %eax
    movl %eax, BOOT_PDPT
    movl %eax, BOOT_PDPT + 510 * 8
    movl $0x83, %eax                            // present, writable, 2 MiB
    movl $BOOT_PD, %edi
1:  movl %eax, (%edi)
    addl $8, %edi
    addl $0x200000, %eax
    cmpl $0x1000000, %eax
    jb 1b

    // Long mode (Intel SDM vol. 3A, 9.8.5).
    movl $CR4_PAE, %eax
    movl %eax, %cr4
    movl $BOOT_PML4, %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    xorl %edx, %edx
    movl $(EFER_SCE | EFER_LME | EFER_NXE), %eax
    wrmsr
    movl $(CR0_PG | CR0_WP | CR0_PE), %eax
    movl %eax, %cr0
    lgdt boot_gdt_register
    ljmpl $8, $long_mode

// Prints the message at EDI, and the way out, on COM1 and stops.
refuse_processor:
    movl $other_processor, %ebp
    jmp refuse
refuse_memory:
    movl $more_memory, %ebp
refuse:
    movl $(serial_set_up_end - serial_set_up) / 2, %ecx
    movl $serial_set_up, %ebx
1:  movzbl (%ebx), %edx
    addl $COM1, %edx
    movb 1(%ebx), %al
    outb %al, %dx
    addl $2, %ebx
    loop 1b
    movl $prefix, %ebx
    call print
    movl %edi, %ebx
    call print
    movl %ebp, %ebx
    call print
2:  cli
    hlt
    jmp 2b

// Prints the string at EBX. Waits for the transmitter, but not for ever: the port may be missing.
print:
    movb (%ebx), %ah
    testb %ah, %ah
    jz 3f
    movl $100000, %ecx
1:  movw $(COM1 + 5), %dx
    inb %dx, %al
    testb $0x20, %al                            // transmitter holding register empty
    jnz 2f
    loop 1b
2:  movw $COM1, %dx
    movb %ah, %al
    outb %al, %dx
    incl %ebx
    jmp print
3:  ret

    .code64
long_mode:
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %eax, %fs
    movl %eax, %gs
    movl %esi, %edi                             // first argument: loader's magic number
    movl %ebp, %esi                             // second: physical address of its information
    movabsq $frame_boot_high, %rax
    jmpq *%rax

// UART registers (offset, value): no interrupts, 115200 baud, 8 data bits, no parity, 1 stop bit, DTR and RTS.
serial_set_up:
    .byte 1, 0x00, 3, 0x80, 0, 0x01, 1, 0x00, 3, 0x03, 4, 0x0b
serial_set_up_end:
prefix:
    .asciz "\r\nkernel panic: "
no_cpuid:
    .asciz "this processor has no CPUID instruction"
no_long_mode:
    .asciz "this processor has no long mode (CPUID 80000001h, EDX bit 29)"
no_execute_disable:
    .asciz "this processor has no execute-disable bit, or the firmware switched it off (CPUID 80000001h, EDX bit 20)"
no_memory:
    .asciz "boot: RAM ends inside the kernel's image, which lies from 1 MiB up"
more_memory:
    .asciz ": give the machine at least 4 MiB (QEMU: -m 4M), and more for the root task.\r\n"
other_processor:
    .asciz ". Antimono needs a 64-bit x86 processor with long mode, NX and SYSCALL; in QEMU, choose another -cpu.\r\n"

    .balign 8
boot_gdt:
    .quad 0
    .quad 0x00209a0000000000                    // 64-bit code, ring 0
boot_gdt_register:
    .short boot_gdt_register - boot_gdt - 1
    .long boot_gdt

// ---- 64-bit code at its linked address ----

    .text
    .globl frame_boot_high
frame_boot_high:
    movq $frame_boot_stack_top, %rsp
    xorl %ebp, %ebp                             // end of the chain of frames, for backtraces
    callq frame_boot
    jmp frame_leave_kernel

    .section .note.GNU-stack, "", @progbits
