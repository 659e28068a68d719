// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/slot.hpp>
#include <frame/untyped.hpp>

namespace frame::detail {

/// First capabilities to memory that just got its type: for carving, and for boot, where no untyped exists yet.
struct CarveAccess {
    static UntypedCap untyped(PhysicalAddress start, std::uint64_t bits, bool device, std::uint64_t watermark) {
        return UntypedCap::make(start, bits, device, watermark);
    }
    static UntypedCap with_watermark(const UntypedCap& cap, std::uint64_t bytes) { return cap.with_watermark(bytes); }
    static FrameCap frame(PhysicalAddress start, PageSize size, bool device) {
        return FrameCap::make(start, size, device);
    }
    static Capability endpoint(std::uint64_t offset) { return EndpointCap::make(offset); }
    static Capability notification(std::uint64_t offset) { return NotificationCap::make(offset); }
    static Capability thread(std::uint64_t offset) { return ThreadCap::make(offset); }
    static Capability cnode(std::uint64_t offset, std::uint64_t radix) { return CNodeCap::make(offset, radix); }
    template <class Kind>
    static Capability table(std::uint64_t offset) {
        return CapabilityFactory::make<Kind>(offset, 0, 0);
    }
    /// The slots of a range, in the phase that it was made in.
    static Slot* slots(const SlotRange& range) {
        range.epoch_.verify_current();
        return range.slots_;
    }
};

}  // namespace frame::detail
