/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

enum { calls = 64 };

typedef void (*Start)(RtThread*, const char*, seL4_Word, seL4_CPtr, const LoopArguments*);

/// Call to a server that answers with as many words as it was sent, by ReplyRecv.
static void call(const char* name, Start start, seL4_Word priority, seL4_Word words) {
    RtThread server;
    seL4_CPtr endpoint = make(seL4_EndpointObject);
    start(&server, loop_calls, higher, seL4_CapNull,
          &(LoopArguments){.capability = endpoint,
                           .info = message(0, 0, words),
                           .first = (seL4_Word)seL4_SysRecv,
                           .then = (seL4_Word)seL4_SysReplyRecv});
    RT_CHECK(seL4_TCB_SetPriority(server.tcb, seL4_CapInitThreadTCB, priority));
    MEASURE_CALL(name, calls, seL4_SysCall, endpoint, message(0, 0, words));
    stop(&server);
}

/// A message with a capability. The endpoint's own is unwrapped: the receiver gets its badge. Another goes to the receiver's
/// slot, from where it is deleted before the next one.
static void transfer(void) {
    RtThread server;
    seL4_CPtr endpoint = make(seL4_EndpointObject), gift = make(seL4_EndpointObject), slot = rt_pool_slot(&pool);
    seL4_CPtr badged = mint(endpoint, seL4_AllRights, 7);
    start_loop(&server, loop_calls, higher, seL4_CapNull,
               &(LoopArguments){.capability = endpoint,
                                .info = message(0, 0, 0),
                                .first = (seL4_Word)seL4_SysRecv,
                                .then = (seL4_Word)seL4_SysReplyRecv});
    server.ipc_buffer->receiveCNode = OWN;
    server.ipc_buffer->receiveIndex = slot;
    server.ipc_buffer->receiveDepth = seL4_WordBits;
    seL4_SetCap(0, badged);
    MEASURE_CALL("Call with a capability that is unwrapped", calls, seL4_SysCall, badged, message(0, 1, 0));
    seL4_SetCap(0, gift);
    MEASURE("Call with a capability, and its deletion", calls, bare(seL4_SysCall, endpoint, message(0, 1, 0));
            seL4_CNode_Delete(OWN, slot, seL4_WordBits), bare_nothing(seL4_SysCall, endpoint, message(0, 1, 0)));
    stop(&server);
}

/// Send to a receiver that waits, runs, and waits again.
static void send(void) {
    RtThread receiver;
    seL4_CPtr endpoint = make(seL4_EndpointObject);
    start_loop(
        &receiver, loop_calls, higher, seL4_CapNull,
        &(LoopArguments){.capability = endpoint, .first = (seL4_Word)seL4_SysRecv, .then = (seL4_Word)seL4_SysRecv});
    MEASURE_CALL("Send + Recv, 0 words", calls, seL4_SysSend, endpoint, message(0, 0, 0));
    MEASURE_CALL("Send + Recv, 4 words", calls, seL4_SysSend, endpoint, message(0, 0, 4));
    MEASURE_CALL("Send + Recv, 12 words", calls, seL4_SysSend, endpoint, message(0, 0, 12));
    stop(&receiver);
}

void measure_ipc(void) {
    seL4_CPtr unused = make(seL4_EndpointObject);
    MEASURE_CALL("NBSend to an empty slot", calls, seL4_SysNBSend, seL4_CapNull, message(0, 0, 0));
    MEASURE_CALL("NBSend, nobody receives", calls, seL4_SysNBSend, unused, message(0, 0, 0));
    MEASURE_CALL("NBRecv, nobody sends", calls, seL4_SysNBRecv, unused, 0);
    call("Call + ReplyRecv, 0 words", start_loop, higher, 0);
    call("Call + ReplyRecv, 4 words", start_loop, higher, 4);
    call("Call + ReplyRecv, 12 words", start_loop, higher, 12);
    call("Call + ReplyRecv, 120 words", start_loop, higher, 120);
    call("Call + ReplyRecv, 0 words, equal priority", start_loop, main_priority, 0);
    call("Call + ReplyRecv, 4 words, equal priority", start_loop, main_priority, 4);
    call("Call + ReplyRecv, 12 words, equal priority", start_loop, main_priority, 12);
    call("Call + ReplyRecv, 120 words, equal priority", start_loop, main_priority, 120);
    call("Call + ReplyRecv, 0 words, other space", start_loop_elsewhere, higher, 0);
    call("Call + ReplyRecv, 4 words, other space", start_loop_elsewhere, higher, 4);
    call("Call + ReplyRecv, 12 words, other space", start_loop_elsewhere, higher, 12);
    call("Call + ReplyRecv, 120 words, other space", start_loop_elsewhere, higher, 120);
    call("Call + ReplyRecv, 0 words, other space, equal priority", start_loop_elsewhere, main_priority, 0);
    call("Call + ReplyRecv, 120 words, other space, equal priority", start_loop_elsewhere, main_priority, 120);
    transfer();
    send();
}
