// SPDX-License-Identifier: GPL-2.0-only
#include <frame/paging.hpp>

#include "kernel/cap/derive.hpp"
#include "kernel/vspace/invoke.hpp"
#include "kernel/vspace/rights.hpp"
#include "kernel/vspace/target.hpp"

namespace kernel {

namespace {

using Arguments = abi::args::x86_page_map;

/// Whether a frame may go to `address` in the address space `asid`, as far as its capability can tell: one that is mapped
/// only to where it is, with other rights or attributes; one that is not anywhere in the user's part.
Result<Done> check_destination(const frame::FrameCap& cap, frame::Asid asid, frame::UserAddress address) {
    if (cap.is_mapped()) {
        if (cap.mapping().asid != asid) {
            return error::invalid_capability(1);
        }
        if (cap.mapping().address != address) {
            return error::invalid_argument(Arguments::vaddr);
        }
        return Done{};
    }
    // The first comparison is for addresses so high that their sum with the size wraps.
    if (address > user_top || address.plus(frame::power_of_two(cap.size_bits())) > user_top) {
        return error::invalid_argument(Arguments::vaddr);
    }
    return Done{};
}

Outcome map(const frame::Phase& phase, const Invocation& invocation) {
    const std::optional<frame::SlotRef> vspace_slot = invocation.extra_cap(Arguments::caps::vspace);
    if (invocation.length() < Arguments::length || !vspace_slot) {
        return error::truncated_message();
    }
    const frame::FrameCap cap = invocation.slot().capability().as<frame::FrameCap>().value();
    const frame::UserAddress address{invocation.argument(Arguments::vaddr)};

    const Result<frame::Pml4Cap> root = target_root(*vspace_slot);
    if (!root) {
        return std::unexpected{root.error()};
    }
    if (const Result<Done> fits = check_destination(cap, root->asid(), address); !fits) {
        return std::unexpected{fits.error()};
    }
    const Result<frame::VSpace> vspace = target_vspace(phase, *root);
    if (!vspace) {
        return std::unexpected{vspace.error()};
    }
    if (!address.is_aligned(cap.size_bits())) {
        return error::alignment();
    }
    if (cap.size() == frame::PageSize::huge && !frame::has_huge_pages()) {
        return error::illegal_operation();
    }
    const std::expected<frame::PagePlace, frame::NoPlace> place = frame::find_page_place(*vspace, address, cap.size());
    if (!place) {
        return no_place(place.error());
    }

    invocation.commit(phase);
    const frame::VmRights rights = vm_rights_of(rights_from_word(invocation.argument(Arguments::rights)));
    const frame::MemoryType type = frame::MemoryType::from_word(invocation.argument(Arguments::attr));
    frame::map_frame(invocation.slot(), *place, rights, type).pay();
    return Done{};
}

Outcome unmap(const frame::Phase& phase, const Invocation& invocation) {
    invocation.commit(phase);
    frame::unmap_frame(phase, invocation.slot()).pay();
    return Done{};
}

Outcome get_address(const frame::Phase& phase, const Invocation& invocation) {
    using Results = abi::args::x86_page_get_address;
    const frame::FrameCap cap = invocation.slot().capability().as<frame::FrameCap>().value();
    invocation.commit(phase);
    invocation.set_result(phase, Results::results::paddr, cap.start().value());
    return Done{.results = Results::result_length};
}

/// Mapping into an I/O address space (seL4 manual, 9.3). Without a driver for the IOMMU there are no capabilities to I/O
/// spaces, so every such call ends as it does on seL4 with another kind of capability in that place.
Outcome map_io(const Invocation& invocation) {
    using IoArguments = abi::args::x86_page_map_io;
    if (!invocation.extra_cap(IoArguments::caps::iospace) || invocation.length() < IoArguments::length) {
        return error::truncated_message();
    }
    return error::invalid_capability(0);
}

}  // namespace

Outcome invoke_frame(const frame::Phase& phase, const Invocation& invocation) {
    const std::optional<abi::InvocationLabel> label = invocation.label();
    if (label == abi::InvocationLabel::X86PageMap) {
        return map(phase, invocation);
    }
    if (label == abi::InvocationLabel::X86PageUnmap) {
        return unmap(phase, invocation);
    }
    if (label == abi::InvocationLabel::X86PageGetAddress) {
        return get_address(phase, invocation);
    }
    if (label == abi::InvocationLabel::X86PageMapIO) {
        return map_io(invocation);
    }
    return error::illegal_operation();
}

}  // namespace kernel
