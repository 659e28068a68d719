// SPDX-License-Identifier: GPL-2.0-only
#include <frame/detail/mortality.hpp>

#include <frame/asid.hpp>
#include <frame/core.hpp>
#include <frame/detail/core_access.hpp>
#include <frame/links.hpp>
#include <frame/thread_block.hpp>

namespace frame::detail {

namespace {

template <class Block>
Block& block_at(const Capability& cap) {
    // SAFETY: endpoints, notifications and TCBs start with their link blocks, and a capability vouches for the object.
    return *pointer_at<Block>(CapabilityFactory::address(cap));
}

void check_thread_detached(std::uint64_t offset) {
    // SAFETY: as in block_at; the zombie of a TCB vouches for it like the thread capability did.
    ThreadBlock& block = *pointer_at<ThreadBlock>(offset);
    check(block.links.are_empty(), "a thread died while it was queued or bound");
    check(!CoreAccess::names_thread(offset), "a thread died while a core ran it or held its FPU state");
}

}  // namespace

std::uint64_t zombie_slots(const ZombieCap& zombie) {
    const std::uint64_t object = SlotAccess::zombie_offset(zombie);
    return zombie.is_of_tcb() ? object + offsetof(ThreadBlock, slots) : object;
}

void check_detached(const Capability& cap) {
    switch (cap.tag()) {
    case abi::CapabilityTag::Endpoint:
        check(block_at<EndpointLinks>(cap).are_empty(), "an endpoint died while threads waited at it");
        return;
    case abi::CapabilityTag::Notification:
        check(block_at<NotificationLinks>(cap).are_empty(), "a notification died while threads named it");
        return;
    case abi::CapabilityTag::Thread:
    case abi::CapabilityTag::Zombie:
        if (cap.is<ThreadCap>() || cap.as<ZombieCap>()->is_of_tcb()) {
            check_thread_detached(CapabilityFactory::address(cap));
        }
        return;
    case abi::CapabilityTag::Pml4:
        check(!pml4_is_attached(*cap.as<Pml4Cap>()), "an address space died while an ASID or a core named it");
        return;
    case abi::CapabilityTag::AsidPool:
        check(!asid_pool_is_attached(*cap.as<AsidPoolCap>()), "an ASID pool died while the ASID table named it");
        return;
    case abi::CapabilityTag::PageTable:
        check(!cap.as<PageTableCap>()->is_mapped(), "a page table died while it was mapped");
        return;
    case abi::CapabilityTag::PageDirectory:
        check(!cap.as<PageDirectoryCap>()->is_mapped(), "a page directory died while it was mapped");
        return;
    case abi::CapabilityTag::Pdpt:
        check(!cap.as<PdptCap>()->is_mapped(), "a PDPT died while it was mapped");
        return;
    case abi::CapabilityTag::Null:
    case abi::CapabilityTag::Untyped:
    case abi::CapabilityTag::Reply:
    case abi::CapabilityTag::CNode:
    case abi::CapabilityTag::IrqControl:
    case abi::CapabilityTag::IrqHandler:
    case abi::CapabilityTag::Domain:
    case abi::CapabilityTag::SchedContext:
    case abi::CapabilityTag::SchedControl:
    case abi::CapabilityTag::Frame:
    case abi::CapabilityTag::AsidControl:
    case abi::CapabilityTag::IoSpace:
    case abi::CapabilityTag::IoPageTable:
    case abi::CapabilityTag::IoPort:
    case abi::CapabilityTag::IoPortControl:
    case abi::CapabilityTag::Vcpu:
    case abi::CapabilityTag::EptPt:
    case abi::CapabilityTag::EptPd:
    case abi::CapabilityTag::EptPdpt:
    case abi::CapabilityTag::EptPml4:
        return;
    }
}

bool check_special_removable(const Capability& cap, bool is_final, SlotRef slot) {
    if (const std::optional<FrameCap> frame = cap.as<FrameCap>()) {
        // Each capability to a frame has a mapping of its own, so this holds for every copy.
        check(!frame->is_mapped(), "a capability to a mapped frame vanished");
        return is_final;
    }
    if (const std::optional<ZombieCap> zombie = cap.as<ZombieCap>()) {
        const std::uint64_t first_slot = zombie_slots(*zombie);
        check(zombie->remaining() == 0 ||
                  (zombie->remaining() == 1 && offset_of(SlotAccess::pointer(slot)) == first_slot),
              "a zombie vanished before its slots were empty");
        check_detached(cap);
        return true;
    }
    check(!cap.is<CNodeCap>() && !cap.is<ThreadCap>(),
          "the last capability to a CNode or TCB vanished with slots in it");
    check_detached(cap);
    return true;
}

}  // namespace frame::detail
