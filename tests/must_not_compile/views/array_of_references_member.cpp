// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:stored-view\]
#include <array>
#include <optional>

#include <frame/handles.hpp>

namespace kernel {

namespace {
struct Holder {
    std::array<std::optional<frame::Ref<frame::Object>>, 4> objects{};
};
}

} // namespace kernel
