/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions that need the FPU, each followed by one that is invalid; in the form of the subject's code. */
    .macro  use name:req, instruction:vararg
    .section .text.\name, "ax", @progbits
    .globl  \name, \name\()_at
    .type   \name, @function
\name:
    subq    $1024, %rsp
    andq    $-64, %rsp
    movl    $3, %eax                /* for XSAVE and XSETBV: the x87 and SSE */
    xorl    %edx, %edx
    xorl    %ecx, %ecx
\name\()_at:
    \instruction
    ud2
    .size   \name, . - \name
    .endm

use use_x87 fldz
use use_mmx pxor %mm0, %mm0
use use_sse xorps %xmm0, %xmm0
use use_mxcsr stmxcsr (%rsp)
use use_fxsave fxsave64 (%rsp)
use use_fninit fninit
use use_nothing nop

use feature_avx .byte 0xc5, 0xfc, 0x57, 0xc0           /* vxorps %ymm0, %ymm0, %ymm0 */
use feature_xgetbv .byte 0x0f, 0x01, 0xd0
use feature_xsetbv .byte 0x0f, 0x01, 0xd1
use feature_xsave xsave64 (%rsp)

    .section .note.GNU-stack, "", @progbits
