/* SPDX-License-Identifier: BSD-2-Clause */
#include "scenario.h"

// -- Messages --------------------------------------------------------------------------------------------------------

enum {
    levels = 64,
    repetitions = 20,
    endpoint_slot = 0,
    node_slot = 1,  // `levels` CNodes of two slots: each takes one bit of an address
    deep_endpoint = 0,
    deep_root = 1,  // the outermost CNode itself: where capabilities are received
};

/// A CSpace in which every address takes `levels` steps: 0 is the endpoint, 1 the outermost CNode.
static void make_deep_space(void) {
    make(seL4_EndpointObject, 0, endpoint_slot, 1);
    make(seL4_CapTableObject, 1, node_slot, levels);
    for (seL4_Word i = 0; i + 1 < levels; i++) {
        RT_CHECK(seL4_CNode_Mint(slots + node_slot + i, 0, 1, OWN, slots + node_slot + i + 1, seL4_WordBits,
                                 seL4_AllRights, 0));
    }
    seL4_CPtr last = slots + node_slot + levels - 1;
    RT_CHECK(seL4_CNode_Copy(last, deep_endpoint, 1, OWN, slots + endpoint_slot, seL4_WordBits, seL4_AllRights));
    RT_CHECK(seL4_CNode_Copy(last, deep_root, 1, OWN, slots + node_slot, seL4_WordBits, seL4_AllRights));
}

static void serve(seL4_Word unused) {
    (void)unused;
    seL4_Recv(deep_endpoint, NULL);
    for (;;) {
        seL4_ReplyRecv(deep_endpoint, seL4_MessageInfo_new(0, 0, 0, seL4_MsgMaxLength), NULL);
    }
}

static void call(seL4_Word unused) {
    (void)unused;
    for (int i = 0; i < repetitions; i++) {
        seL4_SetCap(0, deep_endpoint);  // unwrapped: the receiver gets its badge
        seL4_SetCap(1, deep_endpoint);
        seL4_SetCap(2, deep_root);  // transferred
        seL4_Call(deep_endpoint, seL4_MessageInfo_new(0, 0, 3, seL4_MsgMaxLength));
    }
    seL4_Recv(deep_endpoint, NULL);  // for ever: in this CSpace there is no other way to stop
}

static RtPool pool;
static RtThread server, client;
static seL4_CPtr faults;

static void make_threads(void) {
    if (pool.untyped == 0) {
        RT_CHECK(rt_pool_create(&pool, 18, 100));
    }
    RT_CHECK(rt_pool_retype(&pool, seL4_EndpointObject, 0, &faults));
    RT_CHECK(rt_thread_create(&server, &pool, faults, waiter_priority));
    RT_CHECK(rt_thread_create(&client, &pool, faults, waiter_priority));
}

void message_deep(void) {
    make_deep_space();
    make_threads();
    RtThread* const both[] = {&server, &client};
    for (int i = 0; i < 2; i++) {
        RT_CHECK(seL4_TCB_SetSpace(both[i]->tcb, 0, slots + node_slot, 0, seL4_CapInitThreadVSpace, 0));
        both[i]->ipc_buffer->receiveCNode = deep_root;
        both[i]->ipc_buffer->receiveIndex = 1;
        both[i]->ipc_buffer->receiveDepth = 1;
    }
    RT_CHECK(rt_thread_start(&server, serve, 0));
    RT_CHECK(rt_thread_start(&client, call, 0));
    measure_begin();
    RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, helper_priority));
    // Back here, they have done everything and wait.
    measure_end();
    RT_CHECK(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, main_priority));
    RT_CHECK(rt_pool_reset(&pool));
}

// -- Threads ---------------------------------------------------------------------------------------------------------

void thread_operations(void) {
    make(seL4_TCBObject, 0, 0, 2);
    make(seL4_NotificationObject, 0, 2, 1);
    seL4_CPtr tcb = slots;
    seL4_UserContext registers;
    measure_begin();
    for (int i = 0; i < repetitions; i++) {
        RT_CHECK(seL4_TCB_Configure(tcb, 0, OWN, 0, seL4_CapInitThreadVSpace, 0, (seL4_Word)rt_boot_info()->ipcBuffer,
                                    seL4_CapInitThreadIPCBuffer));
        RT_CHECK(seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, waiter_priority, waiter_priority));
        RT_CHECK(seL4_TCB_ReadRegisters(tcb, 0, 0, RT_REGISTER_COUNT, &registers));
        RT_CHECK(seL4_TCB_WriteRegisters(tcb, 1, 0, RT_REGISTER_COUNT, &registers));
        RT_CHECK(seL4_TCB_CopyRegisters(tcb, slots + 1, 1, 1, 1, 1, 0));
        RT_CHECK(seL4_TCB_BindNotification(tcb, slots + 2));
        RT_CHECK(seL4_TCB_UnbindNotification(tcb));
        RT_CHECK(seL4_TCB_Suspend(tcb));
        RT_CHECK(seL4_TCB_Resume(tcb));
    }
    RT_CHECK(seL4_CNode_Delete(OWN, tcb, seL4_WordBits));
    measure_end();
}

void port_operations(void) {
    measure_begin();
    // Fails, since the console has its ports, after having looked at all that lie below.
    seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0, 0xffff, OWN, slots, seL4_WordBits);
    RT_CHECK(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x400, 0xffff, OWN, slots, seL4_WordBits));
    RT_CHECK(seL4_CNode_Delete(OWN, slots, seL4_WordBits));
    measure_end();
}

// -- Faults and time -------------------------------------------------------------------------------------------------

static void fault(seL4_Word times) {
    for (seL4_Word i = 0; i < times; i++) {
        __asm__ volatile("syscall" : : "d"(1000L) : "rcx", "r11", "memory");  // no system call has this number
    }
}

void fault_and_reply(void) {
    make_threads();
    RT_CHECK(rt_thread_start(&client, fault, repetitions));
    measure_begin();
    seL4_Recv(faults, NULL);
    for (int i = 1; i < repetitions; i++) {
        // Skip the instruction; all registers stay.
        seL4_SetMR(seL4_UnknownSyscall_FaultIP, seL4_GetMR(seL4_UnknownSyscall_FaultIP) + 2);
        seL4_ReplyRecv(faults, seL4_MessageInfo_new(0, 0, 0, seL4_UnknownSyscall_Length), NULL);
    }
    measure_end();
    RT_CHECK(rt_pool_reset(&pool));
}

void ticks(void) {
    measure_begin();
    for (volatile unsigned i = 0; i < 20000000; i++) {
    }
    measure_end();
}
