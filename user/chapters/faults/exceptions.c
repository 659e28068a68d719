/* SPDX-License-Identifier: BSD-2-Clause */
/// Exceptions of the processor: vector number and error code arrive in a message (seL4 manual, "User Exception").
#include "subject.h"

#define CODES(X)                    \
    X(divide_by_zero, 0, 0)         \
    X(divide_overflow, 0, 0)        \
    X(single_step, 1, 0)            \
    X(breakpoint, 3, 0)             \
    X(invalid_opcode, 6, 0)         \
    X(halt, 13, 0)                  \
    X(disable_interrupts, 13, 0)    \
    X(enable_interrupts, 13, 0)     \
    X(port_in, 13, 0)               \
    X(port_out, 13, 0)              \
    X(port_string, 13, 0)           \
    X(write_cr0, 13, 0)             \
    X(read_cr3, 13, 0)              \
    X(write_dr7, 13, 0)             \
    X(read_msr, 13, 0)              \
    X(write_msr, 13, 0)             \
    X(load_gdt, 13, 0)              \
    X(load_idt, 13, 0)              \
    X(load_task, 13, 0)             \
    X(invalidate_page, 13, 0)       \
    X(swap_gs, 13, 0)               \
    X(sys_return, 13, 0)            \
    X(vm_call, 6, 0)                \
    X(bad_data_segment, 13, 0xfff8) \
    X(non_canonical_read, 13, 0)    \
    X(x87_divide_by_zero, 16, 0)

#define DECLARE(name, number, code) SUBJECT_CODE(name);
CODES(DECLARE)
SUBJECT_CODE(read_time_stamp);
SUBJECT_CODE(kernel_code_segment);
SUBJECT_CODE(interrupt_return_to_kernel);

static void check_exception(Subject* subject, const char* name, const char* code, const char* at, seL4_Word number,
                            seL4_Word error) {
    seL4_UserContext sent = subject_registers(subject, code);
    RtFault fault = subject_run(subject, &sent);
    const seL4_Word* words = fault.words;
    EXPECT_WORD(name, number, fault.label, seL4_Fault_UserException);
    EXPECT_WORD(name, number, fault.length, seL4_UserException_Length);
    EXPECT_WORD(name, number, words[seL4_UserException_Number], number);
    EXPECT_WORD(name, number, words[seL4_UserException_Code], error);
    EXPECT_WORD(name, number, words[seL4_UserException_FaultIP], at);
}

#define TEST(name, number, code)                                         \
    static void test_##name(RtPool* pool) {                              \
        Subject subject;                                                 \
        subject_make(&subject, pool);                                    \
        check_exception(&subject, #name, name, name##_at, number, code); \
    }
CODES(TEST)

/// Returning to a selector of the kernel's, by a far return and by a return from interrupt.
static void kernel_selectors(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    const char* const codes[][2] = {{kernel_code_segment, kernel_code_segment_at},
                                    {interrupt_return_to_kernel, interrupt_return_to_kernel_at}};
    for (int i = 0; i < 2; i++) {
        RtFault fault = subject_run_code(&subject, codes[i][0]);
        if (fault.label == seL4_Fault_VMFault && fault.words[seL4_VMFault_FSR] == 1) {
            rt_skip("this emulator reads the program's stack as the kernel, which SMAP refuses");
            return;
        }
        check_exception(&subject, "selector 8", codes[i][0], codes[i][1], 13, 8);
    }
}

/// RSP and RFLAGS in the message are the thread's.
static void stack_and_flags(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    seL4_UserContext sent = subject_registers(&subject, invalid_opcode);
    sent.rsp = 0x1234;
    sent.rflags = 0xad7;  // all arithmetic flags but one
    RtFault fault = subject_run(&subject, &sent);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_SP], 0x1234);
    // The processor sets RF in the image of RFLAGS that a fault saves.
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_FLAGS] & ~0x10000ul, 0xad7);
}

/// The trap flag that a program set shows in the message.
static void trap_flag(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RtFault fault = subject_run_code(&subject, single_step);
    RT_EXPECT_EQUAL(fault.words[seL4_UserException_FLAGS] & 0x100, 0x100);
}

/// INT n is refused for the vectors of exceptions and interrupts, passes for INT 3, and is an unknown system call for
/// the others, but for the spurious one, which does nothing. The vector is in the number's top byte.
static void every_interrupt_instruction(RtPool* pool) {
    enum { first_trap = 158, spurious = 255 };
    Subject subject;
    subject_make(&subject, pool);
    void* page;
    RT_REQUIRE(rt_pool_map_pages(pool, 1, &page, NULL));
    for (seL4_Word vector = 0; vector < 256; vector++) {
        unsigned char* code = (unsigned char*)page + vector * 4;
        code[0] = 0xcd;  // INT
        code[1] = (unsigned char)vector;
        code[2] = 0x0f;  // UD2
        code[3] = 0x0b;
        seL4_UserContext sent = subject_registers(&subject, (const char*)code);
        sent.rax = 0x1122334455667788;
        RtFault fault = subject_run(&subject, &sent);
        if (vector >= first_trap && vector != spurious) {
            EXPECT_WORD("INT", vector, fault.label, seL4_Fault_UnknownSyscall);
            EXPECT_WORD("INT", vector, fault.length, seL4_UnknownSyscall_Length);
            seL4_Word number = (seL4_Word)(long)(int)(unsigned)(vector << 24 | 0x667788);
            EXPECT_WORD("INT", vector, fault.words[seL4_UnknownSyscall_Syscall], number);
            EXPECT_WORD("INT", vector, fault.words[seL4_UnknownSyscall_FaultIP], code);
            EXPECT_WORD("INT", vector, fault.words[seL4_UnknownSyscall_RAX], sent.rax);
            EXPECT_WORD("INT", vector, fault.words[seL4_UnknownSyscall_RCX], sent.rcx);
            EXPECT_WORD("INT", vector, fault.words[seL4_UnknownSyscall_R11], sent.r11);
        } else {
            EXPECT_WORD("INT", vector, fault.label, seL4_Fault_UserException);
            bool passes = vector == 3 || vector == spurious;
            EXPECT_WORD("INT", vector, fault.words[seL4_UserException_FaultIP], passes ? code + 2 : code);
            EXPECT_WORD("INT", vector, fault.words[seL4_UserException_Number],
                        vector == 3          ? 3
                        : vector == spurious ? 6
                                             : 13);
            // The error code is the vector's place in the interrupt descriptor table: 8 * vector + 2 by the manual,
            // 16 * vector + 2 in QEMU's emulation.
            seL4_Word error = fault.words[seL4_UserException_Code];
            EXPECT_WORD("INT", vector, error, passes ? 0 : error == vector * 8 + 2 ? error : vector * 16 + 2);
        }
    }
}

static void time_stamp_counter(RtPool* pool) {
    Subject subject;
    subject_make(&subject, pool);
    RtFault first = subject_run_code(&subject, read_time_stamp), second = subject_run_code(&subject, read_time_stamp);
    RT_EXPECT_EQUAL(first.label, seL4_Fault_UnknownSyscall);
    RT_EXPECT(second.words[seL4_UnknownSyscall_RBX] > first.words[seL4_UnknownSyscall_RBX]);
}

#define ENTRY(name, number, code) {"exception: " #name, test_##name},
static const RtTest tests[] = {{"returning to a selector of the kernel", kernel_selectors},
                               {"RSP and RFLAGS in the message of an exception", stack_and_flags},
                               {"the trap flag in the message of an exception", trap_flag},
                               {"INT n for every n", every_interrupt_instruction},
                               {"RDTSC is allowed", time_stamp_counter},
                               CODES(ENTRY)};

const RtTestGroup exception_tests = TEST_GROUP(tests);
