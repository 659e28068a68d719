/* SPDX-License-Identifier: BSD-2-Clause */
/// Debugging system calls (seL4 manual, API reference: "Debugging System Calls").
#include "support.h"

static void name_thread(RtPool* pool) {
#ifdef CONFIG_DEBUG_BUILD
    RtThread thread;
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, below));
    seL4_DebugNameThread(thread.tcb, "a thread with a name that is longer than the kernel keeps of it");
    seL4_DebugNameThread(thread.tcb, "");
    seL4_DebugNameThread(seL4_CapInitThreadTCB, "rootserver");
#else
    (void)pool;
    rt_skip("not a debug build");
#endif
}

static void identify_capability(RtPool* pool) {
#ifdef CONFIG_DEBUG_BUILD
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    RT_EXPECT_EQUAL(seL4_DebugCapIdentify(rt_pool_slot(pool)), 0);  // the null capability
    RT_EXPECT(seL4_DebugCapIdentify(endpoint) != 0);
    RT_EXPECT(seL4_DebugCapIdentify(endpoint) != seL4_DebugCapIdentify(seL4_CapInitThreadTCB));
#else
    (void)pool;
    rt_skip("not a debug build");
#endif
}

static void characters(RtPool* pool) {
    (void)pool;
#ifdef CONFIG_PRINTING
    seL4_DebugPutChar('#');
    seL4_DebugPutString(" printed by the kernel\n");
#else
    rt_skip("a kernel that does not print");
#endif
}

static void scheduler(RtPool* pool) {
#ifdef CONFIG_DEBUG_BUILD
    RtThread thread;
    RT_REQUIRE(rt_thread_create(&thread, pool, seL4_CapNull, below));
    seL4_DebugDumpScheduler();
    RT_REQUIRE(seL4_CNode_Delete(ROOT, thread.tcb, DEPTH));
    seL4_DebugDumpScheduler();
#else
    (void)pool;
    rt_skip("not a debug build");
#endif
}

static const RtTest tests[] = {
    {"PutChar and PutString print", characters},
    {"DumpScheduler lists threads", scheduler},
    {"NameThread takes long, short and empty names", name_thread},
    {"CapIdentify tells types apart", identify_capability},
};

const RtTestGroup debug_tests = TEST_GROUP(tests);
