// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:stored-view\]
#include <optional>

#include <frame/handles.hpp>

namespace kernel {

namespace {
struct Holder {
    std::optional<frame::Ref<frame::Object>> object{};
};
}

} // namespace kernel
