// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <algorithm>
#include <cstddef>

#include <frame/core.hpp>
#include <frame/detail/backend.hpp>
#include <frame/thread_block.hpp>

namespace frame::detail {

/// The frame's own door to a core's state: for the stubs, and for death to ask what cores name.
struct CoreAccess {
    static Core& this_core() { return StateStorage<Core>::value; }

    /// Whether any core runs the TCB at `offset`, considers it, or holds its FPU state.
    static bool names_thread(std::uint64_t offset) {
        const std::uint64_t address = window_base + offset;
        const Core& core = this_core();
        return link_place(core.context_) == address || link_place(core.candidate_) == address ||
               link_place(core.fpu_ & ~Core::fpu_off) == address;
    }
    /// Window offset of the loaded PML4, 0 if it is the kernel's own.
    static std::uint64_t root_offset(const Core& core) { return offset_in(core.root_); }
    /// Whether the core would load the PML4 at this window offset without a look at its ASID.
    static bool knows_root(const Core& core, std::uint64_t offset) {
        return std::ranges::any_of(core.known_roots_,
                                   [offset](const auto& known) { return offset_in(known.first) == offset; });
    }
    static std::uint64_t offset_in(std::uint64_t root) { return root == Core::no_root ? 0 : address_in(root); }
    static void forget_known_roots(Core& core) { core.known_roots_ = {}; }
    static void set_root(Core& core, const Pml4Cap& root) { core.root_ = CapabilityFactory::first(root); }
    static std::uint64_t context(const Core& core) { return core.context_; }
    /// The thread whose program just entered the kernel.
    static Ref<kernel::Tcb> caller(const Phase& phase [[clang::lifetimebound]]) {
        (void)phase;
        // User mode runs only as the current thread, which lives at least until its entry does something.
        verify(this_core().context_ != 0, "a program ran that is nobody's");
        return LinkAccess::tcb(this_core().context_);
    }
    static std::uint64_t candidate(const Core& core) { return core.candidate_; }
    static std::uint64_t fpu_owner(const Core& core) { return core.fpu_ & ~Core::fpu_off; }
    static void set_fpu_owner(Core& core, std::uint64_t address) { core.fpu_ = address; }
    /// Where the entry stub finds the address of the current thread's context.
    static constexpr std::size_t context_offset() { return offsetof(Core, context_); }

    static void save_segment_bases(ThreadBlock& block) {
        block.context.set(Register::fs_base, backend::read_fs_base());
        block.context.set(Register::gs_base, backend::read_gs_base());
    }
    static void load_segment_bases(Core& core, const UserContext& context) {
        const std::uint64_t fs = context.get<Register::fs_base>();
        const std::uint64_t gs = context.get<Register::gs_base>();
        // Where user mode cannot change them, a base that is loaded already costs nothing.
        if (abi::config::fsgsbase_inst || core.fs_base_ != fs) {
            backend::write_fs_base(fs);
            core.fs_base_ = fs;
        }
        if (abi::config::fsgsbase_inst || core.gs_base_ != gs) {
            backend::write_gs_base(gs);
            core.gs_base_ = gs;
        }
    }
};

}  // namespace frame::detail
