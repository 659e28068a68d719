/* SPDX-License-Identifier: BSD-2-Clause */
/// Faults of memory accesses: the fault status register is the page-fault error code (Intel SDM Vol. 3A, 4.7).
#include "subject.h"

SUBJECT_CODE(read_memory);
SUBJECT_CODE(write_memory);
SUBJECT_CODE(jump_to);

enum { present = 1, write = 2, user = 4 };

/// Runs `code` with `address` and checks the VM fault. `ip` is what the message is to give as the instruction.
static void check(Subject* subject, const char* code, seL4_Word address, seL4_Word ip, seL4_Word status,
                  seL4_Word prefetch) {
    seL4_UserContext sent = subject_registers(subject, code);
    sent.rdi = address;
    RtFault fault = subject_run(subject, &sent);
    EXPECT_WORD("address", address, fault.label, seL4_Fault_VMFault);
    EXPECT_WORD("address", address, fault.length, seL4_VMFault_Length);
    EXPECT_WORD("address", address, fault.words[seL4_VMFault_IP], ip);
    EXPECT_WORD("address", address, fault.words[seL4_VMFault_Addr], address);
    EXPECT_WORD("address", address, fault.words[seL4_VMFault_FSR], status);
    EXPECT_WORD("address", address, fault.words[seL4_VMFault_PrefetchFault], prefetch);
}

static void check_read(Subject* subject, seL4_Word address, seL4_Word status) {
    check(subject, read_memory, address, (seL4_Word)read_memory_at, status, 0);
}

static void check_write(Subject* subject, seL4_Word address, seL4_Word status) {
    check(subject, write_memory, address, (seL4_Word)write_memory_at, status, 0);
}

/// What bit 4 of the error code is for a fetch. The processor tells fetches from reads only where execute-disable or
/// SMEP is on; the seL4 kernel turns on SMEP where there is one, and never execute-disable.
static seL4_Word fetch_bit(void) {
    unsigned eax = 7, ebx, ecx = 0, edx;
    __asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    return (ebx >> 7 & 1) << 4;
}

static void check_fetch(Subject* subject, seL4_Word address, seL4_Word status) {
    check(subject, jump_to, address, address, status | fetch_bit(), fetch_bit() != 0);
}

/// Addresses at which nothing is mapped for user programs, on any kernel.
static const seL4_Word nowhere[] = {
    0,
    8,
    0x3ff000,  // below the image
    0x123456789000,
    seL4_UserTop,  // the page that no user can have
    0x00007ffffffffff8,
    0xffff800000000000,  // the first address of the upper half
};

static void absent_pages(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        check_read(&subject, nowhere[i], user);
        check_write(&subject, nowhere[i], user | write);
    }
}

static void absent_code(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++) {
        check_fetch(&subject, nowhere[i], user);
    }
}

/// Whether the kernel's own pages show as present is the kernel's business (with page-table isolation they do not), but
/// they fault.
static void kernel_addresses(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    const seL4_Word addresses[] = {0xffffff8000000000, 0xffffff8000100000, 0xffffffff80000000, 0xffffffff80100000,
                                   0xffffffff81000000, 0xfffffffffffff000, 0xfffffffffffffff8, 0xffff888000000000};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        const char* const codes[] = {read_memory, write_memory, jump_to};
        for (size_t c = 0; c < 3; c++) {
            seL4_UserContext sent = subject_registers(&subject, codes[c]);
            sent.rdi = addresses[i];
            RtFault fault = subject_run(&subject, &sent);
            EXPECT_WORD("address", addresses[i], fault.label, seL4_Fault_VMFault);
            EXPECT_WORD("address", addresses[i], fault.words[seL4_VMFault_Addr], addresses[i]);
            EXPECT_WORD("address", addresses[i], fault.words[seL4_VMFault_FSR] & user, user);
        }
    }
}

static void read_only_pages(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_CPtr frame;
    void* page;
    RT_REQUIRE(rt_pool_retype(pool, seL4_X86_4K, 0, &frame));
    RT_REQUIRE(rt_pool_map(pool, frame, seL4_CanRead, &page));
    check_write(&subject, (seL4_Word)page, user | write | present);
    check_write(&subject, (seL4_Word)page + 4088, user | write | present);
}

static void inaccessible_pages(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_CPtr frame;
    void* page;
    RT_REQUIRE(rt_pool_retype(pool, seL4_X86_4K, 0, &frame));
    RT_REQUIRE(rt_pool_map(pool, frame, seL4_NoRights, &page));
    check_read(&subject, (seL4_Word)page, user | present);
    check_write(&subject, (seL4_Word)page, user | write | present);
    check_fetch(&subject, (seL4_Word)page, user | present);
}

/// Every page that can be read can be executed: the interface has no right or attribute that says otherwise.
static void readable_pages_are_executable(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_CPtr frame;
    void* page;
    RT_REQUIRE(rt_pool_retype(pool, seL4_X86_4K, 0, &frame));
    RT_REQUIRE(rt_pool_map(pool, frame, seL4_ReadWrite, &page));
    *(volatile unsigned short*)page = 0x0b0f;  // UD2
    RT_REQUIRE(seL4_X86_Page_Map(frame, seL4_CapInitThreadVSpace, (seL4_Word)page, seL4_CanRead,
                                 seL4_X86_Default_VMAttributes));
    seL4_UserContext sent = subject_registers(&subject, jump_to);
    sent.rdi = (seL4_Word)page;
    RtFault fault = subject_run(&subject, &sent);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UserException);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_FaultIP], page);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_Number], 6);
}

/// An access over the border of a page that is there into one that is not.
static void straddling_access(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    void* page;
    RT_REQUIRE(rt_pool_map_pages(pool, 1, &page, NULL));  // the page behind it stays unmapped
    seL4_UserContext sent = subject_registers(&subject, read_memory);
    sent.rdi = (seL4_Word)page + 4092;
    RtFault fault = subject_run(&subject, &sent);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_VMFault);
    RT_EXPECT_EQUAL(fault.words[seL4_VMFault_Addr], (seL4_Word)page + 4096);
}

/// The page just below the image, into which the stack of the first thread would overflow.
static void below_the_stack(RtPool* pool) {
    extern const char rt_stack_bottom[];
    Subject subject;
    subject_make(&subject, pool);
    check_write(&subject, (seL4_Word)rt_stack_bottom - 8, user | write);
}

static const RtTest tests[] = {
    {"pages that are not there: reading and writing", absent_pages},
    {"pages that are not there: executing", absent_code},
    {"the kernel's addresses", kernel_addresses},
    {"pages mapped for reading", read_only_pages},
    {"pages mapped without any right", inaccessible_pages},
    {"pages that can be read can be executed", readable_pages_are_executable},
    {"an access over the border of a page", straddling_access},
    {"the page below the first thread's stack", below_the_stack},
};

const RtTestGroup vm_fault_tests = TEST_GROUP(tests);
