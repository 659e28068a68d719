// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:friend\]
namespace kernel {

namespace {
class Private {
    int secret_ = 3;
    friend int read(const Private& object);
};
}

} // namespace kernel
