/* SPDX-License-Identifier: BSD-2-Clause */
#include "growth.h"

enum { most_operations = 8 };

static const seL4_Word sizes[] = {1, 4, 16, 64, 256, 1024, most_threads};
#define EACH_SIZE(index) (unsigned index = 0; index < sizeof sizes / sizeof sizes[0]; index++)

static const char kind[] = "threads";
static Crowd crowd;
/// Operations of a round on different threads, and which is the first of them: in the middle, others in each round.
static seL4_Word operations;
static seL4_Word middle(seL4_Word round) {
    const seL4_Word first = crowd.size / 2 + round * operations;
    return member(first + operations <= crowd.size ? first : 0);
}

#define NAMED(operation, which) (rt_snprintf(name, sizeof name, "%s, %s", operation, which), name)

static void remake(seL4_CPtr first) { crowd_make(&crowd, first - slots, first - slots + operations); }

static void restart(seL4_CPtr first) {
    for (seL4_Word i = 0; i < operations; i++) {
        RT_CHECK(seL4_TCB_Resume(first + i));
    }
    if (crowd.blocks) {
        settle();
    }
}

/// What anybody can do to a thread that is in a queue with others.
static void measure_members(const char* which) {
    char name[96];
    POINT(kind, NAMED("SetPriority", which), crowd.size, operations, NOTHING,
          seL4_TCB_SetPriority(middle(round) + i, seL4_CapInitThreadTCB, crowd.priority), NOTHING);
    POINT(kind, NAMED("Suspend", which), crowd.size, operations, NOTHING, seL4_TCB_Suspend(middle(round) + i),
          restart(middle(round)));
    if (!crowd.blocks) {
        POINT(
            kind, NAMED("Resume", which), crowd.size, operations,
            for (seL4_Word j = 0; j < operations; j++) { RT_CHECK(seL4_TCB_Suspend(middle(round) + j)); },
            seL4_TCB_Resume(middle(round) + i), NOTHING);
    }
    POINT(kind, NAMED("delete the thread", which), crowd.size, operations, NOTHING,
          seL4_CNode_Delete(OWN, middle(round) + i, seL4_WordBits), remake(middle(round)));
}

/// The crowd in each size; then everything is taken down.
static void measure_crowd(const char* which, void (*more)(seL4_CPtr object), seL4_CPtr object) {
    for
        EACH_SIZE(index) {
            crowd_grow(&crowd, sizes[index]);
            operations = crowd.size / 4 < 1 ? 1 : crowd.size / 4 < most_operations ? crowd.size / 4 : most_operations;
            measure_members(which);
            if (more != NULL) {
                more(object);
            }
        }
}

/// The object that a crowd waits at, behind the threads' slots.
static seL4_CPtr new_object(seL4_Word type) {
    make_objects(type, 0, most_threads + 1, 1);
    return slots + most_threads + 1;
}

static void make_spare(seL4_Word priority, const LoopArguments* arguments) {
    make_objects(seL4_TCBObject, 0, most_threads, 1);
    prepare_thread(spare_thread(), priority, seL4_CapNull);
    run_loop(spare_thread(), loop_calls, arguments);
}

// -- Ready -------------------------------------------------------------------------------------------------------------

static const char* ready_name;

static void switch_among_ready(seL4_CPtr notification) {
    char name[96];
    POINT(kind, NAMED("Signal with switch, Wait", ready_name), crowd.size, most_operations, NOTHING,
          bare(seL4_SysSend, notification, 0), NOTHING);
    POINT(kind, NAMED("Yield to self", ready_name), crowd.size, most_operations, NOTHING, bare(seL4_SysYield, 0, 0),
          NOTHING);
}

static void measure_ready(const char* which, bool spread) {
    seL4_CPtr notification = new_object(seL4_NotificationObject);
    make_spare(higher,
               &(LoopArguments){
                   .capability = notification, .first = (seL4_Word)seL4_SysRecv, .then = (seL4_Word)seL4_SysRecv});
    crowd = (Crowd){.loop = loop_calls,
                    .arguments = {.first = (seL4_Word)seL4_SysYield, .then = (seL4_Word)seL4_SysYield},
                    .priority = lower,
                    .spread = spread};
    ready_name = which;
    measure_crowd(which, switch_among_ready, notification);
    growth_clean();
}

/// Threads that all yield, the program among them.
static void measure_yields(void) {
    crowd = (Crowd){.loop = loop_calls,
                    .arguments = {.first = (seL4_Word)seL4_SysYield, .then = (seL4_Word)seL4_SysYield},
                    .priority = main_priority};
    for
        EACH_SIZE(index) {
            crowd_grow(&crowd, sizes[index]);
            uint64_t best = UINT64_MAX;
            for (int round = 0; round < repeats; round++) {
                uint64_t start = ticks();
                bare(seL4_SysYield, 0, 0);
                uint64_t taken = ticks() - start;
                best = taken < best ? taken : best;
            }
            point(kind, "Yield among ready threads, each", crowd.size, best, crowd.size + 1);
        }
    growth_clean();
}

// -- Queued ------------------------------------------------------------------------------------------------------------

static void more_senders(seL4_CPtr endpoint) {
    POINT(kind, "NBRecv from the first of the senders", crowd.size, operations, NOTHING,
          bare(seL4_SysNBRecv, endpoint, 0), settle());
    // A thread of higher priority sends, goes to the end of the queue, and leaves it.
    seL4_TCB_Resume(spare_thread());
    POINT(kind, "Resume and Send and Suspend, behind the senders", crowd.size, operations,
          RT_CHECK(seL4_TCB_Suspend(spare_thread())), seL4_TCB_Resume(spare_thread());
          seL4_TCB_Suspend(spare_thread()), NOTHING);
    const seL4_CPtr badged = slots + most_threads + 2;
    RT_CHECK(seL4_CNode_Mint(OWN, badged, seL4_WordBits, OWN, endpoint, seL4_WordBits, seL4_AllRights, 77));
    POINT(kind, "CancelBadgedSends of another badge than the senders'", crowd.size, 1, NOTHING,
          seL4_CNode_CancelBadgedSends(OWN, badged, seL4_WordBits), NOTHING);
    RT_CHECK(seL4_CNode_Delete(OWN, badged, seL4_WordBits));
}

static void measure_senders(void) {
    seL4_CPtr endpoint = new_object(seL4_EndpointObject);
    crowd = (Crowd){
        .loop = loop_calls,
        .arguments = {.capability = endpoint, .first = (seL4_Word)seL4_SysSend, .then = (seL4_Word)seL4_SysSend},
        .priority = lower,
        .blocks = true};
    make_spare(higher, &crowd.arguments);
    measure_crowd("one of the senders at an endpoint", more_senders, endpoint);
    growth_clean();
}

static void more_receivers(seL4_CPtr endpoint) {
    POINT(kind, "NBSend to the first of the receivers", crowd.size, operations, NOTHING,
          bare(seL4_SysNBSend, endpoint, 0), settle());
}

static void measure_receivers(void) {
    seL4_CPtr endpoint = new_object(seL4_EndpointObject);
    crowd = (Crowd){
        .loop = loop_calls,
        .arguments = {.capability = endpoint, .first = (seL4_Word)seL4_SysRecv, .then = (seL4_Word)seL4_SysRecv},
        .priority = lower,
        .blocks = true};
    measure_crowd("one of the receivers at an endpoint", more_receivers, endpoint);
    growth_clean();
}

static void more_waiters(seL4_CPtr notification) {
    POINT(kind, "Signal to the first of the waiters", crowd.size, operations, NOTHING,
          bare(seL4_SysSend, notification, 0), settle());
}

static void measure_waiters(void) {
    seL4_CPtr notification = new_object(seL4_NotificationObject);
    crowd = (Crowd){
        .loop = loop_calls,
        .arguments = {.capability = notification, .first = (seL4_Word)seL4_SysRecv, .then = (seL4_Word)seL4_SysRecv},
        .priority = lower,
        .blocks = true};
    measure_crowd("one of the waiters at a notification", more_waiters, notification);
    growth_clean();
}

/// The object goes away, and whoever waits at it is woken.
static void measure_ends(const char* name, seL4_Word type, seL4_Syscall_ID call, bool badged) {
    crowd = (Crowd){.loop = loop_calls,
                    .arguments = {.first = (seL4_Word)call, .then = (seL4_Word)call},
                    .priority = lower,
                    .blocks = true};
    for
        EACH_SIZE(index) {
            seL4_CPtr object = new_object(type);
            const seL4_CPtr used = object + 1;
            RT_CHECK(seL4_CNode_Mint(OWN, used, seL4_WordBits, OWN, object, seL4_WordBits, seL4_AllRights, 5));
            crowd.arguments.capability = badged ? used : object;
            crowd.size = 0;
            crowd_grow(&crowd, sizes[index]);
            if (badged) {
                POINT(kind, name, crowd.size, 1, NOTHING, seL4_CNode_CancelBadgedSends(OWN, used, seL4_WordBits),
                      settle());
            } else {
                // It can only go once.
                RT_CHECK(seL4_CNode_Delete(OWN, used, seL4_WordBits));
                uint64_t start = ticks();
                seL4_CNode_Delete(OWN, object, seL4_WordBits);
                point(kind, name, crowd.size, ticks() - start, 1);
            }
            growth_clean();
        }
}

void measure_crowds(void) {
    crowd = (Crowd){.priority = lower, .stopped = true};
    measure_crowd("one of the stopped threads", NULL, seL4_CapNull);
    growth_clean();
    measure_ready("one of the ready threads of one priority", false);
    measure_ready("one of the ready threads of many priorities", true);
    measure_yields();
    measure_senders();
    measure_receivers();
    measure_waiters();
    measure_ends("CancelBadgedSends of the senders' badge", seL4_EndpointObject, seL4_SysSend, true);
    measure_ends("delete the endpoint with its senders", seL4_EndpointObject, seL4_SysSend, false);
    measure_ends("delete the endpoint with its receivers", seL4_EndpointObject, seL4_SysRecv, false);
    measure_ends("delete the notification with its waiters", seL4_NotificationObject, seL4_SysRecv, false);
}
