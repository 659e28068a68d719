// SPDX-License-Identifier: GPL-2.0-only
#include <frame/paging.hpp>

#include "kernel/vspace/invoke.hpp"
#include "kernel/vspace/target.hpp"

/// Page tables, page directories and PDPTs differ in their level only: how far an address is rounded down, and which
/// labels they answer to.
namespace kernel {

namespace {

/// All three Map invocations lay out their message alike.
using Arguments = abi::args::x86_page_table_map;
static_assert(Arguments::vaddr == abi::args::x86_page_directory_map::vaddr &&
              Arguments::vaddr == abi::args::x86_pdpt_map::vaddr);
static_assert(Arguments::attr == abi::args::x86_page_directory_map::attr &&
              Arguments::attr == abi::args::x86_pdpt_map::attr);
static_assert(Arguments::length == abi::args::x86_page_directory_map::length &&
              Arguments::length == abi::args::x86_pdpt_map::length);
static_assert(Arguments::caps::vspace == abi::args::x86_page_directory_map::caps::vspace &&
              Arguments::caps::vspace == abi::args::x86_pdpt_map::caps::pml4);

template <frame::MappableTable Cap>
Outcome map(const frame::Phase& phase, const Invocation& invocation) {
    const std::optional<frame::SlotRef> vspace_slot = invocation.extra_cap(Arguments::caps::vspace);
    if (invocation.length() < Arguments::length || !vspace_slot) {
        return error::truncated_message();
    }
    if (invocation.slot().capability().as<Cap>().value().is_mapped()) {
        return error::invalid_capability(0);
    }
    const Result<frame::Pml4Cap> root = target_root(*vspace_slot);
    if (!root) {
        return std::unexpected{root.error()};
    }
    const frame::UserAddress address =
        frame::UserAddress{invocation.argument(Arguments::vaddr)}.aligned_down(frame::table_span_bits<Cap>);
    if (address > user_top) {
        return error::invalid_argument(Arguments::vaddr);
    }
    const Result<frame::VSpace> vspace = target_vspace(phase, *root);
    if (!vspace) {
        return std::unexpected{vspace.error()};
    }
    const std::expected<frame::TablePlace<Cap>, frame::NoPlace> place = frame::find_table_place<Cap>(*vspace, address);
    if (!place) {
        return no_place(place.error());
    }

    invocation.commit(phase);
    frame::map_table(invocation.slot(), *place, frame::MemoryType::from_word(invocation.argument(Arguments::attr)));
    return Done{};
}

/// Other capabilities to the table would go on naming its place, so there must be none.
template <frame::MappableTable Cap>
Outcome unmap(const frame::Phase& phase, const Invocation& invocation) {
    if (!invocation.slot().is_final()) {
        return error::revoke_first();
    }
    invocation.commit(phase);
    frame::unmap_table<Cap>(phase, invocation.slot()).pay();
    return Done{};
}

template <frame::MappableTable Cap>
Outcome invoke(const frame::Phase& phase, const Invocation& invocation, abi::InvocationLabel map_label,
               abi::InvocationLabel unmap_label) {
    const std::optional<abi::InvocationLabel> label = invocation.label();
    if (label == map_label) {
        return map<Cap>(phase, invocation);
    }
    if (label == unmap_label) {
        return unmap<Cap>(phase, invocation);
    }
    return error::illegal_operation();
}

}  // namespace

Outcome invoke_page_table(const frame::Phase& phase, const Invocation& invocation) {
    return invoke<frame::PageTableCap>(phase, invocation, abi::InvocationLabel::X86PageTableMap,
                                       abi::InvocationLabel::X86PageTableUnmap);
}

Outcome invoke_page_directory(const frame::Phase& phase, const Invocation& invocation) {
    return invoke<frame::PageDirectoryCap>(phase, invocation, abi::InvocationLabel::X86PageDirectoryMap,
                                           abi::InvocationLabel::X86PageDirectoryUnmap);
}

Outcome invoke_pdpt(const frame::Phase& phase, const Invocation& invocation) {
    return invoke<frame::PdptCap>(phase, invocation, abi::InvocationLabel::X86PDPTMap,
                                  abi::InvocationLabel::X86PDPTUnmap);
}

}  // namespace kernel
