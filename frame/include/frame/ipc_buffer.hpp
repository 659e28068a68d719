// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>

#include <abi/abi.hpp>
#include <frame/slot.hpp>

namespace frame {

/// A thread's IPC buffer (seL4 manual, 4.1): bounded words in a frame that a capability vouches for. Users may change
/// the words at any time, so each is read once and checked after.
class [[gsl::Pointer]] IpcBuffer {
public:
    /// The buffer at offset `address` modulo the frame's size, if the capability is to ordinary memory with at least
    /// the access asked for.
    [[nodiscard]] static std::optional<IpcBuffer> in(const Phase& phase [[clang::lifetimebound]],
                                                     const Capability& frame, UserAddress address, bool writable);

    /// Message register `index`, below abi::message::max_length.
    [[nodiscard]] std::uint64_t message(std::uint64_t index) const {
        check(index < abi::message::max_length, "message register beyond the IPC buffer");
        return read(abi::ipc_buffer::msg + index);
    }
    void set_message(std::uint64_t index, std::uint64_t value) const {
        check(index < abi::message::max_length, "message register beyond the IPC buffer");
        write(abi::ipc_buffer::msg + index, value);
    }
    /// The word that is a capability address on the way in, and the badge of an unwrapped capability on the way out;
    /// `index` is below abi::message::max_extra_caps.
    [[nodiscard]] std::uint64_t cap_or_badge(std::uint64_t index) const {
        check(index < abi::message::max_extra_caps, "capability index beyond the IPC buffer");
        return read(abi::ipc_buffer::caps_or_badges + index);
    }
    void set_cap_or_badge(std::uint64_t index, std::uint64_t value) const {
        check(index < abi::message::max_extra_caps, "capability index beyond the IPC buffer");
        write(abi::ipc_buffer::caps_or_badges + index, value);
    }
    [[nodiscard]] std::uint64_t receive_cnode() const { return read(abi::ipc_buffer::receive_cnode); }
    [[nodiscard]] std::uint64_t receive_index() const { return read(abi::ipc_buffer::receive_index); }
    [[nodiscard]] std::uint64_t receive_depth() const { return read(abi::ipc_buffer::receive_depth); }
    /// Copies message registers [from, to) of this buffer to `other`.
    void copy_messages(const IpcBuffer& other, std::uint64_t from, std::uint64_t to) const;

private:
    explicit IpcBuffer(std::uint64_t address) : address_{address}, epoch_{Epoch::now()} {}
    [[nodiscard]] static std::optional<IpcBuffer> in_any(const Capability& frame, UserAddress address, bool writable);
    /// A word of the buffer, below abi::ipc_buffer::words.
    [[nodiscard]] std::uint64_t* place(std::uint64_t word) const {
        // SAFETY: within the kilobyte that `in` bounded.
        return detail::object_at<std::uint64_t>(address_ + word * sizeof(std::uint64_t));
    }
    [[nodiscard]] std::uint64_t read(std::uint64_t word) const {
        epoch_.verify_current();
        check(word < abi::ipc_buffer::words, "word index beyond the IPC buffer");
        // SAFETY: within the buffer. Atomic: users of the frame may write at the same time.
        return __atomic_load_n(place(word), __ATOMIC_RELAXED);
    }
    void write(std::uint64_t word, std::uint64_t value) const {
        epoch_.verify_current();
        check(word < abi::ipc_buffer::words, "word index beyond the IPC buffer");
        // SAFETY: as in `read`.
        __atomic_store_n(place(word), value, __ATOMIC_RELAXED);
    }

    std::uint64_t address_;  ///< where in the kernel window the first word is
    [[no_unique_address]] Epoch epoch_;
};

inline std::optional<IpcBuffer> IpcBuffer::in(const Phase& phase, const Capability& frame, UserAddress address,
                                              bool writable) {
    (void)phase;
    if (FrameCap::is_small_writable_ram(frame)) {
        constexpr std::uint64_t within = low_mask(page_bits(PageSize::small)) & ~low_mask(abi::ipc_buffer::size_bits);
        return IpcBuffer{detail::kernel_address_in(detail::CapabilityFactory::first(frame)) +
                         (address.value() & within)};
    }
    return in_any(frame, address, writable);
}

}  // namespace frame
