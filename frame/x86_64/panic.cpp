// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/panic.hpp"

#include <array>

#include <frame/check.hpp>
#include <frame/detail/backend.hpp>
#include <frame/user_context.hpp>

#include <library_abort.hpp>

#include "frame/x86_64/console.hpp"
#include "frame/x86_64/descriptor_tables.hpp"
#include "frame/x86_64/layout.hpp"
#include "frame/x86_64/per_core.hpp"
#include "frame/x86_64/reports.hpp"
#include "frame/x86_64/symbols.hpp"

// SAFETY: defined in entry.S; only their addresses are used.
extern "C" {
extern const char frame_stacks_start[];
extern const char frame_machine_check_stack_top[];
}

namespace frame::x86_64 {
namespace {

constinit bool panicking = false;
constinit Port debug_exit = 0;

std::uint64_t address_of(const void* pointer) {
    // SAFETY: pointer to integer only.
    return reinterpret_cast<std::uint64_t>(pointer);
}

/// Announces the panic. A panic while reporting one stops at once: whatever it was, reporting does not work.
void begin_report() {
    // SAFETY: interrupts stay off from here on; nothing depends on them.
    asm volatile("cli");
    if (panicking) {
        print("\nkernel panic: while reporting a panic\n");
        stop_machine(StopStatus::panic);
    }
    panicking = true;
    if (console_port() == 0) {
        open_console(default_console_port);
    }
    print("\nkernel panic: ");
}

struct RegisterName {
    Register which;
    std::string_view name;
};

void print_registers(const UserContext& context) {
    static constexpr std::array names{RegisterName{Register::next_ip, "rip"}, RegisterName{Register::rsp, "rsp"},
                                      RegisterName{Register::rflags, "rfl"},  RegisterName{Register::rax, "rax"},
                                      RegisterName{Register::rbx, "rbx"},     RegisterName{Register::rcx, "rcx"},
                                      RegisterName{Register::rdx, "rdx"},     RegisterName{Register::rsi, "rsi"},
                                      RegisterName{Register::rdi, "rdi"},     RegisterName{Register::rbp, "rbp"},
                                      RegisterName{Register::r8, "r8 "},      RegisterName{Register::r9, "r9 "},
                                      RegisterName{Register::r10, "r10"},     RegisterName{Register::r11, "r11"},
                                      RegisterName{Register::r12, "r12"},     RegisterName{Register::r13, "r13"},
                                      RegisterName{Register::r14, "r14"},     RegisterName{Register::r15, "r15"},
                                      RegisterName{Register::cs, "cs "},      RegisterName{Register::ss, "ss "},
                                      RegisterName{Register::error, "err"}};
    constexpr std::size_t columns = 3;
    for (std::size_t index = 0; index < names.size(); ++index) {
        print("  ", names[index].name, " ", hex(context.get(names[index].which), 16),
              index % columns == columns - 1 ? "\n" : "");
    }
}

void print_control_registers() {
    print("  cr0 ", hex(read_cr0(), 16), "  cr2 ", hex(read_cr2(), 16), "\n");
    print("  cr3 ", hex(read_cr3(), 16), "  cr4 ", hex(read_cr4(), 16), "\n");
}

void print_location(std::uint64_t address) {
    const boot::Symbol symbol = find_symbol(address);
    print("    ", hex(address, 16));
    if (!symbol.name.empty()) {
        print("  ");
        print(symbol.name);
        print("+", hex(symbol.offset));
    }
    print("\n");
}

/// Follows the chain of frame pointers (System V ABI for x86-64, 3.2.2). The entry stubs start it with 0.
void print_backtrace(std::uint64_t instruction, std::uint64_t frame_pointer) {
    print("  backtrace:\n");
    print_location(instruction);
    const std::uint64_t lowest = address_of(frame_stacks_start);
    const std::uint64_t highest = address_of(frame_machine_check_stack_top) - 16;
    for (unsigned depth = 0; depth < 32; ++depth) {
        if (frame_pointer < lowest || frame_pointer > highest || frame_pointer % 8 != 0) {
            return;
        }
        // SAFETY: two aligned words within the kernel's stacks, which are mapped but for the guard pages. Only damage
        // could lead to one of those, and a fault here ends the report (begin_report).
        const auto* const words = reinterpret_cast<const std::uint64_t*>(frame_pointer);
        const std::uint64_t caller_frame = words[0];
        const std::uint64_t return_address = words[1];
        if (return_address == 0) {
            return;
        }
        print_location(return_address);
        if (caller_frame <= frame_pointer) {
            return;  // callers' frames lie higher: the end of the chain
        }
        frame_pointer = caller_frame;
    }
}

/// What the user program was doing when the kernel was entered.
void print_current_thread() {
    if (is_idle()) {
        print("  no current thread: the core was idle, or the kernel is starting\n");
        return;
    }
    const UserContext& context = current_context();
    if (context.is_syscall_entry()) {
        print("  current thread: system call ", static_cast<std::int64_t>(context.get(Register::rdx)),
              " on capability ", hex(context.get(Register::rdi)), " at ", hex(context.get(Register::fault_ip)), "\n");
    } else {
        print("  current thread: exception or interrupt at ", hex(context.get(Register::fault_ip)), "\n");
    }
}

/// Names of the Intel SDM, vol. 3A, table 6-1.
std::string_view exception_name(std::uint32_t number) {
    static constexpr std::array<std::string_view, 22> names{
        "divide error",
        "debug exception",
        "non-maskable interrupt",
        "breakpoint",
        "overflow",
        "bound range exceeded",
        "invalid opcode (the compiler's own checks end in one, too)",
        "device not available",
        "double fault",
        "coprocessor segment overrun",
        "invalid TSS",
        "segment not present",
        "stack-segment fault",
        "general protection",
        "page fault",
        "exception 15",
        "x87 floating-point error",
        "alignment check",
        "machine check",
        "SIMD floating-point exception",
        "virtualization exception",
        "control protection exception"};
    return number < names.size() ? names[number] : "reserved exception";
}

/// Error code of a page fault (Intel SDM vol. 3A, 4.7).
void print_page_fault(const UserContext& context) {
    constexpr std::uint64_t on_present_page = 1;
    constexpr std::uint64_t on_write = 2;
    constexpr std::uint64_t on_fetch = 16;
    const std::uint64_t error = context.get(Register::error);
    const bool fetch = (error & on_fetch) != 0;
    const std::string_view access = fetch                     ? "instruction fetch from "
                                    : (error & on_write) != 0 ? "write to "
                                                              : "read of ";
    print("  ", access, hex(read_cr2(), 16), (error & on_present_page) != 0 ? ", not allowed\n" : ", not mapped\n");
}

void print_report(const Report& report) {
    print(report.what);
    if (!report.file.empty()) {
        print("\n  at ", report.file, ":", report.line);
    }
    print("\n");
}

bool is_in_stack_area(std::uint64_t address) {
    return address >= address_of(frame_stacks_start) && address < address_of(frame_machine_check_stack_top);
}

[[noreturn]] void finish_report(std::uint64_t instruction, std::uint64_t frame_pointer) {
    print_control_registers();
    print_current_thread();
    print_backtrace(instruction, frame_pointer);
    stop_machine(StopStatus::panic);
}

}  // namespace

void set_debug_exit(Port port) { debug_exit = port; }

void stop_machine(StopStatus status) {
    if (debug_exit != 0) {
        out8(debug_exit, static_cast<std::uint8_t>(status));
    }
    halt_for_ever();
}

void stop_boot(std::string_view message) {
    begin_report();
    print(message);
    print("\n");
    stop_machine(StopStatus::panic);
}

// SAFETY: C linkage: called from entry.S, which passes the registers it stored on the stack of the exception.
extern "C" [[noreturn, gnu::used]] void frame_handle_kernel_exception(std::uint32_t number,
                                                                      const UserContext& registers) {
    begin_report();
    const bool in_user_code = (registers.get(Register::cs) & 3) != 0;
    const bool may_be_check = number == vector::invalid_opcode && !in_user_code;
    const Report report = may_be_check ? find_report(registers.get(Register::next_ip)) : Report{};
    if (!report.what.empty()) {
        print_report(report);
    } else {
        print(exception_name(number));
        print(in_user_code ? " while user code ran\n" : " in the kernel\n");
    }
    if (number == vector::page_fault) {
        print_page_fault(registers);
    }
    if (number == vector::double_fault && is_in_stack_area(read_cr2())) {
        print("  kernel stack overflow: cr2 points to the guard page below a stack\n");
    }
    print_registers(registers);
    if (in_user_code) {
        print_control_registers();
        stop_machine(StopStatus::panic);
    }
    finish_report(registers.get(Register::next_ip), registers.get(Register::rbp));
}

}  // namespace frame::x86_64

// SAFETY: level 0 of both intrinsics is valid wherever frame pointers are kept, and the saved one lies at its own.
#define FRAME_FINISH_REPORT_HERE()                                                       \
    frame::x86_64::finish_report(frame::x86_64::address_of(__builtin_return_address(0)), \
                                 *static_cast<const std::uint64_t*>(__builtin_frame_address(0)))

namespace frame {

[[gnu::noinline]] void library_abort(const char* message) noexcept {
    x86_64::begin_report();
    x86_64::print(std::string_view{message});
    x86_64::print("\n");
    FRAME_FINISH_REPORT_HERE();
}

}  // namespace frame
