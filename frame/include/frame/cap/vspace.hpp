// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/address.hpp>
#include <frame/capability.hpp>

namespace frame {

class Pml4;
class Pdpt;
class PageDirectory;
class PageTable;
class AsidPool;
namespace detail {
struct CarveAccess;
}

/// The name of an address space; 0 is none.
enum class Asid : std::uint16_t {};
inline constexpr Asid no_asid{0};

/// How a frame may be mapped, each value allowing what smaller ones do (seL4 manual, 7.1.4).
enum class VmRights : std::uint8_t {
    kernel_only = 1,
    read_only = 2,
    read_write = 3,
};

/// Where a mapped thing is: which address space and which address in it.
struct Mapping {
    Asid asid = no_asid;
    UserAddress address{};
    friend constexpr bool operator==(Mapping, Mapping) = default;
};

namespace detail {
/// Second word of capabilities that can be mapped.
using MappedAddress = Field<0, 48>;
using MappedAsid = Field<48, 16>;
[[nodiscard]] inline Mapping mapping_from(std::uint64_t word) {
    return Mapping{Asid{static_cast<std::uint16_t>(MappedAsid::get(word))}, UserAddress{MappedAddress::get(word)}};
}
[[nodiscard]] inline std::uint64_t mapping_word(Mapping mapping) {
    return MappedAddress::make(mapping.address.value()) | MappedAsid::make(static_cast<std::uint64_t>(mapping.asid));
}
}  // namespace detail

/// The three sizes of an x86_64 page.
enum class PageSize : std::uint8_t { small = 0, large = 1, huge = 2 };

/// log2 of its bytes: each size is 512 of the next smaller one.
[[nodiscard]] constexpr std::uint64_t page_bits(PageSize size) { return 12 + 9 * static_cast<std::uint64_t>(size); }
static_assert(page_bits(PageSize::small) == 12 && page_bits(PageSize::large) == 21 && page_bits(PageSize::huge) == 30);

/// A capability to a frame of physical memory, and where it is mapped.
class FrameCap final : public CapabilityOf<FrameCap, abi::CapabilityTag::Frame> {
    using Size = Field<5, 2>;
    using RightsBits = Field<7, 2>;
    using Device = Field<9, 1>;
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;

public:
    [[nodiscard]] PhysicalAddress start() const { return PhysicalAddress{address_bits()}; }
    [[nodiscard]] PageSize size() const {
        // SAFETY: only `make` fills this field, from an enumerator.
        return static_cast<PageSize>(first<Size>());
    }
    [[nodiscard]] std::uint64_t size_bits() const { return page_bits(size()); }
    [[nodiscard]] PhysicalRange range() const {
        return PhysicalRange{start(), start().plus(power_of_two(size_bits()))};
    }
    [[nodiscard]] VmRights rights() const {
        // SAFETY: only `make` and `restricted_to` fill this field, from an enumerator.
        return static_cast<VmRights>(first<RightsBits>());
    }
    [[nodiscard]] bool is_device() const { return first<Device>() != 0; }
    [[nodiscard]] bool is_mapped() const { return detail::MappedAsid::get(second_word()) != 0; }
    [[nodiscard]] Mapping mapping() const { return detail::mapping_from(second_word()); }
    /// Whether a capability is one to 4 KiB of RAM with all rights, as IPC buffers mostly are.
    [[nodiscard]] static bool is_small_writable_ram(const Capability& cap) {
        constexpr std::uint64_t word = detail::TagField::make(static_cast<std::uint64_t>(kind)) |
                                       RightsBits::make(static_cast<std::uint64_t>(VmRights::read_write)) |
                                       Size::make(static_cast<std::uint64_t>(PageSize::small));
        return (detail::CapabilityFactory::first(cap) & ~detail::AddressField::mask) == word;
    }
    /// The same frame with at most these rights: rights only ever shrink.
    [[nodiscard]] FrameCap restricted_to(VmRights limit) const {
        return limit < rights() ? with_first(RightsBits::set(first_word(), static_cast<std::uint64_t>(limit))) : *this;
    }
    /// The same frame, mapped nowhere: what a copy of this capability is. The mapping that a slot notes changes only
    /// together with the address space (paging.hpp).
    [[nodiscard]] FrameCap unmapped() const { return with_second(0); }

private:
    friend struct detail::CarveAccess;
    [[nodiscard]] static FrameCap make(PhysicalAddress start, PageSize size, bool device) {
        return detail::CapabilityFactory::make<FrameCap>(
            start.value(),
            Size::make(static_cast<std::uint64_t>(size)) | Device::make(device ? 1 : 0) |
                RightsBits::make(static_cast<std::uint64_t>(VmRights::read_write)),
            0);
    }
};

/// A capability to a table of one level of the paging hierarchy, and where it is mapped.
template <class Self, class Table, abi::CapabilityTag tag_value>
class TableCap : public CapabilityOf<Self, tag_value> {
protected:
    using Base = CapabilityOf<Self, tag_value>;
    explicit TableCap(const Capability& cap) : Base{cap} {}

public:
    [[nodiscard]] bool is_mapped() const { return detail::MappedAsid::get(this->second_word()) != 0; }
    [[nodiscard]] Mapping mapping() const { return detail::mapping_from(this->second_word()); }
    [[nodiscard]] Ref<Table> table(const Phase& phase [[clang::lifetimebound]]) const {
        (void)phase;
        return this->template object_as<Table>();
    }
    [[nodiscard]] PhysicalAddress start() const { return PhysicalAddress{this->address_bits()}; }
};

class PageTableCap final : public TableCap<PageTableCap, PageTable, abi::CapabilityTag::PageTable> {
    using TableCap::TableCap;
    friend class Capability;
    friend struct detail::CapabilityFactory;
};
class PageDirectoryCap final : public TableCap<PageDirectoryCap, PageDirectory, abi::CapabilityTag::PageDirectory> {
    using TableCap::TableCap;
    friend class Capability;
    friend struct detail::CapabilityFactory;
};
class PdptCap final : public TableCap<PdptCap, Pdpt, abi::CapabilityTag::Pdpt> {
    using TableCap::TableCap;
    friend class Capability;
    friend struct detail::CapabilityFactory;
};
/// The root of an address space. Its "mapping" is the ASID it was assigned; the address stays 0.
class Pml4Cap final : public TableCap<Pml4Cap, Pml4, abi::CapabilityTag::Pml4> {
    using TableCap::TableCap;
    friend class Capability;
    friend struct detail::CapabilityFactory;

public:
    [[nodiscard]] Asid asid() const { return mapping().asid; }
};

/// A capability to a pool of 512 ASIDs, `base()` onwards (seL4 manual, 7.1.2).
class AsidPoolCap final : public CapabilityOf<AsidPoolCap, abi::CapabilityTag::AsidPool> {
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;

public:
    [[nodiscard]] Asid base() const { return Asid{static_cast<std::uint16_t>(second_word())}; }
    [[nodiscard]] Ref<AsidPool> pool(const Phase& phase [[clang::lifetimebound]]) const {
        (void)phase;
        return object_as<AsidPool>();
    }

private:
    friend struct detail::CarveAccess;
    [[nodiscard]] static AsidPoolCap make(std::uint64_t offset, Asid base) {
        return detail::CapabilityFactory::make<AsidPoolCap>(offset, 0, static_cast<std::uint64_t>(base));
    }
};

}  // namespace frame
