// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <utility>

#include <frame/asid.hpp>
#include <frame/core.hpp>
#include <frame/detail/carve_access.hpp>
#include <frame/detail/object_memory.hpp>
#include <frame/paging.hpp>
#include <frame/untyped.hpp>
#include "frame/host/arena.hpp"
#include "frame/host/mmu.hpp"
#include "kernel/api/invocation.hpp"
#include "kernel/cap/derive.hpp"
#include "kernel/cap/finalise.hpp"
#include "kernel/vspace/vspace.hpp"
#include "tests/support/test.hpp"

namespace test {

/// A small system without a boot: memory with an untyped capability over part of it, one over device memory, and a CNode
/// whose slots tests refer to by number. Acts as user programs do, through invocations, and as CNode operations do.
/// Phases pass where the kernel's would: every member function begins one.
class World {
public:
    static constexpr std::uint64_t memory_size = std::uint64_t{64} << 20;
    static constexpr std::uint64_t cnode_bits = 12;
    /// Where tests map things: the start of a page directory.
    static constexpr std::uint64_t base = 0x12'4000'0000;

    /// Numbers of slots in the CNode.
    using Index = std::uint64_t;

    World() {
        frame::host::Arena::create(memory_size);
        using frame::detail::SlotAccess;
        SlotAccess::insert_root(fixed(untyped_place), frame::detail::CarveAccess::untyped(
                                                          frame::PhysicalAddress{memory_size / 2}, 25, false, 0));
        // 4 GiB that no RAM backs: frames of any size can be made of it, and are never touched.
        SlotAccess::insert_root(fixed(device_place), frame::detail::CarveAccess::untyped(
                                                         frame::PhysicalAddress{std::uint64_t{1} << 33}, 32, true, 0));
        SlotAccess::insert_root(fixed(asid_control_place),
                                frame::detail::CapabilityFactory::make<frame::AsidControlCap>(0, 0, 0));
        const frame::PhysicalAddress start = frame::detail::take(fixed(untyped_place), cnode_bits + 5, 1);
        SlotAccess::insert_children(fixed(untyped_place), SlotAccess::pointer(fixed(cnode_place)), 1,
                                    frame::detail::make_object({abi::ObjectType::CapTable, cnode_bits}, start, false),
                                    0);
        caller_ = carve(abi::ObjectType::Tcb);
    }

    [[nodiscard]] const frame::Phase& phase() const { return phase_; }
    [[nodiscard]] frame::SlotRef slot(Index index) const {
        return frame::cnode_slot(phase_, fixed(cnode_place).capability().as<frame::CNodeCap>().value(), index);
    }
    template <class Cap>
    [[nodiscard]] Cap cap(Index index) const {
        return slot(index).capability().as<Cap>().value();
    }
    /// A slot that nothing was put into yet.
    [[nodiscard]] Index fresh_slot() { return next_slot_++; }
    /// Begins a new phase, as a new kernel entry would.
    void advance() { phase_.advance(); }

    /// Makes an object and returns the slot that holds the capability to it.
    Index carve(abi::ObjectType type, std::uint64_t user_bits = 0) {
        advance();
        return carve_from(fixed(untyped_place), type, user_bits);
    }
    Index carve_device(abi::ObjectType type, std::uint64_t user_bits = 0) {
        advance();
        return carve_from(fixed(device_place), type, user_bits);
    }
    /// The same from the untyped memory in slot `memory`, which is made whole first if nothing lives in it.
    Index carve_in(Index memory, abi::ObjectType type, std::uint64_t user_bits = 0) {
        advance();
        if (!slot(memory).has_children()) {
            while (!frame::reset_step(phase_, slot(memory))) {
            }
        }
        return carve_from(slot(memory), type, user_bits);
    }

    /// What the kernel answers to an invocation of the capability in `invoked`.
    [[nodiscard]] kernel::Outcome invoke(frame::SlotRef invoked, abi::InvocationLabel label,
                                         std::initializer_list<std::uint64_t> words,
                                         std::initializer_list<std::optional<frame::SlotRef>> caps = {}) {
        return invoke_with_length(invoked, abi::number(label), words, words.size(), caps);
    }
    [[nodiscard]] kernel::Outcome invoke(Index invoked, abi::InvocationLabel label,
                                         std::initializer_list<std::uint64_t> words,
                                         std::initializer_list<Index> caps = {}) {
        kernel::ExtraCaps extra{};
        std::size_t count = 0;
        for (const Index index : caps) {
            extra.at(count++) = slot(index);
        }
        return perform(slot(invoked), abi::number(label), words, words.size(), extra);
    }
    /// The same with a label and length that need not fit.
    [[nodiscard]] kernel::Outcome invoke_with_length(frame::SlotRef invoked, std::uint64_t label,
                                                     std::initializer_list<std::uint64_t> words, std::uint64_t length,
                                                     std::initializer_list<std::optional<frame::SlotRef>> caps) {
        kernel::ExtraCaps extra{};
        std::size_t count = 0;
        for (const std::optional<frame::SlotRef>& cap : caps) {
            if (cap) {
                extra.at(count) = *cap;
            }
            ++count;
        }
        return perform(invoked, label, words, length, extra);
    }
    /// Result word `index` of the last invocation: a message register of the caller.
    [[nodiscard]] std::uint64_t result(std::size_t index) {
        return caller()->block.context.get(message_register(index));
    }

    /// CNode Copy to a fresh slot, or the error that it answers.
    [[nodiscard]] std::expected<Index, kernel::SyscallError> copy(Index source) {
        advance();
        const kernel::Result<frame::Capability> derived =
            kernel::derive_capability(slot(source), slot(source).capability());
        if (!derived) {
            return std::unexpected{derived.error()};
        }
        const Index to = fresh_slot();
        slot(to).insert_copy(slot(source), *derived);
        return to;
    }
    /// CNode Delete, of a capability without slots of its own.
    void erase(Index index) {
        advance();
        kernel::delete_simple(phase_, slot(index));
        advance();
    }

    /// An ASID pool, made by MakePool out of 4 KiB of its own.
    [[nodiscard]] Index make_pool() {
        const Index memory = carve(abi::ObjectType::Untyped, abi::size_bits::asid_pool);
        const Index pool = fresh_slot();
        CHECK(invoke(asid_control(), abi::InvocationLabel::X86ASIDControlMakePool, {pool, cnode_bits},
                     {slot(memory), cnode()})
                  .has_value());
        return pool;
    }
    /// A PML4 with an ASID.
    [[nodiscard]] Index make_root(Index pool) {
        const Index root = carve(abi::ObjectType::Pml4);
        CHECK(invoke(pool, abi::InvocationLabel::X86ASIDPoolAssign, {}, {root}).has_value());
        return root;
    }
    /// Makes a table of the kind that `type` and `map` name, and maps it where `address` needs it.
    Index make_table(Index root, std::uint64_t address, abi::ObjectType type, abi::InvocationLabel map) {
        const Index table = carve(type);
        CHECK(invoke(table, map, {address, 0}, {root}).has_value());
        return table;
    }
    Index make_pdpt(Index root, std::uint64_t address) {
        return make_table(root, address, abi::ObjectType::Pdpt, abi::InvocationLabel::X86PDPTMap);
    }
    Index make_page_directory(Index root, std::uint64_t address) {
        return make_table(root, address, abi::ObjectType::PageDirectory, abi::InvocationLabel::X86PageDirectoryMap);
    }
    Index make_page_table(Index root, std::uint64_t address) {
        return make_table(root, address, abi::ObjectType::PageTable, abi::InvocationLabel::X86PageTableMap);
    }
    /// Page Map with all rights and ordinary caching.
    [[nodiscard]] kernel::Outcome map_page(Index page, Index root, std::uint64_t address,
                                           std::uint64_t rights = all_rights, std::uint64_t attributes = 0) {
        return invoke(page, abi::InvocationLabel::X86PageMap, {address, rights, attributes}, {root});
    }
    /// Loads a root's address space into the core.
    void load(Index root) {
        advance();
        frame::check(frame::this_core(phase_).load_root(phase_, cap<frame::Pml4Cap>(root)),
                     "the root has no address space");
    }
    static constexpr std::uint64_t all_rights = abi::cap_rights::make(1, 1, 1, 1);
    static constexpr std::uint64_t read_only = abi::cap_rights::make(0, 0, 1, 0);

    [[nodiscard]] frame::SlotRef untyped() const { return fixed(untyped_place); }
    [[nodiscard]] frame::SlotRef cnode() const { return fixed(cnode_place); }
    [[nodiscard]] frame::SlotRef asid_control() const { return fixed(asid_control_place); }

private:
    static constexpr std::size_t untyped_place = 0;
    static constexpr std::size_t device_place = 1;
    static constexpr std::size_t asid_control_place = 2;
    static constexpr std::size_t cnode_place = 3;
    struct FixedSlots {
        constexpr explicit FixedSlots(const frame::Birth& birth) : slots{birth} {}
        frame::SlotArray<4> slots;
    };

    [[nodiscard]] frame::SlotRef fixed(std::size_t place) const {
        return phase_.state<FixedSlots>().slots.at(phase_, place);
    }
    [[nodiscard]] frame::Ref<kernel::Tcb> caller() { return cap<frame::ThreadCap>(caller_).tcb(phase_); }
    [[nodiscard]] static frame::Register message_register(std::size_t index) {
        constexpr std::array registers{frame::Register::r10, frame::Register::r8, frame::Register::r9,
                                       frame::Register::r15};
        return registers.at(index);
    }

    Index carve_from(frame::SlotRef untyped, abi::ObjectType type, std::uint64_t user_bits) {
        const Index index = fresh_slot();
        const frame::SlotRange destination =
            frame::SlotRange::in(phase_, fixed(cnode_place).capability().as<frame::CNodeCap>().value(), index, 1)
                .value();
        frame::carve(frame::detail::PhaseFactory::make<frame::Phase>(), untyped, frame::Carving{type, user_bits},
                     destination, [](const frame::Phase&, frame::Ref<kernel::Tcb>) {});
        advance();
        return index;
    }

    [[nodiscard]] kernel::Outcome perform(frame::SlotRef invoked, std::uint64_t label,
                                          std::initializer_list<std::uint64_t> words, std::uint64_t length,
                                          const kernel::ExtraCaps& extra) {
        std::size_t index = 0;
        for (const std::uint64_t word : words) {
            caller()->block.context.set(message_register(index++), word);
        }
        const kernel::Invocation invocation{
            caller(), invoked, abi::message_info::make(label, 0, 0, length), extra, std::nullopt, true, true};
        // The invocation's references belong to this phase, which the kernel gets and may end.
        frame::Phase phase = frame::detail::PhaseFactory::make<frame::Phase>();
        kernel::Outcome outcome = kernel::invoke_paging_capability(std::move(phase), invocation);
        advance();
        return outcome;
    }

    frame::Phase phase_ = frame::detail::PhaseFactory::make<frame::Phase>();
    Index next_slot_ = 1;
    Index caller_ = 0;
};

}  // namespace test
