// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <frame/cap/vspace.hpp>
#include <frame/debug_state.hpp>
#include <frame/detail/backend_mmu.hpp>
#include <frame/ref.hpp>

namespace frame {

namespace detail {
struct CoreAccess;
}

/// One processor core: which thread it runs, whose FPU state it holds, which address space it has loaded. The entry and
/// exit stubs work on it. These are links too: `retire` refuses an object that a core still names.
class Core {
public:
    constexpr explicit Core(const Birth&) {}
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    /// The thread that this core runs; none while it idles, or after the running thread was deleted.
    [[nodiscard]] std::optional<Ref<kernel::Tcb>> current(const Phase& phase [[clang::lifetimebound]]) const;
    [[nodiscard]] bool is_current(Ref<kernel::Tcb> tcb) const;
    /// On exit this core continues `tcb`: loads its segment bases and FPU state. The address space is loaded apart.
    void switch_to(Ref<kernel::Tcb> tcb);
    /// The same, for another thread than the one it runs.
    void switch_over(Ref<kernel::Tcb> tcb);
    /// On exit this core waits for an interrupt.
    void switch_to_idle();
    /// Makes a changed segment base of `tcb` take effect, should this core run it.
    void refresh_segment_bases(Ref<kernel::Tcb> tcb);
    /// Brings the segment bases in `tcb`'s context up to date, should this core run it and user mode be able to change
    /// them by itself.
    void fetch_segment_bases(Ref<kernel::Tcb> tcb);

    /// The thread that the scheduler considers for the next switch, if any (kept between decode and schedule).
    [[nodiscard]] std::optional<Ref<kernel::Tcb>> candidate(const Phase& phase [[clang::lifetimebound]]) const;
    void set_candidate(Ref<kernel::Tcb> tcb);
    void clear_candidate() { candidate_ = 0; }

    /// Forgets a thread that is about to die: as current, candidate and FPU owner.
    void forget(Ref<kernel::Tcb> tcb);

    /// Lets `tcb` use the FPU on exit, with its own state loaded; saves the state of whoever had it.
    void give_fpu(Ref<kernel::Tcb> tcb) { take_over_fpu(detail::link_to_address(tcb.address().value())); }
    /// The same, where `tcb` takes the core over from another thread: if the FPU is on, that one's state is in it, so nobody
    /// asks whose it is. (If it were `tcb`'s, it would be saved and loaded for nothing.)
    void hand_over_fpu(Ref<kernel::Tcb> tcb) { exchange_fpu(detail::link_to_address(tcb.address().value())); }
    /// Makes FPU instructions fault (#NM) until `give_fpu`; the state stays with its owner.
    void deny_fpu() {
        if ((fpu_ & fpu_off) == 0) {
            disable_fpu();
        }
    }
    /// Writes back whatever FPU state this core holds; nobody owns the FPU then.
    void save_fpu();
    /// Writes a thread's FPU state to its TCB if this core holds it, and forgets the owner.
    void release_fpu(Ref<kernel::Tcb> tcb);

    /// Loads the address space that a capability is the root of, if that has an ASID which names it still; says whether.
    /// Does nothing if it is loaded already.
    [[nodiscard, gnu::always_inline]] bool load_root(const Phase& phase, Capability root) {
        const std::uint64_t first = detail::CapabilityFactory::first(root);
        for (const KnownRoot& known : known_roots_) {
            if (known.first == first) {
                load_named_root(known);
                return true;
            }
        }
        return load_unknown_root(phase, root);
    }
    /// Loads the kernel's own address space, which maps no user memory.
    void load_kernel_root();
    /// Whether the capability is to the root that is loaded.
    [[nodiscard]] bool has_loaded(const Capability& root) const {
        return root_ == detail::CapabilityFactory::first(root);
    }

    /// Makes the processor's debug registers, and single stepping, those of the thread that this core continues. The
    /// frame calls it before each exit in configurations with HARDWARE_DEBUG_API.
    void load_debug_state();

private:
    friend struct detail::CoreAccess;
    static constexpr std::uint64_t fpu_off = 1;
    static constexpr std::uint64_t no_root = 1;  // not the first word of any capability, the null one included

    [[nodiscard]] bool load_unknown_root(const Phase& phase, Capability root);
    /// A PML4 that an ASID names still: the first word of all capabilities to it, and what loads it.
    struct KnownRoot {
        std::uint64_t first = no_root;
        backend::RootWord word{};
    };
    void load_named_root(const KnownRoot& root) {
        backend::load_root(root.word);
        root_ = root.first;
    }
    void take_over_fpu(std::uint64_t address);
    void exchange_fpu(std::uint64_t address);
    void enable_fpu_for(std::uint64_t address);
    void disable_fpu();

    // The order matters for cache lines (kernel.ld): what is rarely used, what a switch uses, what each entry uses.
    BreakpointRegisters loaded_breakpoints_{};
    std::uint64_t oldest_known_root_ = 0;
    std::uint64_t fs_base_ = 0;
    std::uint64_t gs_base_ = 0;
    /// The two that were looked up last: threads of two address spaces mostly call each other.
    std::array<KnownRoot, 2> known_roots_{};
    std::uint64_t root_ = no_root;  ///< first word of all capabilities to the loaded PML4, if not the kernel's
    std::uint64_t fpu_ = fpu_off;   ///< address of the thread whose state the FPU holds, 0 for none; bit 0: it is off
    std::uint64_t candidate_ = 0;
    std::uint64_t context_ = 0;  ///< address of the current thread's TCB
};

/// The core that this kernel entry runs on.
[[nodiscard]] inline Core& this_core(const Phase& phase [[clang::lifetimebound]]) { return phase.state<Core>(); }

}  // namespace frame
