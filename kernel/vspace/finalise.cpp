// SPDX-License-Identifier: GPL-2.0-only
#include <frame/asid.hpp>
#include <frame/core.hpp>
#include <frame/paging.hpp>

#include "kernel/cap/preemption.hpp"
#include "kernel/vspace/vspace.hpp"

namespace kernel {

namespace {

/// What it is worth to look through the 512 entries of a table, or of an ASID pool, and act on each.
constexpr std::uint64_t units_per_table = 10;
constexpr std::uint64_t units_per_asid_pool = 40;

/// An address space that ends may be loaded although the running thread has another one by now: it went on in the old one
/// after setting its own space (as on seL4), and needs the new one from here on.
void load_running_threads_vspace(const frame::Phase& phase) {
    if (const std::optional<frame::Ref<Tcb>> current = frame::this_core(phase).current(phase)) {
        activate_vspace(phase, *current);
    }
}

}  // namespace

void finalise_paging_capability(const frame::Phase& phase, frame::SlotRef slot, bool is_final) {
    switch (slot.capability().tag()) {
    case abi::CapabilityTag::Frame:
        // Every capability to a frame has a mapping of its own.
        frame::unmap_frame(phase, slot).pay();
        return;
    case abi::CapabilityTag::PageTable:
        if (is_final) {
            count_work(phase, units_per_table);
            frame::retire_table<frame::PageTableCap>(phase, slot).pay();
        }
        return;
    case abi::CapabilityTag::PageDirectory:
        if (is_final) {
            count_work(phase, units_per_table);
            frame::retire_table<frame::PageDirectoryCap>(phase, slot).pay();
        }
        return;
    case abi::CapabilityTag::Pdpt:
        if (is_final) {
            count_work(phase, units_per_table);
            frame::retire_table<frame::PdptCap>(phase, slot).pay();
        }
        return;
    case abi::CapabilityTag::Pml4:
        if (is_final) {
            frame::release_asid(phase, slot).pay();
            load_running_threads_vspace(phase);
        }
        return;
    case abi::CapabilityTag::AsidPool:
        if (is_final) {
            count_work(phase, units_per_asid_pool);
            frame::release_asid_pool(phase, slot);
            load_running_threads_vspace(phase);
        }
        return;
    case abi::CapabilityTag::Null:
    case abi::CapabilityTag::Untyped:
    case abi::CapabilityTag::Endpoint:
    case abi::CapabilityTag::Notification:
    case abi::CapabilityTag::Reply:
    case abi::CapabilityTag::CNode:
    case abi::CapabilityTag::Thread:
    case abi::CapabilityTag::IrqControl:
    case abi::CapabilityTag::IrqHandler:
    case abi::CapabilityTag::Zombie:
    case abi::CapabilityTag::Domain:
    case abi::CapabilityTag::SchedContext:
    case abi::CapabilityTag::SchedControl:
    case abi::CapabilityTag::AsidControl:
    case abi::CapabilityTag::IoSpace:
    case abi::CapabilityTag::IoPageTable:
    case abi::CapabilityTag::IoPort:
    case abi::CapabilityTag::Vcpu:
    case abi::CapabilityTag::EptPt:
    case abi::CapabilityTag::EptPd:
    case abi::CapabilityTag::EptPdpt:
    case abi::CapabilityTag::EptPml4:
    case abi::CapabilityTag::IoPortControl:
        return;
    }
}

}  // namespace kernel
