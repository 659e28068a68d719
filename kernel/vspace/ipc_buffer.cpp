// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/vspace/vspace.hpp"

namespace kernel {

Result<Done> check_ipc_buffer(const frame::Capability& cap, frame::UserAddress address) {
    const std::optional<frame::FrameCap> frame_cap = cap.as<frame::FrameCap>();
    if (!frame_cap || frame_cap->is_device()) {
        return error::illegal_operation();
    }
    if (!address.is_aligned(abi::size_bits::ipc_buffer)) {
        return error::alignment();
    }
    return Done{};
}

}  // namespace kernel
