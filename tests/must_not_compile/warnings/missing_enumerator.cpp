// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wswitch
// needs: warnings
namespace kernel {
namespace {
enum class Kind { endpoint, notification };
}
int size(Kind kind) {
    switch (kind) {
    case Kind::endpoint:
        return 4;
    }
    return 0;
}
}
