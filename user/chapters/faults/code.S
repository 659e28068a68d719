/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pieces of code for the subject. Each starts at its name with registers that the test chose, and stops at its name
 * with _at, if all is as it should be. Whatever does not stop there meets an invalid instruction behind.
 */
    .macro  code name
    .section .text.\name, "ax", @progbits
    .globl  \name, \name\()_at
    .type   \name, @function
\name:
    .endm

    .macro  stops name
\name\()_at:
    .endm

    .macro  end name
    ud2
    .size   \name, . - \name
    .endm

    /* System calls. */

code call_kernel                /* the number is in RDX */
stops call_kernel
    syscall
    end call_kernel

code call_twice                 /* what a system call leaves in RCX and R11 shows at the second */
    syscall
stops call_twice
    syscall
    end call_twice

code call_with_flags            /* RDI: flags to set first, as far as POPF lets a user program */
    pushq   %rdi
    popfq
stops call_with_flags
    syscall
    end call_with_flags

code succeed_with_flags         /* RDI: flags; RBP: their place; a system call that returns at once */
    pushq   %rdi
    popfq
    movq    %rsp, %rbx
    syscall                     /* the number is in RDX */
    movq    %rbx, %rsp
    pushfq
    popq    (%rbp)
    pushq   $2
    popfq
stops succeed_with_flags
    end succeed_with_flags

code fault_with_flags           /* RDI: flags; the next instruction faults */
    pushq   %rdi
    popfq
stops fault_with_flags
    end fault_with_flags

code sysenter
stops sysenter
    .byte   0x0f, 0x34
    end sysenter

    /* Exceptions (Intel SDM Vol. 3A, 6.15). */

code divide_by_zero
    xorl    %ecx, %ecx
stops divide_by_zero
    divl    %ecx
    end divide_by_zero

code divide_overflow            /* the quotient does not fit */
    movl    $1, %ecx
    movl    $2, %edx
stops divide_overflow
    divl    %ecx
    end divide_overflow

code single_step
    pushfq
    orq     $0x100, (%rsp)
    popfq
    nop                         /* the trap comes behind this one */
stops single_step
    end single_step

code breakpoint                 /* INT3, the one-byte form: a trap */
    int3
stops breakpoint
    end breakpoint

code invalid_opcode
stops invalid_opcode
    ud2
    end invalid_opcode

code halt
stops halt
    hlt
    end halt

code disable_interrupts
stops disable_interrupts
    cli
    end disable_interrupts

code enable_interrupts
stops enable_interrupts
    sti
    end enable_interrupts

code port_in
stops port_in
    inb     $0x60, %al
    end port_in

code port_out
stops port_out
    outb    %al, $0xf4          /* were it allowed, the run would end */
    end port_out

code port_string
stops port_string
    insb
    end port_string

code write_cr0
stops write_cr0
    movq    %rax, %cr0
    end write_cr0

code read_cr3
stops read_cr3
    movq    %cr3, %rax
    end read_cr3

code write_dr7
stops write_dr7
    movq    %rax, %dr7
    end write_dr7

code read_msr
    movl    $0xc0000080, %ecx
stops read_msr
    rdmsr
    end read_msr

code write_msr
    movl    $0xc0000080, %ecx
stops write_msr
    wrmsr
    end write_msr

code load_gdt
stops load_gdt
    lgdt    (%rsp)
    end load_gdt

code load_idt
stops load_idt
    lidt    (%rsp)
    end load_idt

code load_task
    movw    $0x28, %ax
stops load_task
    ltr     %ax
    end load_task

code invalidate_page
stops invalidate_page
    invlpg  (%rsp)
    end invalidate_page

code swap_gs
stops swap_gs
    swapgs
    end swap_gs

code sys_return
stops sys_return
    sysretq
    end sys_return

code monitor
stops monitor
    .byte   0x0f, 0x01, 0xc8
    end monitor

code vm_call
stops vm_call
    .byte   0x0f, 0x01, 0xc1
    end vm_call

code bad_data_segment           /* beyond the descriptor table */
    movw    $0xfff8, %ax
stops bad_data_segment
    movw    %ax, %ds
    end bad_data_segment

code kernel_code_segment        /* as a far return: selector 8, privilege 0 */
    pushq   $8
    leaq    kernel_code_segment_at(%rip), %rax
    pushq   %rax
stops kernel_code_segment
    lretq
    end kernel_code_segment

code interrupt_return_to_kernel
    pushq   $0x10               /* SS */
    pushq   %rsp
    pushq   $0x202
    pushq   $8                  /* CS */
    leaq    interrupt_return_to_kernel_at(%rip), %rax
    pushq   %rax
stops interrupt_return_to_kernel
    iretq
    end interrupt_return_to_kernel

code non_canonical_read
    movabsq $0x8000000000000000, %rax
stops non_canonical_read
    movq    (%rax), %rax
    end non_canonical_read

code x87_divide_by_zero         /* unmasked; reported by the next x87 instruction */
    pushq   $0x37b
    fldcw   (%rsp)
    fld1
    fldz
    fdivrp  %st, %st(1)
stops x87_divide_by_zero
    fwait
    end x87_divide_by_zero

code read_time_stamp            /* is allowed */
    rdtsc
    shlq    $32, %rdx
    orq     %rdx, %rax
    movq    %rax, %rbx
    movq    $-1000, %rdx
stops read_time_stamp
    syscall
    end read_time_stamp

    /* Memory. */

code read_memory                /* RDI: address */
stops read_memory
    movq    (%rdi), %rax
    end read_memory

code write_memory
stops write_memory
    movq    %rax, (%rdi)
    end write_memory

code jump_to                    /* RDI: where the fault is, too */
stops jump_to
    jmpq    *%rdi
    end jump_to

code read_fs
stops read_fs
    movq    %fs:16, %rax
    end read_fs

code read_gs
stops read_gs
    movq    %gs:16, %rax
    end read_gs

code push_word                  /* with the RSP that it was given */
stops push_word
    pushq   %rax
    end push_word

    .section .note.GNU-stack, "", @progbits
