// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include <frame/cap/control.hpp>
#include <frame/cap/ipc.hpp>
#include <frame/cap/kernel_objects.hpp>
#include <frame/cap/vspace.hpp>
#include <frame/capability.hpp>
#include <frame/detail/window.hpp>

namespace frame {

class SlotRef;
class SlotLocation;
namespace detail {
struct SlotAccess;
/// How often memory changed its type.
inline constinit std::uint64_t carvings = 0;
/// The parts of a slot's word about the next one: slots are aligned, so their addresses leave room for the marks.
using RevocableBit = Field<0, 1>;
using FirstBadgedBit = Field<1, 1>;
inline constexpr std::uint64_t slot_mark_mask = RevocableBit::mask | FirstBadgedBit::mask;
[[nodiscard]] constexpr std::uint64_t slot_link(std::uint64_t word) { return word & ~slot_mark_mask; }
[[nodiscard]] constexpr std::uint64_t slot_marks(std::uint64_t word) { return word & slot_mark_mask; }
/// How often a capability went from a slot, which may have made another one the last. Not that of a server's reply, with
/// which nothing dies.
inline constinit std::uint64_t removals = 0;
}  // namespace detail

/// Memory for one capability: two words of capability, two of derivation links. All-zero is an empty slot. Slots live
/// only in CNodes, TCBs and kernel state; they are reached through `SlotRef`.
///
/// ```
///   word 0, 1   the capability (capability.hpp)
///   word 2      next slot in derivation order; bit 0: revocable, bit 1: first badged
///   word 3      previous slot in derivation order
/// ```
class Slot {
public:
    constexpr explicit Slot(const Birth&) {}
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

private:
    friend struct detail::SlotAccess;
    std::uint64_t first_ = 0;
    std::uint64_t second_ = 0;
    std::uint64_t next_ = 0;
    std::uint64_t previous_ = 0;
};
static_assert(sizeof(Slot) == power_of_two(abi::size_bits::slot));

/// What a slot said about being the last to hold a capability to its object, and when: it counts as long as no capability
/// went anywhere, and is found out anew otherwise.
class [[gsl::Pointer]] Finality {
public:
    [[nodiscard]] bool is_final() const { return (said_ & 1) != 0; }

private:
    friend class SlotRef;
    Finality(const Slot* slot, bool is_final) : slot_{slot}, said_{now() | (is_final ? 1U : 0U)} {}
    [[nodiscard]] static std::uint64_t now() { return detail::removals << 1; }
    [[nodiscard]] bool still_counts_for(const Slot* slot) const { return slot_ == slot && (said_ | 1) == (now() | 1); }

    const Slot* slot_;
    std::uint64_t said_;  ///< bit 0: it is the last; above: how many capabilities had gone
};

/// A reference to a slot in a live object, valid within one phase.
///
/// The derivation tree is kept as one doubly linked list in pre-order: children lie contiguous after their parent, and
/// whether a slot is the child of another follows from both capabilities (`derives`). Because only these functions write
/// slots, the list, the capabilities and the untyped watermarks always agree.
class [[gsl::Pointer]] SlotRef {
public:
    [[nodiscard]] Capability capability() const;
    [[nodiscard]] bool is_empty() const;
    /// The slot's place, to find it again in a later phase of the same kernel entry.
    [[nodiscard]] SlotLocation location() const;

    /// Whether no other slot holds a capability to the same object (seL4 manual, 3.1.5).
    [[nodiscard]] bool is_final() const;
    /// The same, to be passed on to `clear`, so that it need not find out again.
    [[nodiscard]] Finality finality() const;
    /// Whether any capability was derived from this one and still exists.
    [[nodiscard]] bool has_children() const;
    /// The first capability derived from this one.
    [[nodiscard]] std::optional<SlotRef> first_child() const;
    [[nodiscard]] bool is_revocable() const;

    /// Puts `derived` into this empty slot as a copy, or badged child, of what `source` holds. A copy of an untyped
    /// capability marks the source as full: its memory now belongs to the copy. A copy of a frame capability is mapped
    /// nowhere, one of a table capability where the table is.
    void insert_copy(SlotRef source, const Capability& derived) const;
    /// Puts the capability that replies to the thread of `master`, which is what the thread's slot for it holds, into this
    /// empty slot.
    void insert_reply(SlotRef master, bool grant) const;
    /// Empties this slot, which holds a capability that `insert_reply` made.
    void clear_reply() const;
    /// Moves what `source` holds here, as `moved` (the same authority and mapping, perhaps another guard or badge).
    void move_from(SlotRef source, const Capability& moved) const;
    /// Exchanges two slots' capabilities and places in the tree. `mine` and `theirs` are the capabilities that end up
    /// in the *other* slot.
    void swap_with(SlotRef other, const Capability& mine, const Capability& theirs) const;

    /// Empties the slot. If this was the last capability to its object, the object must have been detached from
    /// everything else: the frame checks its list of links, and that a mapped thing is mapped no more.
    void clear() const;
    /// The same, for what `finality` said of this slot before; says whether it was the last.
    [[nodiscard]] bool clear_was_last(Finality finality) const;
    /// Turns the last capability to a CNode or TCB into a zombie.
    void become_zombie() const;
    /// Notes that the last remaining slot of this zombie is empty now.
    void shrink_zombie() const;

    friend bool operator==(SlotRef a, SlotRef b) { return a.slot_ == b.slot_; }

private:
    friend struct detail::SlotAccess;
    explicit SlotRef(Slot* slot) : slot_{slot}, epoch_{Epoch::now()}, identity_{detail::Identity::at(slot)} {}
    void insert_pool(SlotRef parent, const AsidPoolCap& pool) const;
    void insert_root(const Capability& root) const;
    [[nodiscard]] Slot& slot() const;

    Slot* slot_;
    [[no_unique_address]] Epoch epoch_;
    [[no_unique_address]] detail::Identity identity_;
};

/// A slot or none, in one word where `std::optional` takes two.
class [[gsl::Pointer]] MaybeSlot {
public:
    MaybeSlot() = default;
    explicit(false) MaybeSlot(SlotRef slot [[clang::lifetimebound]]);
    explicit(false) MaybeSlot(const std::optional<SlotRef>& slot [[clang::lifetimebound]])
        : MaybeSlot{slot ? MaybeSlot{*slot} : MaybeSlot{}} {}
    [[nodiscard]] std::optional<SlotRef> get() const;

private:
#ifdef FRAME_CHECKED
    std::optional<SlotRef> slot_{};
#else
    Slot* slot_ = nullptr;
#endif
};

/// Where a slot is, across the phases of one kernel entry. Memory changes its type only by carving, after which older
/// places are refused, so the place stays a slot; whether its object still lives shows in its contents, because an object
/// dies only with all its slots empty.
class [[gsl::Pointer]] SlotLocation {
public:
    /// The slot, if it holds a capability: then the object around it is alive.
    [[nodiscard]] std::optional<SlotRef> occupied(const Phase& phase [[clang::lifetimebound]]) const;
    friend bool operator==(SlotLocation a, SlotLocation b) { return a.slot_ == b.slot_; }

private:
    friend struct detail::SlotAccess;
    explicit SlotLocation(Slot* slot) : slot_{slot}, identity_{detail::Identity::at(slot)} {}
    Slot* slot_;
    [[no_unique_address]] detail::Identity identity_;
    std::uint64_t carvings_ = detail::carvings;
};

/// A fixed number of slots inside a kernel object or kernel state.
template <std::size_t count>
class SlotArray {
public:
    constexpr explicit SlotArray(const Birth& birth) : SlotArray{birth, std::make_index_sequence<count>{}} {}
    /// Slot `index` of the object that holds this array; stops the kernel if there is none.
    [[nodiscard]] SlotRef at(const Phase& phase [[clang::lifetimebound]], std::size_t index);
    [[nodiscard]] static constexpr std::size_t size() { return count; }

private:
    template <std::size_t... index>
    constexpr SlotArray(const Birth& birth, std::index_sequence<index...>) : slots_{((void)index, Slot{birth})...} {}
    std::array<Slot, count> slots_;
};

namespace detail {
/// What of two capabilities of one kind has to agree if they name the same object.
enum class ToldBy : std::uint8_t {
    nothing,  ///< they name no object that could be the same
    kind,     ///< nothing else: there is one object of the kind
    address,  ///< the address that they hold
    content   ///< more than an address; derivation.cpp compares it
};
[[nodiscard]] constexpr ToldBy told_by(abi::CapabilityTag tag) {
    switch (tag) {
    case abi::CapabilityTag::IrqControl:
    case abi::CapabilityTag::Domain:
    case abi::CapabilityTag::AsidControl:
    case abi::CapabilityTag::IoPortControl:
        return ToldBy::kind;
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
        return ToldBy::address;
    case abi::CapabilityTag::Untyped:
    case abi::CapabilityTag::CNode:
    case abi::CapabilityTag::Frame:
    case abi::CapabilityTag::IrqHandler:
    case abi::CapabilityTag::IoPort:
        return ToldBy::content;
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
        return ToldBy::nothing;
    }
    return ToldBy::nothing;
}
/// The kinds that are told so, in one word: bit n for tag n.
[[nodiscard]] consteval std::uint64_t kinds_told_by(ToldBy what) {
    std::uint64_t kinds = 0;
    for (std::uint64_t tag = 0; tag <= TagField::max; ++tag) {
        kinds |= std::uint64_t{told_by(static_cast<abi::CapabilityTag>(tag)) == what} << tag;
    }
    return kinds;
}
template <ToldBy what>
[[nodiscard]] bool is_told_by(const Capability& cap) {
    constexpr std::uint64_t kinds = kinds_told_by(what);
    return ((kinds >> TagField::get(CapabilityFactory::first(cap))) & 1) != 0;
}
[[nodiscard]] inline bool agree_in_kind_and_address(const Capability& a, const Capability& b) {
    return ((CapabilityFactory::first(a) ^ CapabilityFactory::first(b)) & (TagField::mask | AddressField::mask)) == 0;
}
/// `same_region` for capabilities whose address does not tell.
[[nodiscard]] bool encloses(const Capability& parent, const Capability& child);
/// `same_object` for two of one kind, with the same address, whose address does not tell.
[[nodiscard]] bool names_same_object(const Capability& a, const Capability& b);
}  // namespace detail
/// Is what `child` names part of what `parent` names, so that it may have been derived from it?
[[nodiscard]] inline bool same_region(const Capability& parent, const Capability& child) {
    if (detail::is_told_by<detail::ToldBy::address>(parent)) {
        return detail::agree_in_kind_and_address(parent, child);
    }
    return detail::encloses(parent, child);
}
/// Do two capabilities name the same object?
[[nodiscard]] inline bool same_object(const Capability& a, const Capability& b) {
    // Neighbours in the derivation tree mostly differ in kind or address: then nothing else counts.
    return detail::agree_in_kind_and_address(a, b) &&
           (detail::is_told_by<detail::ToldBy::address>(a) || detail::names_same_object(a, b));
}
/// Whether `derived` may later be revoked apart from `source`: badged, carved or otherwise narrowed.
[[nodiscard]] bool starts_revocable(const Capability& derived, const Capability& source);

/// The slot `index` of a CNode, by a capability to it; `index` is below `cap.slots()`.
[[nodiscard]] SlotRef cnode_slot(const Phase& phase [[clang::lifetimebound]], const CNodeCap& cap, std::uint64_t index);
/// The slot that a whole address leads to in a CNode, `root`, for which CNodeCap::is_whole_space holds; nothing if the
/// guard refuses it.
[[nodiscard]] inline std::optional<SlotRef> slot_in_whole_space(const Phase& phase [[clang::lifetimebound]],
                                                                const Capability& root, std::uint64_t address);
/// The slot of a CNode that `part` of an address leads to, as many bits of it as the CNode resolves; nothing if the guard
/// refuses it.
[[nodiscard]] inline std::optional<SlotRef> slot_behind_guard(const Phase& phase [[clang::lifetimebound]],
                                                              const CNodeCap& cap, std::uint64_t part);
/// The slot `index` of the CNode or TCB that a zombie holds; `index` is below `zombie.remaining()`.
[[nodiscard]] SlotRef zombie_slot(const Phase& phase [[clang::lifetimebound]], const ZombieCap& zombie,
                                  std::uint64_t index);

namespace detail {
/// The frame's own door to slots.
struct SlotAccess {
    static SlotRef ref(Slot& slot) { return SlotRef{&slot}; }
    static Slot* pointer(SlotRef ref) { return ref.slot_; }
    static Slot* pointer(SlotLocation location) { return location.slot_; }
    /// The slot that never holds a capability and that the list of all of them begins with (inventory.hpp).
    static Slot& anchor();
    static std::uint64_t& first(Slot& slot) { return slot.first_; }
    static std::uint64_t& second(Slot& slot) { return slot.second_; }
    /// Changes what a slot notes about its capability: a mapping, or a watermark.
    static void set_second(SlotRef ref, std::uint64_t word) { ref.slot().second_ = word; }
    static std::uint64_t& next(Slot& slot) { return slot.next_; }
    static std::uint64_t& previous(Slot& slot) { return slot.previous_; }
    static SlotLocation location(Slot* slot) { return SlotLocation{slot}; }
    /// Puts `count` capabilities into as many empty neighbouring slots, directly below `parent`, each as the owner of
    /// memory of its own: `first`, and others to what follows it in memory every `stride` bytes.
    static void insert_children(SlotRef parent, Slot* slots, std::uint64_t count, const Capability& first,
                                std::uint64_t stride);
    /// Puts the capability to an ASID pool into the empty `slot` directly below `parent`, whose memory it is made of.
    static void insert_pool(SlotRef slot, SlotRef parent, const AsidPoolCap& pool) { slot.insert_pool(parent, pool); }
    /// Puts the first capability to something into the empty `slot`.
    static void insert_root(SlotRef slot, const Capability& root) { slot.insert_root(root); }
    /// Slot `index` of a CNode, which the caller says it has.
    static Slot* slot_of(const CNodeCap& cap, std::uint64_t index) {
        // SAFETY: a CNode capability vouches for `1 << radix` slots from its address on; callers bound the index.
        return object_at<Slot>(kernel_address_in(CapabilityFactory::first(cap)) + (index << abi::size_bits::slot));
    }
    static ReplyCap reply_master(Ref<kernel::Tcb> caller) { return ReplyCap::master_of(caller); }
    static std::uint64_t zombie_offset(const ZombieCap& cap) { return cap.offset(); }
    template <class Kind>
    static ZombieCap zombie_of(const Kind& cap) {
        return ZombieCap::of(cap);
    }
    static ZombieCap shrunk(const ZombieCap& zombie) { return zombie.shrunk(); }
};
}  // namespace detail

std::optional<SlotRef> slot_in_whole_space(const Phase& phase, const Capability& root, std::uint64_t address) {
    check(CNodeCap::is_whole_space(root), "a whole address was looked up in something else than a whole space");
    return slot_behind_guard(phase, detail::CapabilityFactory::as<CNodeCap>(root), address);
}

std::optional<SlotRef> slot_behind_guard(const Phase& phase, const CNodeCap& cap, std::uint64_t part) {
    (void)phase;
    // What is left without the guard: an index, if the guard was right.
    const std::uint64_t index = part ^ cap.prefix();
    if ((index >> cap.radix()) != 0) {
        return std::nullopt;
    }
    // What is not zero above the radix went out above.
    return detail::SlotAccess::ref(*detail::SlotAccess::slot_of(cap, index));
}

#ifdef FRAME_CHECKED
inline MaybeSlot::MaybeSlot(SlotRef slot) : slot_{slot} {}
inline std::optional<SlotRef> MaybeSlot::get() const { return slot_; }
#else
inline MaybeSlot::MaybeSlot(SlotRef slot) : slot_{detail::SlotAccess::pointer(slot)} {}
inline std::optional<SlotRef> MaybeSlot::get() const {
    return slot_ == nullptr ? std::nullopt : std::optional{detail::SlotAccess::ref(*slot_)};
}
#endif

template <std::size_t count>
SlotRef SlotArray<count>::at(const Phase& phase, std::size_t index) {
    (void)phase;
    check(index < count, "slot index beyond the object's slots");
    return detail::SlotAccess::ref(slots_[index]);
}

}  // namespace frame
