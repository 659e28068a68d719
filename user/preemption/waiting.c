/* SPDX-License-Identifier: BSD-2-Clause */
#include "scenario.h"

enum { object_slot = 0, done_slot, helper_slot, badged_slot, first_waiter = 16 };

/// What a waiting thread runs: one system call, whose registers it starts with.
static void call_kernel_and_stop(void) __attribute__((naked));
static void call_kernel_and_stop(void) { __asm__ volatile("syscall; ud2"); }

static void start(seL4_CPtr tcb, seL4_Word priority, seL4_Word system_call, seL4_CPtr cap) {
    seL4_UserContext registers = {.rip = (seL4_Word)call_kernel_and_stop,
                                  .rflags = 0x202,
                                  .rdx = system_call,
                                  .rdi = cap,
                                  .rsi = seL4_MessageInfo_new(0, 0, 0, 0).words[0]};
    RT_CHECK(seL4_TCB_Configure(tcb, 0, OWN, 0, seL4_CapInitThreadVSpace, 0, 0, 0));
    RT_CHECK(seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, priority));
    RT_CHECK(seL4_TCB_WriteRegisters(tcb, 1, 0, RT_REGISTER_COUNT, &registers));
}

/// Makes `many` threads that wait in a system call on `cap`.
static void make_waiters(seL4_Word system_call, seL4_CPtr cap) {
    make(seL4_TCBObject, 0, first_waiter, many);
    for (seL4_Word i = 0; i < many; i++) {
        start(slots + first_waiter + i, waiter_priority, system_call, cap);
    }
    // A thread that runs when all of them wait says so.
    make(seL4_NotificationObject, 0, done_slot, 1);
    make(seL4_TCBObject, 0, helper_slot, 1);
    start(slots + helper_slot, helper_priority, (seL4_Word)seL4_SysSend, slots + done_slot);
    seL4_Wait(slots + done_slot, NULL);
}

static void delete_object(seL4_Word type, seL4_Word system_call) {
    make(type, 0, object_slot, 1);
    make_waiters(system_call, slots + object_slot);
    measure_begin();
    RT_CHECK(seL4_CNode_Delete(OWN, slots + object_slot, seL4_WordBits));
    measure_end();
}

void delete_endpoint_senders(void) { delete_object(seL4_EndpointObject, (seL4_Word)seL4_SysSend); }
void delete_endpoint_receivers(void) { delete_object(seL4_EndpointObject, (seL4_Word)seL4_SysRecv); }
void delete_notification(void) { delete_object(seL4_NotificationObject, (seL4_Word)seL4_SysRecv); }

static void cancel(seL4_Word badge_of_waiters, seL4_Word badge) {
    make(seL4_EndpointObject, 0, object_slot, 1);
    const seL4_Word badges[2] = {badge_of_waiters, badge};
    for (seL4_Word i = 0; i < 2; i++) {
        RT_CHECK(seL4_CNode_Mint(OWN, slots + badged_slot + i, seL4_WordBits, OWN, slots + object_slot, seL4_WordBits,
                                 seL4_AllRights, badges[i]));
    }
    make_waiters((seL4_Word)seL4_SysSend, slots + badged_slot);
    measure_begin();
    RT_CHECK(seL4_CNode_CancelBadgedSends(OWN, slots + badged_slot + 1, seL4_WordBits));
    measure_end();
}

void cancel_badged_all(void) { cancel(1, 1); }
void cancel_badged_none(void) { cancel(1, 2); }

void revoke_waiting_threads(void) {
    make(seL4_EndpointObject, 0, object_slot, 1);
    make_waiters((seL4_Word)seL4_SysRecv, slots + object_slot);
    // The endpoint stays, so that each thread leaves its queue by itself.
    measure_begin();
    for (seL4_Word i = 0; i < many; i++) {
        RT_CHECK(seL4_CNode_Delete(OWN, slots + first_waiter + i, seL4_WordBits));
    }
    measure_end();
}
