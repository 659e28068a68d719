// SPDX-License-Identifier: GPL-2.0-only
// The same constructs that are refused here are fine inside a trusted header: casts, pointers, globals, friends.
#include <frame/handles.hpp>

#include "kernel/traits.hpp"

namespace kernel {
namespace {

std::uint64_t use(frame::Entry& entry) {
    const frame::Ref<frame::Object> object = entry.current();
    object->grow();
    const std::uint64_t logged = frame::log("a literal may become a pointer on its way into the frame");
    return object->size() + frame::Traits<kernel::Special>::bits + logged + frame::log(logged > 3 ? "either" : "or");
}

} // namespace
} // namespace kernel
