/* SPDX-License-Identifier: BSD-2-Clause */
/// Takes each way through the kernel a known number of times, which tests/stats compares with what `antimono run --stats`
/// counts. It prints a line `expect PATH: REASON: TIMES` for each, PATH and REASON as the kernel's list has them. The program's
/// own thread has priority `main_priority`; a thread of `higher` priority runs as soon as it is started, until it waits.
#include "bench.h"

#include <string.h>

RtPool pool;

static seL4_CPtr new_object(seL4_Word type) {
    seL4_CPtr object;
    RT_CHECK(rt_pool_retype(&pool, type, 0, &object));
    return object;
}

static seL4_CPtr new_mint(seL4_CPtr source, seL4_CapRights_t rights) {
    seL4_CPtr slot = rt_pool_slot(&pool);
    RT_CHECK(seL4_CNode_Mint(OWN, slot, seL4_WordBits, OWN, source, seL4_WordBits, rights, 0));
    return slot;
}

static seL4_CPtr new_thread(seL4_Word priority, seL4_CPtr faults) {
    seL4_CPtr tcb = new_object(seL4_TCBObject);
    prepare_thread(tcb, priority, faults);
    return tcb;
}

static void start_with(seL4_CPtr tcb, const char* loop, seL4_CPtr capability, seL4_Word info, seL4_Syscall_ID first,
                       seL4_Syscall_ID then) {
    const LoopArguments arguments = {
        .capability = capability, .info = info, .first = (seL4_Word)first, .then = (seL4_Word)then};
    run_loop(tcb, loop, &arguments);
}

static void start(seL4_CPtr tcb, const char* loop, seL4_CPtr capability, seL4_Syscall_ID first, seL4_Syscall_ID then) {
    start_with(tcb, loop, capability, 0, first, then);
}

static void set_priority(seL4_CPtr tcb, seL4_Word priority) {
    RT_CHECK(seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, priority));
}

/// What was done so far: how often each way was taken.
static struct {
    const char *path, *reason;
    seL4_Word times;
} ways[64];

static void took(const char* path, const char* reason, seL4_Word times) {
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (ways[i].path == NULL) {
            ways[i].path = path;
            ways[i].reason = reason;
        }
        if (strcmp(ways[i].path, path) == 0 && strcmp(ways[i].reason, reason) == 0) {
            ways[i].times += times;
            return;
        }
    }
    RT_ASSERT(!"there are more ways than the list has room for");
}

/// A thread of higher priority makes one call that it does not come back from, `times` times.
static void stuck(seL4_CPtr capability, seL4_Syscall_ID call, seL4_Word info, seL4_Word times) {
    seL4_CPtr tcb = new_thread(higher, seL4_CapNull);
    for (seL4_Word i = 0; i < times; i++) {
        start_with(tcb, loop_calls, capability, info, call, call);
        RT_CHECK(seL4_TCB_Suspend(tcb));
    }
}

/// A thread that sends a message to the endpoint each time that nobody more important runs: so this thread, which waits there,
/// goes on.
static seL4_CPtr start_waker(seL4_CPtr endpoint, seL4_Word priority) {
    seL4_CPtr tcb = new_thread(priority, seL4_CapNull);
    start(tcb, loop_calls, endpoint, seL4_SysNBSend, seL4_SysNBSend);
    return tcb;
}

static void take_calls(void) {
    enum { fast = 1000, long_ones = 17, with_capability = 11, unreceived = 7, unright = 3, behind = 5, nowhere = 8 };
    seL4_CPtr endpoint = new_object(seL4_EndpointObject), server = new_thread(higher, seL4_CapNull);
    start(server, loop_calls, endpoint, seL4_SysRecv, seL4_SysReplyRecv);
    LOOP(fast, bare(seL4_SysCall, endpoint, 0));
    LOOP(long_ones, bare(seL4_SysCall, endpoint, message(0, 0, 12)));
    took("call", "fast", fast + long_ones);
    seL4_SetCap(0, endpoint);
    LOOP(with_capability, bare(seL4_SysCall, endpoint, message(0, 1, 0)));
    took("call", "capabilities", with_capability);
    took("reply_recv", "fast", fast + long_ones + with_capability);
    RT_CHECK(seL4_TCB_Suspend(server));
    stuck(endpoint, seL4_SysCall, 0, unreceived);
    took("call", "no_receiver", unreceived);
    stuck(new_mint(endpoint, seL4_CapRights_new(0, 0, 0, 1)), seL4_SysCall, 0, unright);
    took("call", "no_right", unright);
    LOOP(nowhere, bare(seL4_SysCall, seL4_CapNull, 0));
    took("call", "nothing_there", nowhere);

    // The server is less important than a thread that the signal has made ready.
    seL4_CPtr notification = new_object(seL4_NotificationObject);
    seL4_CPtr low = new_thread(higher, seL4_CapNull), between = new_thread(higher, seL4_CapNull);
    start(low, loop_calls, endpoint, seL4_SysRecv, seL4_SysReplyRecv);
    start(between, loop_calls, notification, seL4_SysRecv, seL4_SysRecv);
    set_priority(low, lower);
    set_priority(between, lower + 10);
    LOOP(behind, bare(seL4_SysSend, notification, 0); bare(seL4_SysCall, endpoint, 0));
    took("signal", "fast", behind);
    took("call", "less_important", behind);
    took("reply_recv", "fast", behind);
    RT_CHECK(seL4_TCB_Suspend(low));
    RT_CHECK(seL4_TCB_Suspend(between));
}

static void take_signals(void) {
    enum { fast = 100, sends = 13, nowhere = 4, unright = 6, with_capability = 9 };
    seL4_CPtr endpoint = new_object(seL4_EndpointObject), notification = new_object(seL4_NotificationObject);
    LOOP(fast, bare(seL4_SysSend, notification, 0); bare(seL4_SysNBRecv, notification, 0));
    took("signal", "fast", fast);
    LOOP(sends, bare(seL4_SysNBSend, endpoint, 0));
    took("signal", "not_notification", sends);
    LOOP(nowhere, bare(seL4_SysNBSend, seL4_CapNull, 0));
    took("signal", "nothing_there", nowhere);
    seL4_CPtr only_to_wait = new_mint(notification, seL4_CapRights_new(0, 0, 1, 0));
    LOOP(unright, bare(seL4_SysNBSend, only_to_wait, 0));
    took("signal", "no_right", unright);
    seL4_SetCap(0, endpoint);
    LOOP(with_capability, bare(seL4_SysNBSend, notification, message(0, 1, 0)));
    took("signal", "capabilities", with_capability);
}

/// ReplyRecv where it is not fast for another reason than whom it answers.
static void take_answers(void) {
    enum { unasked = 6, elsewhere = 2, with_capability = 10, nowhere = 12, senders = 14, signals = 15 };
    seL4_CPtr endpoint = new_object(seL4_EndpointObject), notification = new_object(seL4_NotificationObject);
    stuck(endpoint, seL4_SysReplyRecv, 0, unasked);
    took("reply_recv", "nobody", unasked);
    stuck(notification, seL4_SysReplyRecv, 0, elsewhere);
    took("reply_recv", "not_endpoint", elsewhere);
    stuck(endpoint, seL4_SysReplyRecv, message(0, 1, 0), with_capability);
    took("reply_recv", "capabilities", with_capability);
    stuck(seL4_CapNull, seL4_SysReplyRecv, 0, nowhere);
    took("reply_recv", "nothing_there", nowhere);
    took("fault", "no_handler", nowhere);

    seL4_CPtr sender = new_thread(higher, seL4_CapNull);
    start(sender, loop_calls, endpoint, seL4_SysSend, seL4_SysSend);
    LOOP(senders, bare(seL4_SysReplyRecv, endpoint, 0));
    RT_CHECK(seL4_TCB_Suspend(sender));
    took("reply_recv", "senders", senders);
    took("signal", "not_notification", senders + 1);

    RT_CHECK(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, notification));
    LOOP(signals, bare(seL4_SysSend, notification, 0); bare(seL4_SysReplyRecv, endpoint, 0));
    RT_CHECK(seL4_TCB_UnbindNotification(seL4_CapInitThreadTCB));
    took("signal", "fast", signals);
    took("reply_recv", "notification", signals);
}

/// A caller waits for this thread's answer.
static void receive_call(seL4_CPtr endpoint, seL4_CPtr caller) {
    start(caller, loop_exit, endpoint, seL4_SysCall, 0);
    bare(seL4_SysRecv, endpoint, 0);
    took("call", "no_receiver", 1);
}

/// ReplyRecv to a caller that is less important than the thread which then goes on.
static void answer_the_unimportant(void) {
    enum { times = 16 };
    seL4_CPtr endpoint = new_object(seL4_EndpointObject), caller = new_thread(higher, seL4_CapNull);
    seL4_CPtr waker = start_waker(endpoint, lower + 10);
    for (int i = 0; i < times; i++) {
        set_priority(caller, higher);
        receive_call(endpoint, caller);
        set_priority(caller, lower);
        bare(seL4_SysReplyRecv, endpoint, 0);
        RT_CHECK(seL4_TCB_Suspend(caller));
    }
    RT_CHECK(seL4_TCB_Suspend(waker));
    took("reply_recv", "less_important", times);
    took("signal", "not_notification", times);
}

/// A thread was resumed without an answer to its fault, which it then sends instead of what it says.
static void take_pending_faults(void) {
    enum { calls = 18, answers = 19 };
    seL4_CPtr endpoint = new_object(seL4_EndpointObject), handler = new_object(seL4_EndpointObject);
    seL4_CPtr caller = new_thread(higher, handler);
    for (int i = 0; i < calls; i++) {
        start(caller, loop_undefined, seL4_CapNull, 0, 0);
        start(caller, loop_calls, endpoint, seL4_SysCall, seL4_SysCall);
        RT_CHECK(seL4_TCB_Suspend(caller));
    }
    took("fault", "no_receiver", calls);
    took("call", "fault_pending", calls);

    for (int i = 0; i < answers; i++) {
        seL4_CPtr server = new_thread(higher, handler), client = new_thread(higher, seL4_CapNull);
        start(server, loop_exit, endpoint, seL4_SysRecv, 0);
        start(client, loop_exit, endpoint, seL4_SysCall, 0);
        start(server, loop_calls, endpoint, seL4_SysReplyRecv, seL4_SysReplyRecv);
        RT_CHECK(seL4_TCB_Suspend(server));
    }
    took("call", "fast", answers);
    took("fault", "no_receiver", answers);  // the server's
    took("reply_recv", "fault_pending", answers);
    took("fault", "no_handler", answers);  // the client's, after the answer
}

static void take_faults(void) {
    enum { answered = 20, alone = 3, unhandled = 2, labels = 21, behind = 22, decided = 23 };
    seL4_CPtr endpoint = new_object(seL4_EndpointObject), faulter = new_thread(lower, endpoint);
    start(faulter, loop_undefined, seL4_CapNull, 0, 0);
    bare(seL4_SysRecv, endpoint, 0);
    LOOP(answered, bare(seL4_SysReplyRecv, endpoint, 0));
    RT_CHECK(seL4_TCB_Suspend(faulter));
    took("fault", "fast", answered + 1);
    took("reply_recv", "fast_fault", answered);
    seL4_CPtr other = new_thread(higher, endpoint), lost = new_thread(higher, seL4_CapNull);
    for (seL4_Word i = 0; i < alone; i++) {
        start(other, loop_undefined, seL4_CapNull, 0, 0);
        RT_CHECK(seL4_TCB_Suspend(other));
    }
    took("fault", "no_receiver", alone);
    for (seL4_Word i = 0; i < unhandled; i++) {
        start(lost, loop_undefined, seL4_CapNull, 0, 0);
        RT_CHECK(seL4_TCB_Suspend(lost));
    }
    took("fault", "no_handler", unhandled);

    // The label leaves the thread where it is, so only the waker sends.
    seL4_CPtr waker = start_waker(endpoint, lower - 10);
    for (int i = 0; i < labels; i++) {
        start(faulter, loop_undefined, seL4_CapNull, 0, 0);
        bare(seL4_SysRecv, endpoint, 0);
        bare(seL4_SysReplyRecv, endpoint, message(1, 0, 0));
    }
    RT_CHECK(seL4_TCB_Suspend(waker));
    took("fault", "fast", labels);
    took("reply_recv", "fault_label", labels);
    took("signal", "not_notification", labels);

    // This thread is more important than the handler.
    seL4_CPtr handler = new_thread(higher, seL4_CapNull);
    for (int i = 0; i < behind; i++) {
        set_priority(handler, higher);
        start(handler, loop_calls, endpoint, seL4_SysRecv, seL4_SysRecv);
        set_priority(handler, lower);
        start(other, loop_undefined, seL4_CapNull, 0, 0);
        RT_CHECK(seL4_TCB_Suspend(other));
        RT_CHECK(seL4_TCB_Suspend(handler));
    }
    took("fault", "less_important", behind);

    // The fault comes after the answer has made another thread ready: there is nothing at the address to receive from.
    for (int i = 0; i < decided; i++) {
        seL4_CPtr server = new_thread(higher, endpoint), client = new_thread(higher, seL4_CapNull);
        seL4_CPtr calls = new_object(seL4_EndpointObject);
        start(server, loop_calls, calls, seL4_SysRecv, seL4_SysRecv);
        set_priority(server, lower);
        start(client, loop_exit, calls, seL4_SysCall, 0);
        RT_CHECK(seL4_TCB_Suspend(server));
        set_priority(server, higher);
        start(server, loop_calls, seL4_CapNull, seL4_SysReplyRecv, seL4_SysReplyRecv);
        RT_CHECK(seL4_TCB_Suspend(server));
    }
    took("call", "less_important", decided);
    took("reply_recv", "nothing_there", decided);
    took("fault", "decided", decided);
    took("fault", "no_handler", decided);  // the client's, after the answer
}

#if CONFIG_NUM_DOMAINS > 1
static void set_domain(seL4_CPtr tcb, seL4_Uint8 domain) { RT_CHECK(seL4_DomainSet_Set(seL4_CapDomain, domain, tcb)); }

/// The other thread is in a domain that never runs.
static void take_domains(void) {
    enum { calls = 24, answers = 25, faults = 26 };
    seL4_CPtr endpoint = new_object(seL4_EndpointObject), server = new_thread(higher, seL4_CapNull);
    seL4_CPtr caller = new_thread(higher, seL4_CapNull), faulter = new_thread(higher, endpoint);
    for (int i = 0; i < calls + faults; i++) {
        start(server, loop_calls, endpoint, seL4_SysRecv, seL4_SysRecv);
        set_domain(server, 1);
        if (i < calls) {
            start(caller, loop_calls, endpoint, seL4_SysCall, seL4_SysCall);
            RT_CHECK(seL4_TCB_Suspend(caller));
        } else {
            start(faulter, loop_undefined, seL4_CapNull, 0, 0);
            RT_CHECK(seL4_TCB_Suspend(faulter));
        }
        RT_CHECK(seL4_TCB_Suspend(server));
        set_domain(server, 0);
    }
    took("call", "other_domain", calls);
    took("fault", "other_domain", faults);
    seL4_CPtr waker = start_waker(endpoint, lower);
    for (int i = 0; i < answers; i++) {
        receive_call(endpoint, caller);
        set_domain(caller, 1);
        bare(seL4_SysReplyRecv, endpoint, 0);
        RT_CHECK(seL4_TCB_Suspend(caller));
        set_domain(caller, 0);
    }
    RT_CHECK(seL4_TCB_Suspend(waker));
    took("reply_recv", "other_domain", answers);
    took("signal", "not_notification", answers);
}
#endif

int main(const seL4_BootInfo* boot_info) {
    (void)boot_info;
    RT_CHECK(rt_pool_create(&pool, 20, 256));
    set_priority(seL4_CapInitThreadTCB, main_priority);
    take_calls();
    take_signals();
    take_answers();
    answer_the_unimportant();
    take_pending_faults();
    take_faults();
#if CONFIG_NUM_DOMAINS > 1
    take_domains();
#endif
    for (size_t i = 0; i < sizeof ways / sizeof *ways && ways[i].path != NULL; i++) {
        rt_printf("expect %s: %s: %lu\n", ways[i].path, ways[i].reason, ways[i].times);
    }
    return 0;
}
