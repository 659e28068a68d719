// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wthread-safety
// needs: warnings
namespace kernel {
namespace {
struct __attribute__((capability("lock"))) Lock {};
struct Guarded {
    Lock lock{};
    int word __attribute__((guarded_by(lock))) = 0;
    int read() const { return word; }
};
}
}
