/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions of a root task. The kernel passes the address of the boot information in RDI and nothing else:
 * there is no stack yet (seL4 manual, "Initial Thread's Environment").
 */
    .section .text._start, "ax", @progbits
    .globl  _start
    .type   _start, @function
_start:
    xorl    %ebp, %ebp              /* ends every backtrace */
    leaq    rt_stack_top(%rip), %rsp
    call    rt_start                /* does not return */
    ud2
    .size   _start, . - _start

    .section .note.GNU-stack, "", @progbits
