// SPDX-License-Identifier: GPL-2.0-only
#include "frame/host/processor.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <frame/cache.hpp>
#include <frame/detail/backend.hpp>
#include "frame/host/devices.hpp"
#include "frame/host/mmu.hpp"

namespace frame {

namespace host {

Processor& Processor::instance() {
    // SAFETY: made once and never deleted, so that no destructor runs while tests still use it.
    static Processor* const processor = new Processor;
    return *processor;
}

FpuRegisters& FpuRegisters::instance() {
    static constinit FpuRegisters registers;
    return registers;
}

namespace {

/// The state after FNINIT and with all exceptions masked (Intel SDM vol. 1, 8.1.5 and 10.2.3.1).
constexpr std::uint16_t initial_control_word = 0x037f;
constexpr std::uint32_t initial_mxcsr = 0x1f80;
constexpr std::size_t mxcsr_offset = 24;

}  // namespace
}  // namespace host

bool can_watch_eight_bytes() { return host::Processor::instance().can_watch_eight_bytes; }

void flush_caches() {}

namespace backend {

// What leaving the kernel would continue is for tests to look up (`Core::current`). The address space is loaded before the
// thread is switched to; a thread that changes its own keeps the old one loaded until the next switch, as on seL4.
void set_current(UserContext& context) {
    // SAFETY: a context is the first member of its thread's block; the slot is only read.
    auto& block = reinterpret_cast<ThreadBlock&>(context);
    const Phase phase = detail::PhaseFactory::make<Phase>();
    const Capability vspace = block.slot(phase, TcbSlot::vspace).capability();
    check(host::Mmu::instance().loaded_asid() == no_asid ||
              (vspace.is<Pml4Cap>() &&
               host::Mmu::instance().loaded_root().value() == detail::CapabilityFactory::address(vspace)),
          "a thread was switched to with another one's address space loaded");
}
void set_idle() {}
std::uint64_t time_stamp() { return host::Processor::instance().time; }

void write_fs_base(std::uint64_t base) { host::Processor::instance().fs_base = base; }
void write_gs_base(std::uint64_t base) { host::Processor::instance().gs_base = base; }
std::uint64_t read_fs_base() { return host::Processor::instance().fs_base; }
std::uint64_t read_gs_base() { return host::Processor::instance().gs_base; }

void save_fpu(FpuArea& area) {
    check(host::Processor::instance().is_fpu_enabled, "FPU state saved while the FPU is disabled");
    // SAFETY: both are plain bytes of one size.
    std::memcpy(static_cast<void*>(&area), host::FpuRegisters::instance().bytes.data(), sizeof(FpuArea));
}
void load_fpu(const FpuArea& area) {
    check(host::Processor::instance().is_fpu_enabled, "FPU state loaded while the FPU is disabled");
    // SAFETY: as in save_fpu.
    std::memcpy(host::FpuRegisters::instance().bytes.data(), static_cast<const void*>(&area), sizeof(FpuArea));
}
void enable_fpu() { host::Processor::instance().is_fpu_enabled = true; }
void disable_fpu() { host::Processor::instance().is_fpu_enabled = false; }
void initialise_fpu(FpuArea& area) {
    // SAFETY: an FPU area is plain bytes, larger than FXSAVE's legacy region.
    auto* const bytes = reinterpret_cast<unsigned char*>(&area);
    std::memcpy(bytes, &host::initial_control_word, sizeof(host::initial_control_word));
    std::memcpy(bytes + host::mxcsr_offset, &host::initial_mxcsr, sizeof(host::initial_mxcsr));
}

void write_breakpoints(const BreakpointRegisters& breakpoints) {
    host::Processor::instance().breakpoints = breakpoints;
}

void console_put(char character) {
    host::Processor& processor = host::Processor::instance();
    if (character == '\r' || processor.console == host::Processor::Console::dropped) {
        return;
    }
    if (processor.console == host::Processor::Console::kept) {
        processor.console_text += character;
    } else {
        std::fputc(character, stderr);
    }
}

void halt() {
    std::fputs("the kernel halted the machine\n", stderr);
    std::abort();
}

void stop_boot(std::string_view message) {
    std::fprintf(stderr, "kernel panic: %.*s\n", static_cast<int>(message.size()), message.data());
    std::abort();
}

bool is_interrupt_pending() {
    host::Processor& processor = host::Processor::instance();
    ++processor.interrupt_checks;
    if ((processor.preemptions & 1) != 0) {
        host::Devices::instance().waiting.push_back(processor.preempting_vector);
    }
    processor.preemptions >>= 1;
    return processor.is_interrupt_pending || !host::Devices::instance().waiting.empty();
}

}  // namespace backend

void panic(Message what, SourcePlace where) {
    std::fprintf(stderr, "kernel panic: %s (%s:%u)\n", what.text(), where.file(), static_cast<unsigned>(where.line()));
    std::abort();
}

}  // namespace frame
