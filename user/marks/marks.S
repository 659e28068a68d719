/* SPDX-License-Identifier: BSD-2-Clause */
/* mark_0, mark_1, ...: functions of 16 bytes that execute NOP DWORD [RAX + RAX + 0x4d5000NN] and return. */
    .section .text.marks, "ax", @progbits
    .balign 16
    .globl  marks
    .type   marks, @function
marks:
    .set number, 0
    .rept 256
    .balign 16
    .byte   0x0f, 0x1f, 0x84, 0x00
    .long   0x4d500000 + number
    ret
    .set number, number + 1
    .endr
    .size   marks, . - marks

    .section .note.GNU-stack, "", @progbits
