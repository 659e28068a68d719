/* SPDX-License-Identifier: BSD-2-Clause */
/// Unknown system calls: each is a fault with all registers in its message (seL4 manual, "Unknown Syscall").
#include "subject.h"

SUBJECT_CODE(call_kernel);
SUBJECT_CODE(call_twice);
SUBJECT_CODE(call_with_flags);
SUBJECT_CODE(sysenter);

/// True if the configuration has a system call of this number.
static bool is_known(long number) {
    switch (number) {
    case seL4_SysCall:
    case seL4_SysReplyRecv:
    case seL4_SysSend:
    case seL4_SysNBSend:
    case seL4_SysRecv:
    case seL4_SysReply:
    case seL4_SysYield:
    case seL4_SysNBRecv:
#ifdef CONFIG_PRINTING
    case seL4_SysDebugPutChar:
    case seL4_SysDebugDumpScheduler:
#endif
#ifdef CONFIG_DEBUG_BUILD
    case seL4_SysDebugHalt:
    case seL4_SysDebugCapIdentify:
    case seL4_SysDebugSnapshot:
    case seL4_SysDebugNameThread:
#endif
#ifdef CONFIG_SET_TLS_BASE_SELF
    case seL4_SysSetTLSBase:
#endif
        return true;
    default:
        return false;
    }
}

/// Calls the kernel with `number` and checks the whole message.
static void check_number(Subject* subject, seL4_Word number) {
    seL4_UserContext sent = subject_registers(subject, call_kernel);
    sent.rdx = number;
    RtFault fault = subject_run(subject, &sent);
    const seL4_Word* words = fault.words;
    EXPECT_WORD("number", number, fault.label, seL4_Fault_UnknownSyscall);
    EXPECT_WORD("number", number, fault.length, seL4_UnknownSyscall_Length);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_Syscall], number);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_FaultIP], call_kernel_at);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_SP], sent.rsp);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_FLAGS], sent.rflags);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_RAX], sent.rax);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_RBX], sent.rbx);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_RDX], number);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_RSI], sent.rsi);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_RDI], sent.rdi);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_RBP], sent.rbp);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_R8], sent.r8);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_R9], sent.r9);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_R10], sent.r10);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_R12], sent.r12);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_R13], sent.r13);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_R14], sent.r14);
    EXPECT_WORD("number", number, words[seL4_UnknownSyscall_R15], sent.r15);
}

static void small_numbers(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    for (long number = -256; number <= 256; number++) {
        if (!is_known(number)) {
            check_number(&subject, (seL4_Word)number);
        }
    }
}

/// Numbers that some narrower type would take for known ones.
static void wide_numbers(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    const seL4_Word numbers[] = {
        0x7fffffff,         0x80000000,
        0xffffffff,         0xfffffffe,
        0x100000000,        0x7fffffffffffffff,
        0x8000000000000000, 0xffffffff00000000,
        0xffffffff7fffffff, 0xffff,
        0x1ffffffff,        0xfffffffd,
        0x7fffffffffffff9,  0xff,
        0xffffffff80000000,
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        check_number(&subject, numbers[i]);
    }
}

/// SYSCALL destroys RCX and R11; the message has what the thread's registers were set to before, or what the last
/// entry by another way saved. (SYSCALL's own values, return address and flags, are FaultIP and FLAGS.)
static void destroyed_registers(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_UserContext sent = subject_registers(&subject, call_kernel);
    sent.rdx = 0;
    RtFault fault = subject_run(&subject, &sent);
    RT_EXPECT_EQUAL(fault.words[seL4_UnknownSyscall_RCX], sent.rcx);
    RT_EXPECT_EQUAL(fault.words[seL4_UnknownSyscall_R11], sent.r11);
}

static void every_number_of_messages(RtPool* pool) {
    // The same thread over and over: nothing of the fault is left behind.
    Subject subject;
    subject_make(&subject, pool);
    for (int i = 0; i < 100; i++) {
        check_number(&subject, (seL4_Word)i);
    }
}

/// Where SYSENTER is not the kernel's entry it is an invalid instruction, or has no segment to go to.
static void sysenter_is_no_way_in(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RtFault fault = subject_run_code(&subject, sysenter);
    RT_EXPECT_EQUAL(fault.label, seL4_Fault_UserException);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_FaultIP], sysenter_at);
    // Intel's processors find no segment to go to; AMD's do not know the instruction in 64-bit mode.
    seL4_Word number = fault.words[seL4_UserException_Number];
    RT_EXPECT(number == 13 || number == 6);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_Code], 0);
}

static const RtTest tests[] = {
    {"every unknown number from -256 to 256 is a fault", small_numbers},
    {"numbers are 64 bits wide", wide_numbers},
    {"RCX and R11 in the message of an unknown system call", destroyed_registers},
    {"a hundred faults of one thread", every_number_of_messages},
    {"SYSENTER is no way into the kernel", sysenter_is_no_way_in},
};

const RtTestGroup syscall_tests = TEST_GROUP(tests);
