// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/debug/object_name.hpp"

#include "kernel/object/thread.hpp"

namespace kernel {

using Kind = ObjectName::Kind;

std::optional<ObjectName> name_of(const frame::Capability& cap) {
    const auto at_address = [&cap](Kind kind) {
        return ObjectName{.kind = kind, .number = frame::object_address(cap).value()};
    };
    switch (cap.tag()) {
    case abi::CapabilityTag::Untyped:
        return ObjectName{.kind = Kind::untyped,
                          .number = frame::object_address(cap).value(),
                          .second = cap.as<frame::UntypedCap>()->size_bits()};
    case abi::CapabilityTag::Endpoint:
        return at_address(Kind::endpoint);
    case abi::CapabilityTag::Notification:
        return at_address(Kind::notification);
    case abi::CapabilityTag::CNode:
        return at_address(Kind::cnode);
    case abi::CapabilityTag::Thread:
    case abi::CapabilityTag::Reply:
        return at_address(Kind::thread);
    case abi::CapabilityTag::Zombie:
        return at_address(cap.as<frame::ZombieCap>()->is_of_tcb() ? Kind::thread : Kind::cnode);
    case abi::CapabilityTag::Frame:
        return at_address(Kind::frame);
    case abi::CapabilityTag::PageTable:
        return at_address(Kind::page_table);
    case abi::CapabilityTag::PageDirectory:
        return at_address(Kind::page_directory);
    case abi::CapabilityTag::Pdpt:
        return at_address(Kind::pdpt);
    case abi::CapabilityTag::Pml4:
        return at_address(Kind::pml4);
    case abi::CapabilityTag::AsidPool:
        return at_address(Kind::asid_pool);
    case abi::CapabilityTag::IrqHandler:
        return ObjectName{.kind = Kind::irq, .number = cap.as<frame::IrqHandlerCap>()->irq()};
    case abi::CapabilityTag::IoPort: {
        const frame::IoPortCap ports = *cap.as<frame::IoPortCap>();
        return ObjectName{.kind = Kind::io_ports, .number = ports.first_port(), .second = ports.last_port()};
    }
    case abi::CapabilityTag::Null:
    case abi::CapabilityTag::IrqControl:
    case abi::CapabilityTag::Domain:
    case abi::CapabilityTag::AsidControl:
    case abi::CapabilityTag::IoPortControl:
    case abi::CapabilityTag::IoSpace:
    case abi::CapabilityTag::IoPageTable:
    case abi::CapabilityTag::SchedContext:
    case abi::CapabilityTag::SchedControl:
    case abi::CapabilityTag::Vcpu:
    case abi::CapabilityTag::EptPt:
    case abi::CapabilityTag::EptPd:
    case abi::CapabilityTag::EptPdpt:
    case abi::CapabilityTag::EptPml4:
        return std::nullopt;
    }
    return std::nullopt;
}

std::string_view keyword(Kind kind) {
    switch (kind) {
    case Kind::untyped:
        return "ut";
    case Kind::endpoint:
        return "ep";
    case Kind::notification:
        return "notification";
    case Kind::cnode:
        return "cnode";
    case Kind::thread:
        return "tcb";
    case Kind::frame:
        return "frame";
    case Kind::page_table:
        return "pt";
    case Kind::page_directory:
        return "pd";
    case Kind::pdpt:
        return "pdpt";
    case Kind::pml4:
        return "pml4";
    case Kind::asid_pool:
        return "asid_pool";
    case Kind::irq:
        return "irq";
    case Kind::io_ports:
        return "io_ports";
    }
    return "";
}

void print_characters(frame::Console& console, std::string_view text) {
    for (const char character : text) {
        const bool is_plain = character >= ' ' && character <= '~' && character != '"' && character != '\\';
        console.print(is_plain ? character : '?');
    }
}

void print_thread_name(frame::Console& console, const Tcb& tcb) {
    const std::string_view name = thread_name(tcb);
    if (name.empty()) {
        return;
    }
    console.print(" \"");
    print_characters(console, name);
    console.print("\"");
}

void print(frame::Console& console, ObjectName name) {
    console.print(keyword(name.kind), "_");
    switch (name.kind) {
    case Kind::irq:
        console.print(name.number);
        return;
    case Kind::untyped:
        console.print(frame::hex(name.number), "_", name.second);
        return;
    case Kind::io_ports:
        console.print(frame::hex(name.number), "_", frame::hex(name.second));
        return;
    case Kind::endpoint:
    case Kind::notification:
    case Kind::cnode:
    case Kind::thread:
    case Kind::frame:
    case Kind::page_table:
    case Kind::page_directory:
    case Kind::pdpt:
    case Kind::pml4:
    case Kind::asid_pool:
        console.print(frame::hex(name.number));
        return;
    }
}

}  // namespace kernel
