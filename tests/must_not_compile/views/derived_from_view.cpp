// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:stored-view\]
#include <frame/handles.hpp>

namespace kernel {

namespace {
struct Handle : frame::Ref<frame::Object> {
    using frame::Ref<frame::Object>::Ref;
};
}

} // namespace kernel
