// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/debug/breakpoint.hpp"

#include <bit>

#include "kernel/vspace/target.hpp"

namespace kernel {

namespace {

using frame::Breakpoint;
using frame::BreakpointKind;

/// The number of a breakpoint, of which the message word's low 16 bits count. Single stepping takes any, and ignores it.
std::uint32_t number_argument(const Invocation& invocation) {
    using Args = abi::args::tcb_set_breakpoint;
    static_assert(Args::bp_num == abi::args::tcb_get_breakpoint::bp_num &&
                  Args::bp_num == abi::args::tcb_unset_breakpoint::bp_num &&
                  Args::bp_num == abi::args::tcb_configure_single_stepping::bp_num);
    return static_cast<std::uint32_t>(invocation.argument(Args::bp_num) & ((1U << Args::bp_num_bits) - 1));
}

Result<std::uint32_t> breakpoint_argument(const Invocation& invocation) {
    const std::uint32_t number = number_argument(invocation);
    if (number >= frame::DebugState::count) {
        return error::range(0, frame::DebugState::count - 1);
    }
    return number;
}

/// What kind of breakpoint type and access ask for together. There is none for reading alone: that one stops at writes too.
BreakpointKind kind_of(std::uint64_t type, std::uint64_t access) {
    if (type == abi::breakpoint::instruction_breakpoint) {
        return BreakpointKind::execute;
    }
    return access == abi::breakpoint::break_on_write ? BreakpointKind::write : BreakpointKind::access;
}

/// The breakpoint that the message describes. Which argument is blamed for what, and in which order, is as on seL4.
Result<Breakpoint> breakpoint_in(const Invocation& invocation) {
    using Args = abi::args::tcb_set_breakpoint;
    const frame::UserAddress address{invocation.argument(Args::vaddr)};
    const std::uint64_t type = invocation.argument(Args::type);
    const std::uint64_t size = invocation.argument(Args::size);
    const std::uint64_t access = invocation.argument(Args::rw);
    if (address >= user_top) {
        return error::invalid_argument(Args::vaddr);
    }
    if (type == abi::breakpoint::instruction_breakpoint) {
        if (size != 0) {
            return error::invalid_argument(Args::size);
        }
        if (access != abi::breakpoint::break_on_read) {
            return error::invalid_argument(Args::rw);
        }
    } else if (type == abi::breakpoint::data_breakpoint) {
        if (size == 0) {
            return error::invalid_argument(Args::size);
        }
    } else {
        return error::invalid_argument(Args::type);
    }
    if (access > abi::breakpoint::break_on_read_write) {
        return error::invalid_argument(Args::size);
    }
    if (size > 8 || (size != 0 && !std::has_single_bit(size))) {
        return error::invalid_argument(Args::size);
    }
    if (size != 0 && address.value() % size != 0) {
        return error::alignment();
    }
    return Breakpoint{.address = address,
                      .kind = kind_of(type, access),
                      .bytes = size == 0 ? std::uint8_t{1} : static_cast<std::uint8_t>(size),
                      .is_enabled = true};
}

Outcome set_breakpoint(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    const Result<Breakpoint> wanted = breakpoint_in(invocation);
    if (!wanted) {
        return std::unexpected{wanted.error()};
    }
    const Result<std::uint32_t> number = breakpoint_argument(invocation);
    if (!number) {
        return std::unexpected{number.error()};
    }
    if (wanted->bytes == 8 && !frame::can_watch_eight_bytes()) {
        return error::invalid_argument(abi::args::tcb_set_breakpoint::size);
    }
    invocation.commit(phase);
    tcb->block.debug.set(*number, *wanted);
    tcb->block.debug.hold(*number);
    return Done{};
}

Outcome get_breakpoint(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    using Results = abi::args::tcb_get_breakpoint::results;
    const Result<std::uint32_t> number = breakpoint_argument(invocation);
    if (!number) {
        return std::unexpected{number.error()};
    }
    const Breakpoint found = tcb->block.debug.get(*number);
    invocation.commit(phase);
    const bool is_instruction = found.kind == BreakpointKind::execute;
    const std::uint64_t data_access =
        found.kind == BreakpointKind::write ? abi::breakpoint::break_on_write : abi::breakpoint::break_on_read_write;
    invocation.set_result(phase, Results::vaddr, found.address.value());
    invocation.set_result(phase, Results::type,
                          is_instruction ? abi::breakpoint::instruction_breakpoint : abi::breakpoint::data_breakpoint);
    invocation.set_result(phase, Results::size, is_instruction ? 0 : found.bytes);
    invocation.set_result(phase, Results::rw, is_instruction ? abi::breakpoint::break_on_read : data_access);
    invocation.set_result(phase, Results::is_enabled, found.is_enabled ? 1 : 0);
    return Done{.results = abi::args::tcb_get_breakpoint::result_length};
}

Outcome unset_breakpoint(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    const Result<std::uint32_t> number = breakpoint_argument(invocation);
    if (!number) {
        return std::unexpected{number.error()};
    }
    invocation.commit(phase);
    tcb->block.debug.clear(*number);
    tcb->block.debug.release(*number);
    return Done{};
}

/// Single stepping needs no breakpoint, but as on seL4 it counts as a user of the one that it names: switching it off
/// releases that one.
Outcome configure_single_stepping(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    using Args = abi::args::tcb_configure_single_stepping;
    const std::uint32_t number = number_argument(invocation);
    const std::uint64_t instructions = invocation.argument(Args::num_instructions);
    invocation.commit(phase);
    step(*tcb, instructions);
    if (instructions == 0) {
        tcb->block.debug.release(number);
    } else {
        tcb->block.debug.hold(number);
    }
    invocation.set_result(phase, Args::results::bp_was_consumed, 0);
    return Done{.results = Args::result_length};
}

}  // namespace

Outcome invoke_debugging(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    using enum abi::InvocationLabel;
    const std::optional<abi::InvocationLabel> label = invocation.label();
    if (label == TCBSetBreakpoint) {
        return set_breakpoint(phase, invocation, tcb);
    }
    if (label == TCBGetBreakpoint) {
        return get_breakpoint(phase, invocation, tcb);
    }
    if (label == TCBUnsetBreakpoint) {
        return unset_breakpoint(phase, invocation, tcb);
    }
    if (label == TCBConfigureSingleStepping) {
        return configure_single_stepping(phase, invocation, tcb);
    }
    return error::illegal_operation();
}

void step(Tcb& tcb, std::uint64_t instructions) {
    tcb.block.debug.step(instructions);
    if (instructions == 0) {
        tcb.context().stop_stepping();
    }
}

std::optional<Fault> debug_fault(Tcb& tcb, const frame::DebugEvent& event) {
    if (event.is_software_break) {
        return Fault::debug_exception(abi::breakpoint::software_break_request);
    }
    frame::DebugState& debug = tcb.block.debug;
    if (event.breakpoints != 0) {
        const auto number = static_cast<std::uint64_t>(std::countr_zero(event.breakpoints));
        const Breakpoint hit = debug.get(number);
        return Fault::debug_exception(hit.kind == BreakpointKind::execute ? abi::breakpoint::instruction_breakpoint
                                                                          : abi::breakpoint::data_breakpoint,
                                      hit.address.value(), number);
    }
    if (!event.is_single_step) {
        return std::nullopt;
    }
    // As on seL4 a step that ends at a breakpoint counts as a step, and does not stop there once more.
    tcb.context().pass_breakpoint();
    if (!debug.finish_step()) {
        return std::nullopt;
    }
    return Fault::debug_exception(abi::breakpoint::single_step);
}

}  // namespace kernel
