// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <abi/abi.hpp>
#include <frame/address.hpp>
#include <frame/boot_description.hpp>
#include <frame/machine_description.hpp>
#include <frame/slot.hpp>

/// Memory while the system boots. Later only an untyped capability gives memory a type; here, once, a token does: it
/// makes the objects of the initial thread and the first untyped capabilities, and is gone before user code runs.
///
/// ```
///   RAM that the loader described
///    - kernel image, boot modules           never free, or only after `reclaim`
///    - claim_pages, make_...                each byte at most once
///    = RAM untyped capabilities             each byte at most once, ascending
///   everything else below 2^47
///    - the kernel's own devices
///    = device untyped capabilities          each byte at most once, ascending
/// ```
/// Every function stops the kernel when it is asked for memory that is not free: callers choose places from `free()`.
namespace frame {

namespace detail {
struct BootState;
struct BootMemoryFactory;
}  // namespace detail

/// What may be overlaid on zeroed memory: any bytes are a valid value, and nothing happens when it goes.
template <class T>
concept PlainData = std::is_trivially_copyable_v<T> && std::is_standard_layout_v<T> && !std::is_pointer_v<T>;

/// Pages of RAM that were taken while booting: zeroed, filled through here, and handed out one by one as frames.
class [[nodiscard]] BootPages {
public:
    BootPages(const BootPages&) = delete;
    BootPages& operator=(const BootPages&) = delete;
    BootPages(BootPages&& other) noexcept : range_{other.range_}, taken_{other.taken_} { other.range_ = {}; }
    BootPages& operator=(BootPages&&) = delete;

    /// Bytes in all.
    [[nodiscard]] std::uint64_t size() const { return range_.size(); }
    [[nodiscard]] PhysicalRange range() const { return range_; }

    /// Copies `bytes` to `offset`; both ends must lie in these pages.
    void write(std::uint64_t offset, std::span<const std::byte> bytes);
    /// Stores a number, little-endian, at any `offset`.
    template <std::unsigned_integral T>
    void store(std::uint64_t offset, T value) {
        std::array<std::byte, sizeof(T)> bytes{};
        for (std::size_t index = 0; index < bytes.size(); ++index) {
            bytes[index] = static_cast<std::byte>((std::uint64_t{value} >> (8 * index)) & 0xff);
        }
        write(offset, bytes);
    }
    /// The bytes at `offset`, a multiple of T's alignment, as a T: zero until written.
    template <PlainData T>
    [[nodiscard]] T& view(std::uint64_t offset = 0) [[clang::lifetimebound]] {
        // SAFETY: `bytes_for` bounds and aligns the place; the pages are zeroed RAM that nothing else names, zero is a
        // value of T, and the reference ends with this object, before user code runs.
        return *reinterpret_cast<T*>(bytes_for(offset, sizeof(T), alignof(T)));
    }

    /// The capability to the next page that has none yet; stops the kernel when all have one.
    [[nodiscard]] FrameCap take();

private:
    friend class BootMemory;
    explicit BootPages(PhysicalRange range) : range_{range} {}
    [[nodiscard]] std::byte* bytes_for(std::uint64_t offset, std::uint64_t size, std::uint64_t alignment);

    PhysicalRange range_;
    std::uint64_t taken_ = 0;  ///< bytes, from the start, that have a capability
};

/// The right to read the files that the loader put into memory.
class [[nodiscard]] BootModules {
public:
    BootModules(const BootModules&) = delete;
    BootModules& operator=(const BootModules&) = delete;
    BootModules(BootModules&&) = default;
    BootModules& operator=(BootModules&&) = delete;

    [[nodiscard]] std::size_t count() const;
    /// The bytes of module `index`, below `count()`.
    [[nodiscard]] std::span<const std::byte> bytes(std::size_t index) const [[clang::lifetimebound]];

private:
    friend class BootMemory;
    explicit BootModules(detail::BootState& state) : state_{state} {}
    detail::BootState& state_;
};

/// All memory, before anybody owns it. There is one, made by the boot code; it moves to whoever builds the system.
class [[nodiscard]] BootMemory {
public:
    BootMemory(const BootMemory&) = delete;
    BootMemory& operator=(const BootMemory&) = delete;
    BootMemory(BootMemory&&) = default;
    BootMemory& operator=(BootMemory&&) = delete;

    /// The loader's files. Once.
    [[nodiscard]] BootModules modules();
    /// Makes the memory of the modules free.
    void reclaim(BootModules&& modules);

    /// RAM that is free now, ascending, disjoint. A snapshot: read it anew after taking memory.
    [[nodiscard]] std::span<const PhysicalRange> free() const [[clang::lifetimebound]];

    /// Takes and zeroes `count` pages.
    [[nodiscard]] BootPages claim_pages(PhysicalAddress start, std::uint64_t count);

    /// Each makes one object from free memory at `start`, aligned to its size, zeroed and initialised, and the first
    /// capability to it, which belongs into a slot by `insert`.
    [[nodiscard]] CNodeCap make_cnode(PhysicalAddress start, std::uint64_t radix);
    [[nodiscard]] ThreadCap make_thread(PhysicalAddress start);
    [[nodiscard]] Pml4Cap make_pml4(PhysicalAddress start);
    [[nodiscard]] PdptCap make_pdpt(PhysicalAddress start);
    [[nodiscard]] PageDirectoryCap make_page_directory(PhysicalAddress start);
    [[nodiscard]] PageTableCap make_page_table(PhysicalAddress start);
    [[nodiscard]] AsidPoolCap make_asid_pool(PhysicalAddress start, Asid base);

    /// The control capabilities, which no memory backs.
    [[nodiscard]] IrqControlCap irq_control() const;
    [[nodiscard]] AsidControlCap asid_control() const;
    [[nodiscard]] IoPortControlCap io_port_control() const;
    [[nodiscard]] DomainCap domain() const;

    /// Puts a first capability, made here, into an empty slot.
    void insert(SlotRef slot, const Capability& first) const;

    /// What no device untyped capability may touch: all RAM and the kernel's devices. Ascending, disjoint.
    [[nodiscard]] std::span<const PhysicalRange> reserved() const [[clang::lifetimebound]];

    /// The capability to `1 << bits` free bytes of RAM at `start`, aligned to its size. All of it counts as in use, so
    /// that the first retype clears it. Each lies above the one made before; no object can be made afterwards.
    [[nodiscard]] UntypedCap make_untyped(PhysicalAddress start, std::uint64_t bits);
    /// The same for memory that is neither RAM nor the kernel's; aligned to its size, but to no more than 2^39.
    [[nodiscard]] UntypedCap make_device_untyped(PhysicalAddress start, std::uint64_t bits);

private:
    friend struct detail::BootMemoryFactory;
    explicit BootMemory(detail::BootState& state) : state_{state} {}
    /// Takes and zeroes an aligned range of free memory.
    [[nodiscard]] PhysicalAddress claim(PhysicalAddress start, std::uint64_t bytes, std::uint64_t align_bits);
    [[nodiscard]] Capability make(PhysicalAddress start, abi::ObjectType type, std::uint64_t user_bits);

    detail::BootState& state_;
};

namespace detail {

/// The maker of the token, for the boot code: once, when the kernel window maps all RAM and the descriptions are checked.
struct BootMemoryFactory {
    [[nodiscard]] static BootMemory make(const BootDescription& boot, const MachineDescription& machine);
};

}  // namespace detail
}  // namespace frame
