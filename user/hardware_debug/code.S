/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pieces of code for the subject, with a name at each place where it may be stopped. RDI is the address of a variable,
 * RCX counts. Each ends with UD2, which the test takes for the end of the run.
 */
    .macro  code name
    .section .text.\name, "ax", @progbits
    .globl  \name
    .type   \name, @function
\name:
    .endm

    .macro  at name
    .globl  \name
\name:
    .endm

    .macro  end name
    .globl  \name\()_end
\name\()_end:
    ud2
    .size   \name, . - \name
    .endm

code count
    incq    %rcx
at count_1
    incq    %rcx
at count_2
    incq    %rcx
at count_3
    incq    %rcx
at count_4
    incq    %rcx
    end count

code count_long                 /* a thousand times */
    movq    $1000, %rax
1:  incq    %rcx
    decq    %rax
    jnz     1b
    end count_long

code write_word
    movq    %rcx, (%rdi)
at write_word_done
    incq    %rcx
    end write_word

code write_byte
    movb    %cl, (%rdi)
at write_byte_done
    incq    %rcx
    end write_byte

code read_byte
    movb    (%rdi), %al
at read_byte_done
    incq    %rcx
    end read_byte

code read_then_write
    movb    (%rdi), %al
at read_then_write_read
    movb    %cl, (%rdi)
at read_then_write_written
    incq    %rcx
    end read_then_write

code ask_for_break
    incq    %rcx
    int3
at ask_for_break_done
    incq    %rcx
    end ask_for_break

code call_kernel                /* RDX: the number of a system call that succeeds */
    movq    %rsp, %rbx
    movq    %rcx, %r12
    syscall
at call_kernel_done
    movq    %rbx, %rsp
at call_kernel_stack
    movq    %r12, %rcx
    incq    %rcx
    end call_kernel

code set_trap_flag
    pushfq
    orq     $0x100, (%rsp)
    popfq
    incq    %rcx                /* the first instruction that the flag is set for */
at set_trap_flag_done
    incq    %rcx
at set_trap_flag_next
    pushfq
    andq    $~0x100, (%rsp)
    popfq
    end set_trap_flag

    /* The breakpoint that MOV SS meets comes after the next instruction (Intel SDM vol. 2B, MOV): in the kernel, then. */
code watched_stack_selector
    movq    %ss, %rax
    movq    %rax, (%rdi)
at watched_stack_selector_stored
    movq    %rsp, %rbx
    movq    %rcx, %r12
    movw    (%rdi), %ss
    syscall
at watched_stack_selector_called
    movq    %rbx, %rsp
    movq    %r12, %rcx
    incq    %rcx
    end watched_stack_selector

    .section .note.GNU-stack, "", @progbits
