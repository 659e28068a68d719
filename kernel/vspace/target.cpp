// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/vspace/target.hpp"

namespace kernel {

namespace {

std::unexpected<SyscallError> missing(std::uint64_t bits_left) {
    return error::failed_lookup(false, LookupFault::missing_capability(bits_left));
}

}  // namespace

Result<frame::Pml4Cap> target_root(frame::SlotRef argument) {
    const std::optional<frame::Pml4Cap> root = argument.capability().as<frame::Pml4Cap>();
    if (!root || root->asid() == frame::no_asid) {
        return error::invalid_capability(1);
    }
    return *root;
}

Result<frame::VSpace> target_vspace(const frame::Phase& phase, const frame::Pml4Cap& root) {
    const std::optional<frame::VSpace> vspace = frame::VSpace::of(phase, root.asid());
    if (!vspace) {
        return error::failed_lookup(false, LookupFault::invalid_root());
    }
    if (vspace->root() != root.table(phase)) {
        return error::invalid_capability(1);
    }
    return *vspace;
}

std::unexpected<SyscallError> no_place(frame::NoPlace reason) {
    switch (reason) {
    case frame::NoPlace::occupied:
        return error::delete_first();
    case frame::NoPlace::no_page_table:
        return missing(abi::mapping_failure::no_page_table);
    case frame::NoPlace::no_page_directory:
        return missing(abi::mapping_failure::no_page_directory);
    case frame::NoPlace::no_pdpt:
        return missing(abi::mapping_failure::no_pdpt);
    }
    return error::illegal_operation();
}

}  // namespace kernel
