// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/ipc/fault.hpp"

#include <span>
#include <utility>

#include "kernel/cap/lookup.hpp"
#include "kernel/debug/breakpoint.hpp"
#include "kernel/debug/paths.hpp"
#include "kernel/debug/unhandled_fault.hpp"
#include "kernel/ipc/endpoint.hpp"
#include "kernel/ipc/fastpath.hpp"
#include "kernel/object/registers.hpp"
#include "kernel/object/thread.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

namespace {

/// Puts words into a message one after the other.
class [[gsl::Pointer]] MessageWriter {
public:
    explicit MessageWriter(const Message& message [[clang::lifetimebound]]) : message_{message} {}
    void put(std::uint64_t word) {
        message_.set(count_, word);
        ++count_;
    }
    [[nodiscard]] std::uint64_t stored() const { return message_.capacity_for(count_); }

private:
    Message message_;
    std::uint64_t count_ = 0;
};

template <const auto& registers>
void put_registers(MessageWriter& writer, const Tcb& tcb) {
    [&]<std::size_t... index>(std::index_sequence<index...>) {
        (writer.put(read_register(tcb, registers[index])), ...);
    }(std::make_index_sequence<registers.size()>{});
}

void put_lookup_fault(MessageWriter& writer, const LookupFault& fault) {
    const LookupFault::Words description = fault.words();
    for (std::uint64_t index = 0; index < description.count; ++index) {
        writer.put(description.words[index]);
    }
}

/// Takes the handler's values for the first registers of a fault message.
void take_registers(const frame::Phase& phase, Tcb& tcb, frame::Ref<Tcb> handler,
                    std::span<const abi::Register> registers) {
    const std::uint64_t sent = abi::message_info::length(handler->context().get<call_register::info>());
    if (sent == 0) {
        return;
    }
    const Message reply = outgoing(phase, handler);
    const std::uint64_t length = reply.capacity_for(sent);
    std::uint64_t index = 0;
    for (const abi::Register reg : registers) {
        if (index >= length) {
            return;
        }
        write_register(tcb, reg, reply.get(index));
        ++index;
    }
}

/// The endpoint capability that a thread's faults go to, if its holder could answer them.
std::optional<frame::EndpointCap> fault_handler(const frame::Phase& phase [[clang::lifetimebound]],
                                                frame::Ref<Tcb> tcb) {
    const std::optional<frame::SlotRef> slot = find_slot(phase, tcb, tcb->fault_handler);
    if (!slot) {
        return std::nullopt;
    }
    const std::optional<frame::EndpointCap> endpoint = slot->capability().as<frame::EndpointCap>();
    if (!endpoint || !endpoint->can_send() || !(endpoint->can_grant() || endpoint->can_grant_reply())) {
        return std::nullopt;
    }
    return endpoint;
}

}  // namespace

void deliver_fault(const frame::Phase& phase, frame::Ref<Tcb> tcb, const Fault& fault, const LookupFault& lookup) {
    const std::optional<frame::EndpointCap> handler = fault_handler(phase, tcb);
    if (handler) {
        tcb->fault = fault;
        if (fault.type == abi::FaultType::CapFault) {
            tcb->lookup_fault = lookup;
        }
        if (deliver_fault_fast(phase, tcb, *handler)) {
            frame::mark<Taken::fault_fast>();
        } else {
            if constexpr (frame::has_marks) {
                explain_fault(phase, tcb, *handler);
            }
            send(phase, tcb, handler->endpoint(phase),
                 Sending{.badge = handler->badge(),
                         .blocking = true,
                         .call = true,
                         .grant = handler->can_grant(),
                         .grant_reply = true});
        }
        return;
    }
    frame::mark<Taken::fault_no_handler>();
    if constexpr (abi::config::printing) {
        print_unhandled_fault(phase, tcb, fault);
    }
    scheduler(phase).set_state(phase, tcb, ThreadState::inactive);
}

std::uint64_t write_fault_message(frame::Ref<Tcb> tcb, const Message& to) {
    MessageWriter writer{to};
    const Fault& fault = tcb->fault;
    switch (fault.type) {
    case abi::FaultType::CapFault:
        writer.put(tcb->context().get<frame::Register::fault_ip>());
        writer.put(fault.address);
        writer.put(fault.code);
        put_lookup_fault(writer, tcb->lookup_fault);
        break;
    case abi::FaultType::VMFault:
        writer.put(tcb->context().get<frame::Register::fault_ip>());
        writer.put(fault.address);
        writer.put(fault.number);
        writer.put(fault.code);
        break;
    case abi::FaultType::UnknownSyscall:
        put_registers<abi::unknown_syscall_registers>(writer, *tcb);
        writer.put(fault.number);
        break;
    case abi::FaultType::UserException:
        put_registers<abi::user_exception_registers>(writer, *tcb);
        writer.put(fault.number);
        writer.put(fault.code);
        break;
    case abi::FaultType::DebugException:
        writer.put(tcb->context().get<frame::Register::fault_ip>());
        writer.put(fault.code);
        if (fault.code == abi::breakpoint::data_breakpoint || fault.code == abi::breakpoint::instruction_breakpoint) {
            writer.put(fault.address);
            writer.put(fault.number);
        }
        break;
    case abi::FaultType::NullFault:
    case abi::FaultType::Timeout:
        break;
    }
    return writer.stored();
}

bool apply_fault_reply(const frame::Phase& phase, frame::Ref<Tcb> faulted, frame::Ref<Tcb> handler) {
    const std::uint64_t info = handler->context().get<call_register::info>();
    const bool label_is_zero = abi::message_info::label(info) == 0;
    switch (faulted->fault.type) {
    case abi::FaultType::UnknownSyscall:
        take_registers(phase, *faulted, handler, abi::unknown_syscall_registers);
        return label_is_zero;
    case abi::FaultType::UserException:
        take_registers(phase, *faulted, handler, abi::user_exception_registers);
        return label_is_zero;
    case abi::FaultType::DebugException:
        if (faulted->fault.code == abi::breakpoint::single_step) {
            // How many instructions to run until the next fault; without an answer, one.
            const bool has_count = abi::message_info::length(info) != 0;
            step(*faulted, has_count ? outgoing(phase, handler).get(0) : 1);
        }
        return label_is_zero;
    case abi::FaultType::NullFault:
    case abi::FaultType::CapFault:
    case abi::FaultType::VMFault:
    case abi::FaultType::Timeout:
        return true;
    }
    return true;
}

}  // namespace kernel
