// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
#include <frame/handles.hpp>

namespace kernel {

frame::Object* leak(frame::Ref<frame::Object> object [[clang::lifetimebound]]) { return object.operator->(); }

} // namespace kernel
