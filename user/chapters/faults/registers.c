/* SPDX-License-Identifier: BSD-2-Clause */
/// Register values that a user program must not get, or that must not get at the kernel: addresses that are not
/// canonical, and the flags IOPL, TF, AC, NT, DF and friends.
#include "subject.h"

SUBJECT_CODE(call_kernel);
SUBJECT_CODE(call_twice);
SUBJECT_CODE(call_with_flags);
SUBJECT_CODE(succeed_with_flags);
SUBJECT_CODE(fault_with_flags);
SUBJECT_CODE(invalid_opcode);
SUBJECT_CODE(read_memory);
SUBJECT_CODE(read_fs);
SUBJECT_CODE(read_gs);
SUBJECT_CODE(push_word);

/// Addresses between the two halves.
static const seL4_Word non_canonical[] = {0x0000800000000000, 0x0000800000001000, 0x1234567812345678,
                                          0x8000000000000000, 0xffff7fffffffffff, 0xfffe800000000000};
enum { non_canonical_count = sizeof non_canonical / sizeof *non_canonical };

/// WriteRegisters replaces an instruction pointer that is not canonical by zero.
static void instruction_pointer(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    for (int i = 0; i < non_canonical_count; i++) {
        seL4_UserContext sent = subject_registers(&subject, NULL);
        sent.rip = non_canonical[i];
        RtFault fault = subject_run(&subject, &sent);
        EXPECT_WORD("rip", sent.rip, fault.label, seL4_Fault_VMFault);
        EXPECT_WORD("rip", sent.rip, fault.words[seL4_VMFault_IP], 0);
        EXPECT_WORD("rip", sent.rip, fault.words[seL4_VMFault_Addr], 0);
    }
}

/// Addresses of the upper half are canonical: the thread faults there.
static void instruction_pointer_in_the_kernel(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    const seL4_Word addresses[] = {0xffff800000000000, 0xffffff8000000000, 0xffffffffffffffff, 0x00007fffffffffff};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        seL4_UserContext sent = subject_registers(&subject, NULL);
        sent.rip = addresses[i];
        RtFault fault = subject_run(&subject, &sent);
        EXPECT_WORD("rip", sent.rip, fault.label, seL4_Fault_VMFault);
        EXPECT_WORD("rip", sent.rip, fault.words[seL4_VMFault_IP], addresses[i]);
        EXPECT_WORD("rip", sent.rip, fault.words[seL4_VMFault_Addr], addresses[i]);
    }
}

/// A stack pointer may be anything; using one that is not canonical is a stack fault (12), for which QEMU's emulation
/// raises general protection (13).
static void stack_pointer(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    for (int i = 0; i < non_canonical_count; i++) {
        seL4_UserContext sent = subject_registers(&subject, push_word);
        sent.rsp = non_canonical[i] + 8;
        RtFault fault = subject_run(&subject, &sent);
        EXPECT_WORD("rsp", sent.rsp, fault.label, seL4_Fault_UserException);
        EXPECT_WORD("rsp", sent.rsp,
                    fault.words[seL4_UserException_Number] == 13 ? 12 : fault.words[seL4_UserException_Number], 12);
        EXPECT_WORD("rsp", sent.rsp, fault.words[seL4_UserException_Code], 0);
        EXPECT_WORD("rsp", sent.rsp, fault.words[seL4_UserException_SP], sent.rsp);
        // Through the other entry and exit.
        sent.rip = (seL4_Word)call_kernel;
        sent.rdx = 0;
        fault = subject_run(&subject, &sent);
        EXPECT_WORD("rsp", sent.rsp, fault.label, seL4_Fault_UnknownSyscall);
        EXPECT_WORD("rsp", sent.rsp, fault.words[seL4_UnknownSyscall_SP], sent.rsp);
        fault = subject_reply(&subject, 0, 0, NULL);
        EXPECT_WORD("rsp", sent.rsp, fault.label, seL4_Fault_UnknownSyscall);
    }
    seL4_UserContext sent = subject_registers(&subject, push_word);
    sent.rsp = 0xffffff8000000008;  // in the kernel's half: an ordinary page fault
    RtFault fault = subject_run(&subject, &sent);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_VMFault);
    RT_EXPECT_EQUAL(fault.words[seL4_VMFault_Addr], 0xffffff8000000000);
}

/// Bases that are not canonical become zero; others are taken, those of the upper half included.
static void segment_bases(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    const char* const codes[] = {read_fs, read_gs};
    for (int segment = 0; segment < 2; segment++) {
        for (int i = 0; i < non_canonical_count + 2; i++) {
            const seL4_Word kept[] = {0xffff800000000000, 0x0000700000000000};
            bool canonical = i >= non_canonical_count;
            seL4_Word base = canonical ? kept[i - non_canonical_count] : non_canonical[i];
            seL4_UserContext sent = subject_registers(&subject, codes[segment]);
            *(segment == 0 ? &sent.fs_base : &sent.gs_base) = base;
            RtFault fault = subject_run(&subject, &sent);
            EXPECT_WORD(segment == 0 ? "fs_base" : "gs_base", base, fault.label, seL4_Fault_VMFault);
            EXPECT_WORD(segment == 0 ? "fs_base" : "gs_base", base, fault.words[seL4_VMFault_Addr],
                        (canonical ? base : 0) + 16);
        }
    }
}

#ifdef CONFIG_SET_TLS_BASE_SELF
static void set_tls_base(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    for (int i = 0; i < non_canonical_count; i++) {
        // The system call returns and leaves the base as it was.
        seL4_UserContext sent = subject_registers(&subject, call_twice);
        sent.rdx = (seL4_Word)seL4_SysSetTLSBase;
        sent.rdi = non_canonical[i];
        sent.fs_base = 0x0000700000000000;
        RtFault fault = subject_run(&subject, &sent);
        EXPECT_WORD("SetTLSBase", sent.rdi, fault.label, seL4_Fault_UserException);  // behind the two calls
        // Only RIP: the base stays the thread's.
        seL4_UserContext next = subject_registers(&subject, read_fs);
        RT_REQUIRE(seL4_TCB_WriteRegisters(subject.thread.tcb, 0, 0, 3, &next));
        fault = subject_reply(&subject, 0, 0, NULL);
        EXPECT_WORD("SetTLSBase", sent.rdi, fault.label, seL4_Fault_VMFault);
        EXPECT_WORD("SetTLSBase", sent.rdi, fault.words[seL4_VMFault_Addr], 0x0000700000000010);
    }
}
#endif

/// Each bit of RFLAGS alone, given by WriteRegisters and returned to by IRET.
static void written_flags(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    for (int bit = 0; bit <= 64; bit++) {
        seL4_UserContext sent = subject_registers(&subject, call_kernel);
        sent.rdx = 0;
        sent.rflags = bit == 64 ? ~0ul : 1ul << bit;
        RtFault fault = subject_run(&subject, &sent);
        EXPECT_WORD("rflags", sent.rflags, fault.label, seL4_Fault_UnknownSyscall);
        EXPECT_WORD("rflags", sent.rflags, fault.words[seL4_UnknownSyscall_FLAGS], sanitised_flags(sent.rflags));
    }
}

/// The flags that a program can set with POPF: arithmetic ones, DF, NT, AC, ID. (Not TF, which traps.)
static const seL4_Word poppable[] = {0x1, 0x4, 0x10, 0x40, 0x80, 0x400, 0x800, 0x4000, 0x40000, 0x200000, 0x244cd5};
enum { poppable_count = sizeof poppable / sizeof *poppable };

/// They reach the message of the fault as they are.
static void popped_flags_in_faults(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    for (int i = 0; i < poppable_count; i++) {
        seL4_UserContext sent = subject_registers(&subject, call_with_flags);
        sent.rdx = 0;
        sent.rdi = poppable[i];
        RtFault fault = subject_run(&subject, &sent);
        EXPECT_WORD("flags", poppable[i], fault.label, seL4_Fault_UnknownSyscall);
        EXPECT_WORD("flags", poppable[i], fault.words[seL4_UnknownSyscall_FLAGS], poppable[i] | 0x202);

        sent.rip = (seL4_Word)fault_with_flags;
        fault = subject_run(&subject, &sent);
        EXPECT_WORD("flags", poppable[i], fault.label, seL4_Fault_UserException);
        EXPECT_WORD("flags", poppable[i], fault.words[seL4_UserException_FLAGS] & ~0x10000ul, poppable[i] | 0x202);
    }
}

/// And survive a system call that returns.
static void popped_flags_survive(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_Word seen;
    for (int i = 0; i < poppable_count; i++) {
        seen = 0;
        seL4_UserContext sent = subject_registers(&subject, succeed_with_flags);
        sent.rdx = (seL4_Word)seL4_SysYield;
        sent.rdi = poppable[i];
        sent.rbp = (seL4_Word)&seen;
        RtFault fault = subject_run(&subject, &sent);
        EXPECT_WORD("flags", poppable[i], fault.label, seL4_Fault_UserException);
        EXPECT_WORD("flags", poppable[i], fault.words[seL4_UserException_FaultIP], succeed_with_flags_at);
        EXPECT_WORD("flags", poppable[i], seen, poppable[i] | 0x202);
    }
}

/// Privileged flags cannot be popped: IOPL and IF stay, VM and VIF and VIP too.
static void unpoppable_flags(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    const seL4_Word flags[] = {0, 0x1000, 0x2000, 0x3000, 0x20000, 0x80000, 0x100000, 0x8000, 0xffffffff00000000};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        seL4_UserContext sent = subject_registers(&subject, call_with_flags);
        sent.rdx = 0;
        sent.rdi = flags[i];
        RtFault fault = subject_run(&subject, &sent);
        EXPECT_WORD("flags", flags[i], fault.label, seL4_Fault_UnknownSyscall);
        EXPECT_WORD("flags", flags[i], fault.words[seL4_UnknownSyscall_FLAGS], 0x202);
    }
}

static const RtTest tests[] = {
    {"an instruction pointer that is not canonical becomes zero", instruction_pointer},
    {"an instruction pointer in the kernel's half", instruction_pointer_in_the_kernel},
    {"a stack pointer that is not canonical", stack_pointer},
    {"FS and GS bases that are not canonical become zero", segment_bases},
#ifdef CONFIG_SET_TLS_BASE_SELF
    {"SetTLSBase ignores addresses that are not canonical", set_tls_base},
#endif
    {"WriteRegisters sanitises RFLAGS", written_flags},
    {"POPF: flags in the messages of faults", popped_flags_in_faults},
    {"POPF: flags survive a system call", popped_flags_survive},
    {"POPF cannot set privileged flags", unpoppable_flags},
};

const RtTestGroup register_tests = TEST_GROUP(tests);
