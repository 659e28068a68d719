// SPDX-License-Identifier: GPL-2.0-only
#include <frame/ipc_buffer.hpp>

namespace frame {

std::optional<IpcBuffer> IpcBuffer::in_any(const Capability& frame, UserAddress address, bool writable) {
    const std::optional<FrameCap> cap = frame.as<FrameCap>();
    if (!cap || cap->is_device()) {
        return std::nullopt;
    }
    const bool may_read = cap->rights() != VmRights::kernel_only;
    const bool may_write = cap->rights() == VmRights::read_write;
    if (writable ? !may_write : !may_read) {
        return std::nullopt;
    }
    // The capability vouches for a whole frame of RAM, and an aligned kilobyte at the offset lies inside it.
    const std::uint64_t offset = align_down(address.value() & low_mask(cap->size_bits()), abi::ipc_buffer::size_bits);
    return IpcBuffer{detail::kernel_address_in(detail::CapabilityFactory::first(frame)) + offset};
}

void IpcBuffer::copy_messages(const IpcBuffer& other, std::uint64_t from, std::uint64_t to) const {
    epoch_.verify_current();
    other.epoch_.verify_current();
    check(from <= to && to <= abi::message::max_length, "message register beyond the IPC buffer");
    static_assert(abi::ipc_buffer::msg + abi::message::max_length <= abi::ipc_buffer::words);
    const auto copy = [this, &other](std::uint64_t index) {
        const std::uint64_t word = abi::ipc_buffer::msg + index;
        // SAFETY: both words are in their buffers, as checked above. Atomic, as in `read`.
        __atomic_store_n(other.place(word), __atomic_load_n(place(word), __ATOMIC_RELAXED), __ATOMIC_RELAXED);
    };
    std::uint64_t index = from;
    for (; index + 8 <= to; index += 8) {
        copy(index);
        copy(index + 1);
        copy(index + 2);
        copy(index + 3);
        copy(index + 4);
        copy(index + 5);
        copy(index + 6);
        copy(index + 7);
    }
    for (; index < to; ++index) {
        copy(index);
    }
}

}  // namespace frame
