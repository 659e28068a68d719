// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:coroutine\]
#include <coroutine>

namespace kernel {

namespace {
struct Task {
    struct promise_type {
        Task get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() {}
    };
};
}
Task run() { co_return; }

} // namespace kernel
