/* SPDX-License-Identifier: BSD-2-Clause */
/// What a fault handler can do by its reply (seL4 manual, "Exceptions").
#include "subject.h"

SUBJECT_CODE(call_kernel);
SUBJECT_CODE(call_twice);
SUBJECT_CODE(invalid_opcode);
SUBJECT_CODE(read_memory);

/// A return by SYSRET destroys RCX and R11, and the seL4 kernel clears RSP before it. What the next message says of
/// them depends on whether a timer interrupt came in between, which saves what is in them.
static bool is_comparable(seL4_Word index) {
    return index != seL4_UnknownSyscall_RCX && index != seL4_UnknownSyscall_R11 && index != seL4_UnknownSyscall_SP;
}

/// A reply to an unknown system call sets all registers.
static void all_registers(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_UserContext sent = subject_registers(&subject, call_kernel);
    sent.rdx = 0;
    subject_run(&subject, &sent);
    seL4_Word words[seL4_UnknownSyscall_Length];
    for (seL4_Word i = 0; i < seL4_UnknownSyscall_Length; i++) {
        words[i] = 0x4000 + i;
    }
    words[seL4_UnknownSyscall_FaultIP] = (seL4_Word)call_kernel;
    words[seL4_UnknownSyscall_FLAGS] = 0x246;
    RtFault fault = subject_reply(&subject, 0, seL4_UnknownSyscall_Length - 1, words);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UnknownSyscall);
    for (seL4_Word i = 0; i < seL4_UnknownSyscall_Syscall; i++) {
        if (is_comparable(i)) {
            EXPECT_WORD("word", i, fault.words[i], words[i]);
        }
    }
    RT_EXPECT_EQUAL(fault.words[seL4_UnknownSyscall_Syscall], words[seL4_UnknownSyscall_RDX]);
}

/// A shorter reply sets the first of them. With none at all the thread tries the system call again.
static void some_registers(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    for (seL4_Word length = 0; length <= seL4_UnknownSyscall_R15; length++) {
        seL4_UserContext sent = subject_registers(&subject, call_kernel);
        sent.rdx = 0;
        RtFault before = subject_run(&subject, &sent);
        seL4_Word words[seL4_UnknownSyscall_Length];
        for (seL4_Word i = 0; i < seL4_UnknownSyscall_Length; i++) {
            words[i] = 0x4000 + i;
        }
        words[seL4_UnknownSyscall_RDX] = 0x77;
        RtFault fault = subject_reply(&subject, 0, length, words);
        EXPECT_WORD("length", length, fault.label, seL4_Fault_UnknownSyscall);
        EXPECT_WORD("length", length, fault.words[seL4_UnknownSyscall_FaultIP], call_kernel_at);
        for (seL4_Word i = 0; i < seL4_UnknownSyscall_Syscall; i++) {
            if (is_comparable(i)) {
                EXPECT_WORD("word", i, fault.words[i], i < length ? words[i] : before.words[i]);
            }
        }
    }
}

/// The registers of a reply are sanitised like those of WriteRegisters.
static void sanitised(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    for (int bit = 0; bit <= 64; bit++) {
        seL4_UserContext sent = subject_registers(&subject, call_kernel);
        sent.rdx = 0;
        RtFault fault = subject_run(&subject, &sent);
        seL4_Word words[seL4_UnknownSyscall_Length];
        for (seL4_Word i = 0; i < seL4_UnknownSyscall_Length; i++) {
            words[i] = fault.words[i];
        }
        words[seL4_UnknownSyscall_FLAGS] = bit == 64 ? ~0ul : 1ul << bit;
        fault = subject_reply(&subject, 0, seL4_UnknownSyscall_Syscall, words);
        EXPECT_WORD("flag", bit, fault.label, seL4_Fault_UnknownSyscall);
        EXPECT_WORD("flag", bit, fault.words[seL4_UnknownSyscall_FLAGS],
                    sanitised_flags(words[seL4_UnknownSyscall_FLAGS]));
        // An instruction pointer that is not canonical, on the way out by SYSRET.
        words[seL4_UnknownSyscall_FaultIP] = 0x0000800000000000;
        fault = subject_reply(&subject, 0, seL4_UnknownSyscall_Syscall, words);
        EXPECT_WORD("flag", bit, fault.label, seL4_Fault_VMFault);
        EXPECT_WORD("flag", bit, fault.words[seL4_VMFault_Addr], 0);
    }
}

/// A label other than zero leaves the thread where it is.
static void refused(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    subject_run_code(&subject, invalid_opcode);
    RT_EXPECT_EQUAL(subject_reply(&subject, 1, 0, NULL).label, 0);
    // It is suspended, not lost.
    RT_REQUIRE(seL4_TCB_Resume(subject.thread.tcb));
    seL4_Word badge;
    seL4_NBRecv(subject.faults, &badge);
    RT_EXPECT_EQUAL(badge, 1);
    seL4_UserContext sent = subject_registers(&subject, call_kernel);
    sent.rdx = 0;
    subject_run(&subject, &sent);
    RT_EXPECT_EQUAL(subject_reply(&subject, 7, 0, NULL).label, 0);
}

/// A reply to an exception sets RIP, RSP and RFLAGS.
static void after_an_exception(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    subject_run_code(&subject, invalid_opcode);
    const seL4_Word words[] = {(seL4_Word)call_kernel, 0x5550, ~0ul, 0x1111, 0x2222};
    RtFault fault = subject_reply(&subject, 0, 5, words);  // the last two have no meaning
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UnknownSyscall);
    RT_EXPECT_EQUAL(fault.words[seL4_UnknownSyscall_FaultIP], call_kernel_at);
    RT_EXPECT_EQUAL(fault.words[seL4_UnknownSyscall_SP], 0x5550);  // by IRET
    RT_EXPECT_EQUAL(fault.words[seL4_UnknownSyscall_FLAGS], sanitised_flags(~0ul));
    // Without words it tries again.
    subject_run_code(&subject, invalid_opcode);
    fault = subject_reply(&subject, 0, 0, NULL);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UserException);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_FaultIP], invalid_opcode_at);
}

/// After a VM fault or a capability fault the thread tries again, whatever the reply says.
static void tries_again(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    const seL4_Word words[] = {0x1000, 0x2000, 0x3000};
    seL4_UserContext sent = subject_registers(&subject, read_memory);
    sent.rdi = 0x8;
    subject_run(&subject, &sent);
    RtFault fault = subject_reply(&subject, 99, 3, words);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_VMFault);
    RT_EXPECT_EQUAL(fault.words[seL4_VMFault_IP], read_memory_at);

    sent = subject_registers(&subject, call_kernel);
    sent.rdx = (seL4_Word)seL4_SysSend;
    sent.rdi = ~0ul;
    sent.rsi = 0;
    subject_run(&subject, &sent);
    fault = subject_reply(&subject, 99, 3, words);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_CapFault);
    RT_EXPECT_EQUAL(fault.words[seL4_CapFault_IP], call_kernel_at);
}

static const RtTest tests[] = {
    {"a reply sets all registers", all_registers},    {"a short reply sets some registers", some_registers},
    {"a reply's registers are sanitised", sanitised}, {"a reply with a label suspends", refused},
    {"a reply to an exception", after_an_exception},  {"a reply to a VM fault or capability fault", tries_again},
};

const RtTestGroup reply_tests = TEST_GROUP(tests);
