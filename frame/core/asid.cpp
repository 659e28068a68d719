// SPDX-License-Identifier: GPL-2.0-only
#include <frame/asid.hpp>

#include <frame/core.hpp>
#include <frame/detail/backend_mmu.hpp>
#include <frame/detail/core_access.hpp>
#include <frame/detail/object_memory.hpp>
#include <frame/untyped.hpp>

namespace frame {

namespace detail {

/// The way from an ASID to its root.
struct AsidAccess {
    static std::uint64_t number(Asid asid) { return static_cast<std::uint64_t>(asid); }
    static Asid asid(std::uint64_t number) { return Asid{static_cast<std::uint16_t>(number)}; }

    static std::uint64_t& pool_word(Asid asid) {
        AsidTable& table = StateStorage<AsidTable>::value;
        const std::uint64_t index = number(asid) / asids_per_pool;
        check(index < table.pools_.size(), "an ASID beyond the table");
        return table.pools_[index];
    }
    static std::uint64_t& root_word(AsidPool& pool, Asid asid) { return pool.roots_[number(asid) % asids_per_pool]; }

    /// The place of the first root that is none, from `first` on.
    static std::optional<std::uint64_t> first_free_index(const AsidPool& pool, std::uint64_t first) {
        for (std::uint64_t index = first; index < asids_per_pool; ++index) {
            if (pool.roots_[index] == 0) {
                return index;
            }
        }
        return std::nullopt;
    }

    static Ref<AsidPool> pool_of(std::uint64_t word) {
        // SAFETY: the table holds offsets of live pools: a pool leaves it before it dies.
        return RefFactory::from_offset<AsidPool>(linked_offset(word));
    }
    static Ref<Pml4> root_of(std::uint64_t word) {
        // SAFETY: pools in the table hold offsets of live roots: a root leaves its pool before it dies, or the pool left
        // the table before.
        return RefFactory::from_offset<Pml4>(linked_offset(word));
    }
    static VSpace vspace(Asid asid, Ref<Pml4> root) { return VSpace{asid, root}; }
};

}  // namespace detail

namespace {

using detail::AsidAccess;
using detail::RefFactory;

/// No core translates through the root, or would without asking for its ASID, any more.
void unload(Ref<Pml4> root) {
    Core& core = detail::CoreAccess::this_core();
    detail::CoreAccess::forget_known_roots(core);
    if (detail::CoreAccess::root_offset(core) == RefFactory::offset(root)) {
        core.load_kernel_root();
    }
}

}  // namespace

std::optional<VSpace> VSpace::of(const Phase& phase, Asid asid) {
    (void)phase;
    const std::uint64_t pool = AsidAccess::pool_word(asid);
    if (pool == 0) {
        return std::nullopt;
    }
    const std::uint64_t root = AsidAccess::root_word(*AsidAccess::pool_of(pool), asid);
    if (root == 0) {
        return std::nullopt;
    }
    return AsidAccess::vspace(asid, AsidAccess::root_of(root));
}

[[gnu::noinline]] bool Core::load_unknown_root(const Phase& phase, Capability root) {
    const std::optional<Pml4Cap> cap = root.as<Pml4Cap>();
    if (!cap) {
        return false;
    }
    if (has_loaded(root)) {
        return true;  // a root has one ASID in its life, and is unloaded when that ends
    }
    // The capability may have outlived its ASID, and the ASID may name another root by now.
    const std::optional<VSpace> vspace = VSpace::of(phase, cap->asid());
    if (!vspace || vspace->root() != cap->table(phase)) {
        return false;
    }
    KnownRoot& known = known_roots_[oldest_known_root_];
    known = {.first = detail::CapabilityFactory::first(root), .word = backend::root_word(cap->start(), cap->asid())};
    oldest_known_root_ = 1 - oldest_known_root_;
    load_named_root(known);
    return true;
}

std::optional<Asid> first_free_pool(const Phase& phase) {
    (void)phase;
    for (std::uint64_t base = 0; base < asid_pool_count * asids_per_pool; base += asids_per_pool) {
        if (AsidAccess::pool_word(AsidAccess::asid(base)) == 0) {
            return AsidAccess::asid(base);
        }
    }
    return std::nullopt;
}

std::optional<Ref<AsidPool>> pool_at(const Phase& phase, Asid base) {
    (void)phase;
    const std::uint64_t pool = AsidAccess::pool_word(base);
    if (pool == 0) {
        return std::nullopt;
    }
    return AsidAccess::pool_of(pool);
}

std::optional<Asid> first_free_asid(const Phase& phase, const AsidPoolCap& pool) {
    const std::uint64_t base = AsidAccess::number(pool.base());
    const std::uint64_t first = base == AsidAccess::number(no_asid) ? 1 : 0;
    const std::optional<std::uint64_t> index = AsidAccess::first_free_index(*pool.pool(phase), first);
    return index ? std::optional{AsidAccess::asid(base + *index)} : std::nullopt;
}

void make_asid_pool(Phase&& phase, SlotRef untyped, SlotRef destination, Asid base) {
    const UntypedCap cap = untyped.capability().as<UntypedCap>().value();
    check(cap.size_bits() == AsidPool::size_bits && !cap.is_device(), "an ASID pool made of unsuitable memory");
    while (!reset_step(phase, untyped)) {
        // A page at most, so this ends after its one or two chunks.
    }
    const PhysicalAddress start = detail::take(untyped, AsidPool::size_bits, 1);
    detail::SlotAccess::insert_pool(destination, untyped, detail::make_pool_object(start.value(), base));
    ++detail::carvings;
    Epoch::advance();
}

void assign_asid(const Phase& phase, SlotRef root, const AsidPoolCap& pool, Asid asid) {
    const Pml4Cap cap = root.capability().as<Pml4Cap>().value();
    check(cap.asid() == no_asid && asid != no_asid, "an ASID assigned to a root that has one");
    check(AsidAccess::number(asid) / asids_per_pool * asids_per_pool == AsidAccess::number(pool.base()) &&
              pool_at(phase, pool.base()) == pool.pool(phase),
          "an ASID assigned from another pool");
    std::uint64_t& word = AsidAccess::root_word(*pool.pool(phase), asid);
    check(word == 0, "an ASID assigned twice");
    word = detail::link_to_offset(RefFactory::offset(cap.table(phase)));
    detail::SlotAccess::set_second(root, detail::mapping_word(Mapping{asid, UserAddress{}}));
}

TlbDebt release_asid(const Phase& phase, SlotRef root) {
    const Pml4Cap cap = root.capability().as<Pml4Cap>().value();
    const Ref<Pml4> table = cap.table(phase);
    const std::optional<VSpace> vspace = VSpace::of(phase, cap.asid());
    if (!vspace || vspace->root() != table) {
        return TlbDebt{};
    }
    unload(table);
    AsidAccess::root_word(*AsidAccess::pool_of(AsidAccess::pool_word(cap.asid())), cap.asid()) = 0;
    return detail::TlbAccess::address_space(cap.asid());
}

void release_asid_pool(const Phase& phase, SlotRef pool) {
    const AsidPoolCap cap = pool.capability().as<AsidPoolCap>().value();
    if (pool_at(phase, cap.base()) != cap.pool(phase)) {
        return;
    }
    const std::uint64_t base = AsidAccess::number(cap.base());
    for (std::uint64_t number = base; number < base + asids_per_pool; ++number) {
        if (const std::optional<VSpace> vspace = VSpace::of(phase, AsidAccess::asid(number))) {
            unload(vspace->root());
            detail::TlbAccess::address_space(vspace->asid()).pay();
        }
    }
    AsidAccess::pool_word(cap.base()) = 0;
}

namespace detail {

bool pml4_is_attached(const Pml4Cap& cap) {
    const std::uint64_t root = CapabilityFactory::address(cap);
    const Core& core = CoreAccess::this_core();
    if (CoreAccess::root_offset(core) == root || CoreAccess::knows_root(core, root)) {
        return true;
    }
    const std::uint64_t pool = AsidAccess::pool_word(cap.asid());
    return pool != 0 && cap.asid() != no_asid &&
           link_place(AsidAccess::root_word(*AsidAccess::pool_of(pool), cap.asid())) == root;
}

bool asid_pool_is_attached(const AsidPoolCap& cap) {
    return link_place(AsidAccess::pool_word(cap.base())) == CapabilityFactory::address(cap);
}

AsidPoolCap make_pool_object(std::uint64_t offset, Asid base) {
    std::uint64_t& word = AsidAccess::pool_word(base);
    check(AsidAccess::number(base) % asids_per_pool == 0 && word == 0, "an ASID pool entered where one is");
#ifdef FRAME_CHECKED
    shadow_make(offset, power_of_two(AsidPool::size_bits), &type_tag<AsidPool>);
#endif
    word = link_to_offset(offset);
    return CapabilityFactory::make<AsidPoolCap>(offset, 0, AsidAccess::number(base));
}

}  // namespace detail

}  // namespace frame
