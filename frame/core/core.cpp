// SPDX-License-Identifier: GPL-2.0-only
#include <frame/core.hpp>

#include <frame/detail/backend.hpp>
#include <frame/detail/core_access.hpp>
#include <frame/thread_block.hpp>

namespace frame {

namespace {

using detail::LinkAccess;

}  // namespace

std::optional<Ref<kernel::Tcb>> Core::current(const Phase& phase) const {
    (void)phase;
    if (context_ == 0) {
        return std::nullopt;
    }
    return LinkAccess::tcb(context_);
}

bool Core::is_current(Ref<kernel::Tcb> tcb) const { return context_ == LinkAccess::address(tcb); }

[[gnu::always_inline]] void Core::switch_to(Ref<kernel::Tcb> tcb) {
    if (!is_current(tcb)) {
        switch_over(tcb);
    }
}

[[gnu::always_inline]] void Core::switch_over(Ref<kernel::Tcb> tcb) {
    const std::uint64_t address = LinkAccess::address(tcb);
    if constexpr (abi::config::fsgsbase_inst) {
        // User mode may have changed its bases without the kernel's help: keep them with their thread.
        if (context_ != 0) {
            detail::CoreAccess::save_segment_bases(*LinkAccess::block(context_));
        }
    }
    context_ = address;
    backend::set_current(LinkAccess::block(address)->context);
    detail::CoreAccess::load_segment_bases(*this, LinkAccess::block(address)->context);
}

void Core::switch_to_idle() {
    if constexpr (abi::config::fsgsbase_inst) {
        if (context_ != 0) {
            detail::CoreAccess::save_segment_bases(*LinkAccess::block(context_));
        }
    }
    context_ = 0;
    backend::set_idle();
}

void Core::refresh_segment_bases(Ref<kernel::Tcb> tcb) {
    if (is_current(tcb)) {
        detail::CoreAccess::load_segment_bases(*this, LinkAccess::block(context_)->context);
    }
}

void Core::fetch_segment_bases(Ref<kernel::Tcb> tcb) {
    if constexpr (abi::config::fsgsbase_inst) {
        if (is_current(tcb)) {
            detail::CoreAccess::save_segment_bases(*LinkAccess::block(context_));
        }
    }
}

std::optional<Ref<kernel::Tcb>> Core::candidate(const Phase& phase) const {
    (void)phase;
    if (candidate_ == 0) {
        return std::nullopt;
    }
    return LinkAccess::tcb(candidate_);
}

void Core::set_candidate(Ref<kernel::Tcb> tcb) { candidate_ = LinkAccess::address(tcb); }

void Core::forget(Ref<kernel::Tcb> tcb) {
    const std::uint64_t address = LinkAccess::address(tcb);
    release_fpu(tcb);
    if (candidate_ == address) [[unlikely]] {
        candidate_ = 0;
    }
    if (context_ == address) [[unlikely]] {
        context_ = 0;
        backend::set_idle();
    }
}

[[gnu::always_inline]] void Core::take_over_fpu(std::uint64_t address) {
    if (fpu_ != address) {
        exchange_fpu(address);
    }
}

[[gnu::always_inline]] void Core::exchange_fpu(std::uint64_t address) {
    if ((fpu_ & fpu_off) != 0) [[unlikely]] {
        enable_fpu_for(address);
        return;
    }
    // It is on, so somebody owns it.
    backend::save_fpu(LinkAccess::block(fpu_)->fpu);
    backend::load_fpu(LinkAccess::block(address)->fpu);
    fpu_ = address;
}

[[gnu::noinline]] void Core::enable_fpu_for(std::uint64_t address) {
    backend::enable_fpu();
    const std::uint64_t owner = fpu_ & ~fpu_off;
    if (owner != address) {
        if (owner != 0) {
            backend::save_fpu(LinkAccess::block(owner)->fpu);
        }
        backend::load_fpu(LinkAccess::block(address)->fpu);
    }
    fpu_ = address;
}

void Core::disable_fpu() {
    backend::disable_fpu();
    fpu_ |= fpu_off;
}

void Core::release_fpu(Ref<kernel::Tcb> tcb) {
    if ((fpu_ & ~fpu_off) == LinkAccess::address(tcb)) {
        save_fpu();
    }
}

void Core::load_debug_state() {
    if (context_ == 0) {
        return;  // idle: the kernel uses no user addresses, whatever is still loaded
    }
    ThreadBlock& block = *LinkAccess::block(context_);
    const BreakpointRegisters wanted = block.debug.in_force();
    if (wanted != loaded_breakpoints_) {
        backend::write_breakpoints(wanted);
        loaded_breakpoints_ = wanted;
    }
    if (block.debug.is_stepping()) {
        block.context.start_stepping();
    }
}

void Core::save_fpu() {
    const std::uint64_t owner = fpu_ & ~fpu_off;
    if (owner == 0) {
        return;
    }
    if ((fpu_ & fpu_off) != 0) {
        backend::enable_fpu();
    }
    backend::save_fpu(LinkAccess::block(owner)->fpu);
    backend::disable_fpu();
    fpu_ = fpu_off;
}

}  // namespace frame
