/* SPDX-License-Identifier: BSD-2-Clause */
/// What the domain capability refuses, in configurations with one domain too.
#include "schedule.h"

#include <sel4/invocation.h>

enum { domains = CONFIG_NUM_DOMAINS, schedules = CONFIG_NUM_DOMAIN_SCHEDULES };

static void boot(RtPool* pool) {
    (void)pool;
    RT_EXPECT_EQUAL(rt_boot_info()->initThreadDomain, 0);
    // It can be copied, and the copy does the same.
    seL4_CPtr copy = mint(pool, seL4_CapDomain, seL4_NoRights, 0);
    RT_REQUIRE(seL4_DomainSet_Set(copy, 0, seL4_CapInitThreadTCB));
}

static void set_errors(RtPool* pool) {
    seL4_CPtr tcb = make(pool, seL4_TCBObject);
    RT_EXPECT_ERROR(set_domain(domains, tcb), seL4_InvalidArgument, 0);
    RT_EXPECT_ERROR(set_domain(255, tcb), seL4_InvalidArgument, 0);
    RT_EXPECT_ERROR(set_domain(0, make(pool, seL4_EndpointObject)), seL4_InvalidArgument, 1);
    RT_EXPECT_ERROR(set_domain(0, rt_pool_slot(pool)), seL4_InvalidArgument, 1);
    RT_EXPECT_ERROR(invoke(seL4_CapDomain, DomainSetSet, CAPS(tcb), NO_WORDS), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(seL4_CapDomain, DomainSetSet, NO_CAPS, WORDS(0)), seL4_TruncatedMessage);
    RT_EXPECT_ERROR(invoke(seL4_CapDomain, 0, CAPS(tcb), WORDS(0)), seL4_IllegalOperation);
    RT_REQUIRE(set_domain(domains - 1, tcb));
}

static void configure_errors(RtPool* pool) {
    (void)pool;
    RT_EXPECT_ERROR(configure(schedules - 1, 0, 1), seL4_RangeError, 0, schedules - 2);  // always an end marker
    RT_EXPECT_ERROR(configure(schedules, 0, 1), seL4_RangeError, 0, schedules - 2);
    RT_EXPECT_ERROR(configure(~0ul, 0, 1), seL4_RangeError, 0, schedules - 2);
    RT_EXPECT_ERROR(configure(0, domains, 1), seL4_RangeError, 0, domains - 1);
    RT_EXPECT_ERROR(configure(0, 0, FOR_EVER + 1), seL4_InvalidArgument, 2);
    RT_EXPECT_ERROR(configure(0, 0, 0), seL4_InvalidArgument, 2);  // the starting entry
    RT_EXPECT_ERROR(invoke(seL4_CapDomain, DomainScheduleConfigure, NO_CAPS, WORDS(0, 0)), seL4_TruncatedMessage);
    RT_REQUIRE(configure(0, 0, FOR_EVER));
#if CONFIG_NUM_DOMAINS > 1
    RT_EXPECT_ERROR(configure(1, 1, 0), seL4_InvalidArgument, 1);
    RT_REQUIRE(configure(schedules - 2, domains - 1, 1));
    RT_REQUIRE(configure(schedules - 2, 0, 0));
#endif
}

static void start_errors(RtPool* pool) {
    (void)pool;
    RT_EXPECT_ERROR(set_start(schedules), seL4_RangeError, 0, schedules - 1);
    RT_EXPECT_ERROR(set_start(schedules - 1), seL4_InvalidArgument, 0);  // an end marker
    RT_EXPECT_ERROR(invoke(seL4_CapDomain, DomainScheduleSetStart, NO_CAPS, NO_WORDS), seL4_TruncatedMessage);
    RT_REQUIRE(set_start(0));
}

static const RtTest tests[] = {
    {"the first thread is in domain 0 and may set domains", boot},
    {"Set refuses bad arguments", set_errors},
    {"ScheduleConfigure refuses bad arguments", configure_errors},
    {"ScheduleSetStart refuses bad arguments", start_errors},
};

const RtTestGroup error_tests = TEST_GROUP(tests);
