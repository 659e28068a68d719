// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <expected>

#include <frame/handles.hpp>

namespace kernel {

std::expected<frame::Ref<frame::Object>, frame::Error> make(frame::Entry& entry [[clang::lifetimebound]]) {
    frame::Object local{};
    return frame::Ref<frame::Object>(local);
}

} // namespace kernel
