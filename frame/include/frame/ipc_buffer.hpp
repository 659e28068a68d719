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
    [[nodiscard]] std::uint64_t message(std::uint64_t index) const;
    void set_message(std::uint64_t index, std::uint64_t value) const;
    /// The word that is a capability address on the way in, and the badge of an unwrapped capability on the way out;
    /// `index` is below abi::message::max_extra_caps.
    [[nodiscard]] std::uint64_t cap_or_badge(std::uint64_t index) const;
    void set_cap_or_badge(std::uint64_t index, std::uint64_t value) const;
    [[nodiscard]] std::uint64_t receive_cnode() const;
    [[nodiscard]] std::uint64_t receive_index() const;
    [[nodiscard]] std::uint64_t receive_depth() const;
    /// Copies message registers [from, to) of this buffer to `other`.
    void copy_messages(const IpcBuffer& other, std::uint64_t from, std::uint64_t to) const;

private:
    explicit IpcBuffer(std::uint64_t* words) : words_{words}, epoch_{Epoch::now()} {}
    [[nodiscard]] std::uint64_t read(std::uint64_t word) const;
    void write(std::uint64_t word, std::uint64_t value) const;

    std::uint64_t* words_;
    [[no_unique_address]] Epoch epoch_;
};

}  // namespace frame
