/* SPDX-License-Identifier: BSD-2-Clause */
/// Where thread-local storage is (seL4 manual, API reference: "Set TLS Base").
#include "counting.h"

static seL4_Word thread_pointer(void) {
    seL4_Word value;
    __asm__ volatile("movq %%fs:0, %0" : "=r"(value));
    return value;
}

/// Sets the calling thread's FS base as a user program does in this configuration.
static void set_fs_base(seL4_Word base) {
#ifdef CONFIG_SET_TLS_BASE_SELF
    seL4_SetTLSBase(base);
#else
    __asm__ volatile("wrfsbase %0" : : "r"(base) : "memory");
#endif
}

static volatile seL4_Word helper_saw;

static void look_at_fs(seL4_Word endpoint) {
    static seL4_Word block[2] = {0xf00d};
    seL4_Word own = thread_pointer();
    set_fs_base((seL4_Word)block);
    seL4_Yield();  // nothing here may use the IPC buffer, whose address is thread-local
    helper_saw = thread_pointer();
    set_fs_base(own);
    seL4_Recv(endpoint, NULL);
    helper_saw = thread_pointer() == own ? 1 : 2;
}

static void tls_base_belongs_to_the_thread(RtPool* pool) {
    static seL4_Word block[2] = {0xbeef};
    seL4_CPtr endpoint = make(pool, seL4_EndpointObject);
    RtThread helper;
    helper_saw = 0;
    seL4_Word own = thread_pointer();
    start_thread(&helper, pool, above, seL4_CapNull, look_at_fs, endpoint);
    RT_EXPECT_EQUAL(helper_saw, 0xf00d);
    RT_EXPECT_EQUAL(thread_pointer(), own);  // the helper's change is not ours
    set_fs_base((seL4_Word)block);
    seL4_Yield();
    seL4_Word seen = thread_pointer();
    set_fs_base(own);
    RT_EXPECT_EQUAL(seen, 0xbeef);
    seL4_Send(endpoint, seL4_MessageInfo_new(0, 0, 0, 0));
    RT_EXPECT_EQUAL(helper_saw, 1);  // and ours not the helper's
}

static void tls_base_zero(RtPool* pool) {
    (void)pool;
    seL4_Word own = thread_pointer();
    set_fs_base(0);
    set_fs_base(own);
    RT_EXPECT_EQUAL(thread_pointer(), own);
}

static const RtTest tests[] = {
    {"the TLS base belongs to the thread", tls_base_belongs_to_the_thread},
    {"the TLS base may be zero", tls_base_zero},
};

const RtTestGroup tls_tests = TEST_GROUP(tests);
