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

bool same_address(const Capability& a, const Capability& b) {
    return a.tag() == b.tag() && detail::CapabilityFactory::address(a) == detail::CapabilityFactory::address(b);
}

bool encloses(PhysicalRange outer, PhysicalRange inner) { return outer.start <= inner.start && inner.end <= outer.end; }

}  // namespace

bool detail::encloses_memory(const Capability& parent, const Capability& child) {
    switch (parent.tag()) {
    case abi::CapabilityTag::Untyped: {
        const std::optional<PhysicalRange> inner = memory_of(child);
        return inner.has_value() && encloses(parent.as<UntypedCap>()->range(), *inner);
    }
    case abi::CapabilityTag::Frame: {
        const std::optional<FrameCap> inner = child.as<FrameCap>();
        return inner.has_value() && encloses(parent.as<FrameCap>()->range(), inner->range());
    }
    case abi::CapabilityTag::CNode:
        return same_address(parent, child) && parent.as<CNodeCap>()->radix() == child.as<CNodeCap>()->radix();
    case abi::CapabilityTag::Endpoint:
    case abi::CapabilityTag::Notification:
    case abi::CapabilityTag::Reply:
    case abi::CapabilityTag::Thread:
    case abi::CapabilityTag::PageTable:
    case abi::CapabilityTag::PageDirectory:
    case abi::CapabilityTag::Pdpt:
    case abi::CapabilityTag::Pml4:
    case abi::CapabilityTag::IoPageTable:
    case abi::CapabilityTag::AsidPool:
        return same_address(parent, child);
    case abi::CapabilityTag::Domain:
    case abi::CapabilityTag::AsidControl:
        return parent.tag() == child.tag();
    case abi::CapabilityTag::IrqControl:
        return child.is<IrqControlCap>() || child.is<IrqHandlerCap>();
    case abi::CapabilityTag::IrqHandler: {
        const std::optional<IrqHandlerCap> other = child.as<IrqHandlerCap>();
        return other.has_value() && other->irq() == parent.as<IrqHandlerCap>()->irq();
    }
    case abi::CapabilityTag::IoPortControl:
        return child.is<IoPortControlCap>() || child.is<IoPortCap>();
    case abi::CapabilityTag::IoPort: {
        const IoPortCap mine = *parent.as<IoPortCap>();
        const std::optional<IoPortCap> other = child.as<IoPortCap>();
        return other.has_value() && other->first_port() == mine.first_port() && other->last_port() == mine.last_port();
    }
    case abi::CapabilityTag::Null:
    case abi::CapabilityTag::Zombie:
    case abi::CapabilityTag::IoSpace:
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

bool detail::names_same_object(const Capability& a, const Capability& b) {
    switch (a.tag()) {
    case abi::CapabilityTag::Untyped:
        return false;  // memory is shared out, never shared
    case abi::CapabilityTag::IrqControl:
    case abi::CapabilityTag::IoPortControl:
        return a.tag() == b.tag();
    case abi::CapabilityTag::Frame: {
        const FrameCap mine = *a.as<FrameCap>();
        const std::optional<FrameCap> other = b.as<FrameCap>();
        return other.has_value() && mine.start() == other->start() && mine.size() == other->size() &&
               mine.is_device() == other->is_device();
    }
    case abi::CapabilityTag::Endpoint:
    case abi::CapabilityTag::Notification:
    case abi::CapabilityTag::Reply:
    case abi::CapabilityTag::CNode:
    case abi::CapabilityTag::Thread:
    case abi::CapabilityTag::PageTable:
    case abi::CapabilityTag::PageDirectory:
    case abi::CapabilityTag::Pdpt:
    case abi::CapabilityTag::Pml4:
    case abi::CapabilityTag::IoPageTable:
    case abi::CapabilityTag::AsidPool:
    case abi::CapabilityTag::Domain:
    case abi::CapabilityTag::AsidControl:
    case abi::CapabilityTag::IrqHandler:
    case abi::CapabilityTag::IoPort:
        return detail::encloses_memory(a, b);
    case abi::CapabilityTag::Null:
    case abi::CapabilityTag::Zombie:
    case abi::CapabilityTag::IoSpace:
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
