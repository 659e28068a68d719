// SPDX-License-Identifier: GPL-2.0-only
//
// Address spaces under random sequences of invocations.
#include <algorithm>
#include <random>

#include "tests/unit/loaded_space.hpp"

namespace {

using frame::UserAddress;
using frame::host::Mmu;
using Label = abi::InvocationLabel;
using test::check_tlb;
using test::World;
using Space = test::LoadedSpace;
using Index = Space::Index;

constexpr std::uint64_t base = Space::base;

/// Random sequences over a few frames, tables and address spaces. After each step: the processor remembers nothing stale,
/// and each page that an address space maps is named by a mapped capability in a live slot.
TEST("random sequences keep every mapped page named by a capability") {
    test::for_seeds(1, 6, [](unsigned seed) {
        std::mt19937 random{seed};
        static Space* const space_memory = new Space;
        Space& space = *space_memory;
        static std::vector<Index> pages;
        static std::vector<Index> tables{space.table};
        static std::vector<Index> roots{space.root};
        const auto pick = [&](const std::vector<Index>& from) { return from.at(random() % from.size()); };
        const auto random_address = [&] {
            return base + (random() % 2) * (std::uint64_t{1} << 21) + (random() % 4) * 0x1000;
        };
        if (pages.empty()) {
            const Index other = space.make_root(space.pool);
            (void)space.make_pdpt(other, base);
            (void)space.make_page_directory(other, base);
            tables.push_back(space.make_page_table(other, base));
            tables.push_back(space.carve(abi::ObjectType::PageTable));
            roots.push_back(other);
            for (int count = 0; count < 4; ++count) {
                pages.push_back(space.make_page());
            }
        }
        for (int step = 0; step < 150; ++step) {
            switch (random() % 8) {
            case 0:
            case 1:
                (void)space.map_page(pick(pages), pick(roots), random_address(),
                                     random() % 2 == 0 ? World::all_rights : World::read_only);
                break;
            case 2:
                (void)space.invoke(pick(pages), Label::X86PageUnmap, {});
                break;
            case 3:
                (void)space.invoke(pick(tables), Label::X86PageTableMap, {random_address(), 0}, {pick(roots)});
                break;
            case 4:
                (void)space.invoke(pick(tables), Label::X86PageTableUnmap, {});
                break;
            case 5:
                if (const auto copy = space.copy(pick(pages)); copy && pages.size() < 40) {
                    pages.push_back(*copy);
                }
                break;
            case 6:
                if (pages.size() > 4) {
                    const std::size_t victim = random() % pages.size();
                    space.erase(pages.at(victim));
                    pages.erase(pages.begin() + static_cast<std::ptrdiff_t>(victim));
                    if (pages.size() < 5) {
                        pages.push_back(space.make_page());
                    }
                }
                break;
            default:
                space.load(pick(roots));
                break;
            }
            for (int access = 0; access < 4; ++access) {
                (void)Mmu::instance().access(UserAddress{random_address()}, random() % 2 == 0);
            }
            check_tlb();
            space.advance();
            for (const Index root : roots) {
                const auto vspace = frame::VSpace::of(space.phase(), space.cap<frame::Pml4Cap>(root).asid()).value();
                for (std::uint64_t part = 0; part < 2; ++part) {
                    for (std::uint64_t page = 0; page < 4; ++page) {
                        const UserAddress address{base + part * (std::uint64_t{1} << 21) + page * 0x1000};
                        const std::optional<frame::Translation> now = frame::translate(vspace, address);
                        const bool is_named = std::ranges::any_of(pages, [&](Index index) {
                            const frame::FrameCap cap = space.cap<frame::FrameCap>(index);
                            return cap.is_mapped() && cap.mapping() == frame::Mapping{vspace.asid(), address} &&
                                   now.has_value() && cap.start() == now->physical;
                        });
                        CHECK(!now.has_value() || is_named);
                    }
                }
            }
        }
    });
}

}  // namespace
