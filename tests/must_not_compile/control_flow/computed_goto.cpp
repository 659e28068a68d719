// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:goto\]
namespace kernel {

void jump() {
    void* const target = &&end;
    goto *target;
end:
    return;
}

} // namespace kernel
