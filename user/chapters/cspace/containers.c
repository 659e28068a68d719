/* SPDX-License-Identifier: BSD-2-Clause */
/// Deleting CNodes and threads with what they hold, and what the call itself came through (seL4 manual, 3.2 "Deletion
/// and Revocation").
#include "cnode.h"
#include "exchange.h"

#include <sel4/invocation.h>

/// A thread of its own in a capability space of its own, a CNode of 16 slots made from `memory`.
typedef struct {
    seL4_CPtr memory;  ///< the TCB, the CNode and nothing else come from it
    seL4_CPtr tcb, cnode;
    RtThread thread;
} Confined;

enum { own_cnode = 1, own_tcb = 2, own_memory = 3, to_tell = 4, behind = 5 };

/// The slots 1 and 2 of its space hold the CNode and the TCB, slot 4 an endpoint to tell the test something.
static void confined_make(Confined* self, RtPool* pool) {
    RT_CHECK(rt_thread_create(&self->thread, pool, seL4_CapNull, above));
    RT_CHECK(rt_pool_retype(pool, seL4_UntypedObject, 13, &self->memory));
    self->tcb = rt_pool_slot(pool);
    self->cnode = rt_pool_slot(pool);
    RT_CHECK(seL4_Untyped_Retype(self->memory, seL4_TCBObject, 0, ROOT, 0, 0, self->tcb, 1));
    RT_CHECK(seL4_Untyped_Retype(self->memory, seL4_CapTableObject, 4, ROOT, 0, 0, self->cnode, 1));
    // All 64 bits are resolved: a guard of 60.
    const seL4_Word guard = seL4_CNode_CapData_new(0, 60).words[0];
    RT_CHECK(seL4_TCB_Configure(self->tcb, seL4_CapNull, self->cnode, guard, seL4_CapInitThreadVSpace, 0,
                                (seL4_Word)self->thread.ipc_buffer, self->thread.ipc_buffer_frame));
    RT_CHECK(seL4_TCB_SetPriority(self->tcb, seL4_CapInitThreadTCB, above));
    RT_CHECK(seL4_CNode_Mint(self->cnode, own_cnode, 4, ROOT, self->cnode, DEPTH, seL4_AllRights, guard));
    RT_CHECK(seL4_CNode_Copy(self->cnode, own_tcb, 4, ROOT, self->tcb, DEPTH, seL4_AllRights));
    RT_CHECK(seL4_CNode_Copy(self->cnode, to_tell, 4, ROOT, make(pool, seL4_EndpointObject), DEPTH, seL4_AllRights));
}

/// True if there is a capability in a slot of its space.
static bool confined_has(const Confined* self, seL4_Word slot) {
    return seL4_CNode_Move(self->cnode, slot, 4, self->cnode, slot, 4) == seL4_DeleteFirst;
}

static void confined_run(Confined* self, RtThreadEntry entry) {
    seL4_CPtr tcb = self->thread.tcb;
    self->thread.tcb = self->tcb;
    RT_CHECK(rt_thread_start(&self->thread, entry, 0));
    self->thread.tcb = tcb;
}

static volatile seL4_Word progress, result;

/// What the thread tells before it stops for good: it calls, and nobody replies.
static void tell(seL4_Word what) {
    result = what;
    progress++;
    seL4_Call(to_tell, message(what, 0));
    progress += 100;
}

static void delete_the_cnode_in_use(seL4_Word unused) {
    (void)unused;
    // The call goes through slot 1, and deletes it. The thread has one more capability to the CNode.
    tell((seL4_Word)seL4_CNode_Delete(own_cnode, own_cnode, 64));
}

static void through_itself(RtPool* pool) {
    Confined self;
    confined_make(&self, pool);
    progress = 0;
    confined_run(&self, delete_the_cnode_in_use);
    RT_EXPECT_EQUAL(progress, 1);
    RT_EXPECT_EQUAL(result, seL4_NoError);
    RT_EXPECT(!confined_has(&self, own_cnode));
}

static void delete_everything_else(seL4_Word unused) {
    (void)unused;
    seL4_Word errors = 0;
    for (seL4_Word slot = 0; slot < 16; slot++) {
        if (slot != own_cnode && slot != to_tell) {
            errors += (seL4_Word)seL4_CNode_Delete(own_cnode, slot, 64) != seL4_NoError;
        }
    }
    tell(errors);
}

/// Its own TCB's last capability: that is the end of the thread, in the middle of its loop.
static void the_own_thread(RtPool* pool) {
    Confined self;
    confined_make(&self, pool);
    progress = 0;
    RT_REQUIRE(seL4_CNode_Copy(self.cnode, behind, 4, ROOT, self.cnode, DEPTH, seL4_AllRights));
    RT_REQUIRE(seL4_TCB_SetPriority(self.tcb, seL4_CapInitThreadTCB, below));
    confined_run(&self, delete_everything_else);
    RT_REQUIRE(delete(self.tcb));  // the one in the thread's own space is the last now
    RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, below - 1));
    RT_REQUIRE(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, RT_TEST_PRIORITY));
    RT_EXPECT_EQUAL(progress, 0);  // it never came to tell
    if (confined_has(&self, own_tcb)) {
        // A tick of the timer preempted Delete, and the thread that would make the call again is gone.
        RT_REQUIRE(seL4_CNode_Delete(self.cnode, own_tcb, 4));
    }
    RT_EXPECT(confined_has(&self, behind));
}

static void revoke_own_memory(seL4_Word unused) {
    (void)unused;
    tell((seL4_Word)seL4_CNode_Revoke(own_cnode, own_memory, 64));
}

/// The thread, the CNode that the call goes through and the memory's capability in it, all are in that memory. When the
/// CNode dies the capability that is revoked goes with it, and Revoke ends there: the thread goes on, without anything.
static void the_own_memory(RtPool* pool) {
    Confined self;
    progress = 0;
    // A tick of the timer may preempt Revoke. Then the call is made again, and finds no capability any more.
    for (int attempt = 0; progress == 0 && attempt < 10; attempt++) {
        RT_REQUIRE(rt_pool_reset(pool));
        confined_make(&self, pool);
        RT_REQUIRE(seL4_CNode_Move(self.cnode, own_memory, 4, ROOT, self.memory, DEPTH));
        confined_run(&self, revoke_own_memory);
        RT_EXPECT(!slot_is_full(self.cnode));
    }
    RT_EXPECT_EQUAL(progress, 1);
    RT_EXPECT_EQUAL(result, seL4_NoError);
    // What is left of it goes with the memory around.
    RT_REQUIRE(rt_pool_reset(pool));
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 13, &self.memory));
    RT_REQUIRE(seL4_Untyped_Retype(self.memory, seL4_UntypedObject, 13, ROOT, 0, 0, rt_pool_slot(pool), 1));
}

static void revoke_in_the_root(seL4_Word memory) { tell((seL4_Word)seL4_CNode_Revoke(behind, memory, 64)); }

/// The memory's capability is elsewhere: Revoke deletes the thread that called it, and comes to its end without it.
static void the_own_life(RtPool* pool) {
    Confined self;
    confined_make(&self, pool);
    progress = 0;
    RT_REQUIRE(seL4_CNode_Copy(self.cnode, behind, 4, ROOT, ROOT, DEPTH, seL4_AllRights));
    seL4_CPtr tcb = self.thread.tcb;
    self.thread.tcb = self.tcb;
    RT_REQUIRE(rt_thread_start(&self.thread, revoke_in_the_root, self.memory));
    self.thread.tcb = tcb;
    RT_EXPECT_EQUAL(progress, 0);
    if (slot_is_full(self.tcb) || slot_is_full(self.cnode)) {
        // A tick of the timer preempted Revoke, and the thread that would make the call again is gone.
        RT_REQUIRE(seL4_CNode_Revoke(ROOT, self.memory, DEPTH));
    }
    RT_EXPECT(!slot_is_full(self.tcb) && !slot_is_full(self.cnode));
    RT_REQUIRE(seL4_Untyped_Retype(self.memory, seL4_UntypedObject, 13, ROOT, 0, 0, rt_pool_slot(pool), 1));
}

/// The capability that is the target of Revoke is in a CNode that Revoke deletes.
static void the_target_goes(RtPool* pool) {
    seL4_CPtr memory, cnode = rt_pool_slot(pool);
    RT_REQUIRE(rt_pool_retype(pool, seL4_UntypedObject, 13, &memory));
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_CapTableObject, 4, ROOT, 0, 0, cnode, 1));
    seL4_CPtr endpoints = rt_pool_slot(pool);
    rt_pool_slot(pool);
    RT_REQUIRE(seL4_Untyped_Retype(memory, seL4_EndpointObject, 0, ROOT, 0, 0, endpoints, 2));
    RT_REQUIRE(seL4_CNode_Move(cnode, 7, 4, ROOT, memory, DEPTH));
    RT_REQUIRE(seL4_CNode_Revoke(cnode, 7, 4));
    RT_EXPECT(!slot_is_full(cnode));
    // Revoke stopped there, or went on; the memory around takes back whatever is left.
    RT_REQUIRE(rt_pool_reset(pool));
    RT_EXPECT(!slot_is_full(endpoints));
}

/// A CNode whose last capability is in another one that is deleted is not deleted with it, it becomes unreachable: its
/// capability goes into its own first slot.
static void unreachable(RtPool* pool) {
    RtThread sender;
    seL4_CPtr outer = make_cnode(pool, 4), inner = make_cnode(pool, 4), endpoint = make(pool, seL4_EndpointObject);
    seL4_CPtr first = make(pool, seL4_EndpointObject), sent_to = mint(pool, endpoint, seL4_AllRights, 1);
    helper = (Helper){.endpoint = sent_to};
    start_thread(&sender, pool, above, seL4_CapNull, send_once, (seL4_Word)&helper);
    RT_REQUIRE(delete(sent_to));
    RT_REQUIRE(seL4_CNode_Move(inner, 3, 4, ROOT, endpoint, DEPTH));  // the last capability to the endpoint
    RT_REQUIRE(seL4_CNode_Copy(inner, 0, 4, ROOT, first, DEPTH, seL4_AllRights));
    RT_REQUIRE(seL4_CNode_Move(outer, 5, 4, ROOT, inner, DEPTH));  // and to the inner CNode
    RT_REQUIRE(delete(outer));
    RT_EXPECT_EQUAL(helper.steps, 0);  // the endpoint is still there, out of reach
    RT_EXPECT(slot_is_full(first));
    RT_REQUIRE(rt_pool_reset(pool));  // revoking the memory reaches everything
}

/// CNodes in CNodes in CNodes, deleted from the outside.
static void a_deep_chain(RtPool* pool) {
    enum { depth = 40 };
    seL4_CPtr outermost = make_cnode(pool, 1), current = outermost;
    for (int i = 0; i < depth; i++) {
        seL4_CPtr next = make_cnode(pool, 1);
        RT_REQUIRE(seL4_CNode_Copy(current, 1, 1, ROOT, next, DEPTH, seL4_AllRights));
        if (current != outermost) {
            RT_REQUIRE(delete(current));
        }
        current = next;
    }
    RT_REQUIRE(delete(current));
    RT_REQUIRE(delete(outermost));
    RT_EXPECT(!slot_is_full(outermost));
}

/// A thread holds the last capability to its CNode, the CNode the last one to an endpoint, and the endpoint a sender.
static void what_a_thread_holds(RtPool* pool) {
    RtThread thread, sender;
    seL4_CPtr cnode = make_cnode(pool, 4), endpoint = make(pool, seL4_EndpointObject);
    helper = (Helper){.endpoint = mint(pool, endpoint, seL4_AllRights, 1)};
    start_thread(&sender, pool, above, seL4_CapNull, send_once, (seL4_Word)&helper);
    RT_REQUIRE(delete(helper.endpoint));
    RT_REQUIRE(seL4_CNode_Move(cnode, 3, 4, ROOT, endpoint, DEPTH));
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, above));
    RT_REQUIRE(seL4_TCB_Configure(thread.tcb, 0, cnode, 0, seL4_CapInitThreadVSpace, 0, 0, seL4_CapNull));
    RT_REQUIRE(delete(cnode));
    RT_EXPECT_EQUAL(helper.steps, 0);
    RT_REQUIRE(delete(thread.tcb));
    RT_EXPECT_EQUAL(helper.steps, 0);  // the CNode is out of reach, with the endpoint in it
    RT_REQUIRE(rt_pool_reset(pool));
}

/// A server is deleted that was about to reply: the caller waits for ever, or until it is made to try again.
static void a_server_with_a_caller(RtPool* pool) {
    RtThread server, caller;
    helper = (Helper){.endpoint = make(pool, seL4_EndpointObject)};
    second = (Helper){.endpoint = helper.endpoint};
    start_thread(&server, pool, above, seL4_CapNull, receive_once, (seL4_Word)&helper);
    RT_REQUIRE(seL4_TCB_SetPriority(server.tcb, seL4_CapInitThreadTCB, above + 1));
    start_thread(&caller, pool, above, seL4_CapNull, call_once, (seL4_Word)&second);
    RT_EXPECT_EQUAL(helper.steps, 1);
    RT_REQUIRE(delete(server.tcb));
    RT_EXPECT_EQUAL(second.steps, 0);
    RT_REQUIRE(seL4_TCB_Resume(caller.tcb));
    seL4_Recv(helper.endpoint, NULL);
    seL4_Reply(message(8, 0));
    RT_EXPECT_EQUAL(second.label, 8);
}

static const RtTest tests[] = {
    {"Delete the CNode capability that the call goes through", through_itself},
    {"a thread deletes itself", the_own_thread},
    {"a thread revokes the memory of its own capability space", the_own_memory},
    {"a thread revokes the memory that it lives in", the_own_life},
    {"Revoke deletes the capability that it was to revoke", the_target_goes},
    {"a CNode within a deleted CNode becomes unreachable", unreachable},
    {"a deep chain of CNodes is deleted", a_deep_chain},
    {"a CNode that only a deleted thread held becomes unreachable", what_a_thread_holds},
    {"a server is deleted before it replies", a_server_with_a_caller},
};

const RtTestGroup container_tests = TEST_GROUP(tests);
