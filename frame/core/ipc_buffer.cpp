// SPDX-License-Identifier: GPL-2.0-only
#include <frame/ipc_buffer.hpp>

namespace frame {

std::optional<IpcBuffer> IpcBuffer::in(const Phase& phase, const Capability& frame, UserAddress address,
                                       bool writable) {
    (void)phase;
    const std::optional<FrameCap> cap = frame.as<FrameCap>();
    if (!cap || cap->is_device()) {
        return std::nullopt;
    }
    const bool may_read = cap->rights() != VmRights::kernel_only;
    const bool may_write = cap->rights() == VmRights::read_write;
    if (writable ? !may_write : !may_read) {
        return std::nullopt;
    }
    const std::uint64_t offset = align_down(address.value() & low_mask(cap->size_bits()), abi::ipc_buffer::size_bits);
    // SAFETY: the capability vouches for a whole frame of RAM, and an aligned kilobyte at the offset lies inside it.
    return IpcBuffer{detail::pointer_at<std::uint64_t>(cap->start().value() + offset)};
}

std::uint64_t IpcBuffer::read(std::uint64_t word) const {
    epoch_.verify_current();
    check(word < abi::ipc_buffer::words, "word index beyond the IPC buffer");
    // SAFETY: within the kilobyte that `in` bounded. Atomic: users of the frame may write at the same time.
    return __atomic_load_n(words_ + word, __ATOMIC_RELAXED);
}

void IpcBuffer::write(std::uint64_t word, std::uint64_t value) const {
    epoch_.verify_current();
    check(word < abi::ipc_buffer::words, "word index beyond the IPC buffer");
    // SAFETY: as in `read`.
    __atomic_store_n(words_ + word, value, __ATOMIC_RELAXED);
}

std::uint64_t IpcBuffer::message(std::uint64_t index) const {
    check(index < abi::message::max_length, "message register beyond the IPC buffer");
    return read(abi::ipc_buffer::msg + index);
}

void IpcBuffer::set_message(std::uint64_t index, std::uint64_t value) const {
    check(index < abi::message::max_length, "message register beyond the IPC buffer");
    write(abi::ipc_buffer::msg + index, value);
}

std::uint64_t IpcBuffer::cap_or_badge(std::uint64_t index) const {
    check(index < abi::message::max_extra_caps, "capability index beyond the IPC buffer");
    return read(abi::ipc_buffer::caps_or_badges + index);
}

void IpcBuffer::set_cap_or_badge(std::uint64_t index, std::uint64_t value) const {
    check(index < abi::message::max_extra_caps, "capability index beyond the IPC buffer");
    write(abi::ipc_buffer::caps_or_badges + index, value);
}

std::uint64_t IpcBuffer::receive_cnode() const { return read(abi::ipc_buffer::receive_cnode); }

std::uint64_t IpcBuffer::receive_index() const { return read(abi::ipc_buffer::receive_index); }

std::uint64_t IpcBuffer::receive_depth() const { return read(abi::ipc_buffer::receive_depth); }

void IpcBuffer::copy_messages(const IpcBuffer& other, std::uint64_t from, std::uint64_t to) const {
    for (std::uint64_t index = from; index < to; ++index) {
        other.set_message(index, message(index));
    }
}

}  // namespace frame
