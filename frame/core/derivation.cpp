// SPDX-License-Identifier: GPL-2.0-only
// How capabilities relate to each other: which names part of what another names, which name the same object.
#include <frame/slot.hpp>

namespace frame {

namespace {

/// The memory that a capability's object occupies; nothing for capabilities that are no memory.
std::optional<PhysicalRange> memory_of(const Capability& cap) {
    const auto object = [&cap](std::uint64_t bits) {
        const PhysicalAddress start{detail::CapabilityFactory::address(cap)};
        return PhysicalRange{start, start.plus(power_of_two(bits))};
    };
    switch (cap.tag()) {
    case abi::CapabilityTag::Untyped:
        return cap.as<UntypedCap>()->range();
    case abi::CapabilityTag::Frame:
        return cap.as<FrameCap>()->range();
    case abi::CapabilityTag::Endpoint:
        return object(abi::size_bits::endpoint);
    case abi::CapabilityTag::Notification:
        return object(abi::size_bits::notification);
    case abi::CapabilityTag::CNode:
        return object(abi::size_bits::slot + cap.as<CNodeCap>()->radix());
    case abi::CapabilityTag::Thread:
        return object(abi::size_bits::tcb);
    case abi::CapabilityTag::Zombie: {
        const ZombieCap zombie = *cap.as<ZombieCap>();
        return zombie.is_of_tcb() ? object(abi::size_bits::tcb) : object(abi::size_bits::slot + zombie.radix());
    }
    case abi::CapabilityTag::PageTable:
    case abi::CapabilityTag::PageDirectory:
    case abi::CapabilityTag::Pdpt:
    case abi::CapabilityTag::Pml4:
    case abi::CapabilityTag::IoPageTable:
    case abi::CapabilityTag::AsidPool:
        return object(abi::size_bits::page_table);
    case abi::CapabilityTag::Null:
    case abi::CapabilityTag::Reply:
    case abi::CapabilityTag::IrqControl:
    case abi::CapabilityTag::IrqHandler:
    case abi::CapabilityTag::Domain:
    case abi::CapabilityTag::AsidControl:
    case abi::CapabilityTag::IoSpace:
    case abi::CapabilityTag::IoPort:
    case abi::CapabilityTag::IoPortControl:
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

bool encloses(PhysicalRange outer, PhysicalRange inner) { return outer.start <= inner.start && inner.end <= outer.end; }

/// Whether two capabilities of one kind, which is told by content, agree in it.
bool agree_in_content(const Capability& a, const Capability& b) {
    if (const std::optional<CNodeCap> cnode = a.as<CNodeCap>()) {
        return cnode->radix() == b.as<CNodeCap>()->radix();
    }
    if (const std::optional<FrameCap> mine = a.as<FrameCap>()) {
        const FrameCap other = *b.as<FrameCap>();
        return mine->size() == other.size() && mine->is_device() == other.is_device();
    }
    if (const std::optional<IrqHandlerCap> handler = a.as<IrqHandlerCap>()) {
        return handler->irq() == b.as<IrqHandlerCap>()->irq();
    }
    if (const std::optional<IoPortCap> ports = a.as<IoPortCap>()) {
        const IoPortCap other = *b.as<IoPortCap>();
        return ports->first_port() == other.first_port() && ports->last_port() == other.last_port();
    }
    return false;  // untyped memory is shared out, never shared
}

}  // namespace

bool detail::encloses(const Capability& parent, const Capability& child) {
    if (const std::optional<UntypedCap> untyped = parent.as<UntypedCap>()) {
        const std::optional<PhysicalRange> inner = memory_of(child);
        return inner.has_value() && frame::encloses(untyped->range(), *inner);
    }
    if (parent.is<IrqControlCap>() && child.is<IrqHandlerCap>()) {
        return true;
    }
    if (parent.is<IoPortControlCap>() && child.is<IoPortCap>()) {
        return true;
    }
    return agree_in_kind_and_address(parent, child) && names_same_object(parent, child);
}

bool detail::names_same_object(const Capability& a, const Capability& b) {
    return is_told_by<ToldBy::kind>(a) || (is_told_by<ToldBy::content>(a) && agree_in_content(a, b));
}

bool starts_revocable(const Capability& derived, const Capability& source) {
    switch (derived.tag()) {
    case abi::CapabilityTag::Endpoint:
    case abi::CapabilityTag::Notification:
        return detail::CapabilityFactory::second(derived) != detail::CapabilityFactory::second(source);
    case abi::CapabilityTag::IrqHandler:
        return source.is<IrqControlCap>();
    case abi::CapabilityTag::IoPort:
        return source.is<IoPortControlCap>();
    case abi::CapabilityTag::Untyped:
        return true;
    case abi::CapabilityTag::Null:
    case abi::CapabilityTag::Reply:
    case abi::CapabilityTag::CNode:
    case abi::CapabilityTag::Thread:
    case abi::CapabilityTag::IrqControl:
    case abi::CapabilityTag::Zombie:
    case abi::CapabilityTag::Domain:
    case abi::CapabilityTag::Frame:
    case abi::CapabilityTag::PageTable:
    case abi::CapabilityTag::PageDirectory:
    case abi::CapabilityTag::Pdpt:
    case abi::CapabilityTag::Pml4:
    case abi::CapabilityTag::AsidControl:
    case abi::CapabilityTag::AsidPool:
    case abi::CapabilityTag::IoSpace:
    case abi::CapabilityTag::IoPageTable:
    case abi::CapabilityTag::IoPortControl:
    case abi::CapabilityTag::SchedContext:
    case abi::CapabilityTag::SchedControl:
    case abi::CapabilityTag::Vcpu:
    case abi::CapabilityTag::EptPt:
    case abi::CapabilityTag::EptPd:
    case abi::CapabilityTag::EptPdpt:
    case abi::CapabilityTag::EptPml4:
        return false;
    }
    return false;
}

}  // namespace frame
