// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/debug/unhandled_fault.hpp"

#include <frame/console.hpp>
#include "kernel/object/thread.hpp"

namespace kernel {

namespace {

void print_fault(frame::Console& console, const Fault& fault) {
    switch (fault.type) {
    case abi::FaultType::NullFault:
        console.print("null fault");
        return;
    case abi::FaultType::CapFault:
        console.print("cap fault in ", fault.code != 0 ? "receive" : "send", " phase at address ",
                      frame::hex(fault.address));
        return;
    case abi::FaultType::VMFault:
        console.print("vm fault on ", fault.number != 0 ? "code" : "data", " at address ", frame::hex(fault.address),
                      " with status ", frame::hex(fault.code));
        return;
    case abi::FaultType::UnknownSyscall:
        console.print("unknown syscall ", frame::hex(fault.number));
        return;
    case abi::FaultType::UserException:
        console.print("user exception ", frame::hex(fault.number), " code ", frame::hex(fault.code));
        return;
    case abi::FaultType::DebugException:
        console.print("debug exception");
        return;
    case abi::FaultType::Timeout:
        console.print("timeout");
        return;
    }
}

}  // namespace

void print_unhandled_fault(const frame::Phase& phase, frame::Ref<Tcb> tcb, const Fault& fault) {
    frame::Console& console = frame::console(phase);
    console.print("Caught ");
    print_fault(console, Fault::capability(tcb->fault_handler, false));
    console.print("\nwhile trying to handle:\n");
    print_fault(console, fault);
    console.print("\nin thread ", frame::hex(tcb.address().value()), " \"", thread_name(*tcb), "\" at address ",
                  frame::hex(tcb->context().get<frame::Register::fault_ip>()), "\n");
}

}  // namespace kernel
