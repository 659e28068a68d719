// SPDX-License-Identifier: GPL-2.0-only
// expect: call to deleted constructor of 'frame::Birth'
// needs: warnings
#include <frame/phase.hpp>

namespace kernel {

class Keeper {
public:
    constexpr explicit Keeper(const frame::Birth& birth) : birth_{birth} {}

private:
    frame::Birth birth_;
};

}  // namespace kernel
