// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <frame/handles.hpp>

namespace kernel {

frame::Ref<frame::Object> make(frame::Entry& entry [[clang::lifetimebound]]) {
    frame::Object local{};
    return frame::Ref<frame::Object>(local);
}

} // namespace kernel
