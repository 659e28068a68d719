// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:explicit-instantiation\]
namespace kernel {

namespace {
class Private {
    int secret_ = 3;
};
template <auto Member> struct Thief {
    static int read(const Private& object) { return object.*Member; }
};
template struct Thief<&Private::secret_>;
}

} // namespace kernel
