/* SPDX-License-Identifier: BSD-2-Clause */
/// Accesses that may fault. The fault watcher of the tests moves the faulting thread to rt_try_landing, which returns to
/// where the access was called from.
#include "internal.h"

#include <antimono/test.h>
#include <antimono/thread.h>

/// What the pieces below return, in RAX and RDX.
typedef struct {
    seL4_Word value, faulted;
} Result;

Result rt_try_load(seL4_Word address);
Result rt_try_store(seL4_Word address, seL4_Word value);
Result rt_try_call(seL4_Word address);
extern const char rt_try_landing[];

// They touch no stack but for the return address, which is on top of it at every instruction that may fault.
__asm__(
    ".pushsection .text.rt_try, \"ax\", @progbits\n"
    ".globl rt_try_load, rt_try_store, rt_try_call, rt_try_landing\n"
    "rt_try_load:\n\txorl %edx, %edx\n\tmovq (%rdi), %rax\n\tret\n"
    "rt_try_store:\n\txorl %edx, %edx\n\tmovq %rsi, (%rdi)\n\tret\n"
    "rt_try_call:\n\txorl %edx, %edx\n\tjmp *%rdi\n"
    "rt_try_landing:\n\tmovl $1, %edx\n\tret\n"
    ".popsection");

static volatile bool trying;
static RtFault seen;

bool rt_try_recover(seL4_CPtr thread, const RtFault* fault) {
    if (!trying) {
        return false;
    }
    seen = *fault;
    seL4_UserContext registers;
    if (seL4_TCB_ReadRegisters(thread, 0, 0, RT_REGISTER_COUNT, &registers) != seL4_NoError) {
        return false;
    }
    registers.rip = (seL4_Word)rt_try_landing;
    return seL4_TCB_WriteRegisters(thread, 1, 0, RT_REGISTER_COUNT, &registers) == seL4_NoError;
}

static RtAccess outcome(Result result) {
    trying = false;
    RtAccess access = {.value = result.value, .faulted = result.faulted != 0};
    if (access.faulted) {
        access.fault = seen;
    }
    return access;
}

RtAccess rt_try_read(seL4_Word address) {
    trying = true;
    return outcome(rt_try_load(address));
}

RtAccess rt_try_write(seL4_Word address, seL4_Word value) {
    trying = true;
    return outcome(rt_try_store(address, value));
}

RtAccess rt_try_execute(seL4_Word address) {
    trying = true;
    return outcome(rt_try_call(address));
}
