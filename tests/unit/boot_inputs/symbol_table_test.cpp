// SPDX-License-Identifier: GPL-2.0-only
#include "frame/boot/symbol_table.hpp"
#include "tests/support/test.hpp"
#include "tests/unit/boot_inputs/fake_memory.hpp"

using namespace boot_inputs;
using frame::boot::ByteReader;
using frame::boot::find_symbol;

namespace {

constexpr std::uint64_t text = 0xffff'ffff'8010'1000;

Bytes good() {
    Bytes bytes = Bytes{}.text("SYMS").u32(3);
    bytes.u32(0x10).u32(32).u32(0x40).u32(36).u32(0x400).u32(32);
    return bytes.text("abc").u8(0).text("frame::panic").u8(0);
}

std::string found(const Bytes& bytes, std::uint64_t address) {
    const auto symbol = find_symbol(ByteReader{bytes.bytes()}, text, address);
    return std::string{symbol.name} + "+" + std::to_string(symbol.offset);
}

TEST("an address belongs to the last function that starts at or before it") {
    CHECK_EQUAL(found(good(), text + 0x10), "abc+0");
    CHECK_EQUAL(found(good(), text + 0x3f), "abc+47");
    CHECK_EQUAL(found(good(), text + 0x40), "frame::panic+0");
    CHECK_EQUAL(found(good(), text + 0x3ff), "frame::panic+959");
    CHECK_EQUAL(found(good(), text + 0x1400), "abc+4096");
}

TEST("addresses outside, and images without names") {
    CHECK_EQUAL(found(good(), text + 0xf), "+0");
    CHECK_EQUAL(found(good(), text - 1), "+0");
    CHECK_EQUAL(found(Bytes{}.zeros(64), text + 0x10), "+0");
    CHECK_EQUAL(found(Bytes{}, text + 0x10), "+0");
    CHECK_EQUAL(found(Bytes{}.text("SYMS").u32(0), text + 0x10), "+0");
}

TEST("a damaged table never leads outside it") {
    test::for_seeds(1, 5, [](unsigned seed) {
        damage(good(), seed, [](std::span<const std::byte> bytes) {
            std::vector<std::byte> exact{bytes.begin(), bytes.end()};
            for (const std::uint64_t address : {text, text + 0x10, text + 0x40, text + 0x400, ~std::uint64_t{0}}) {
                const auto symbol = find_symbol(ByteReader{exact}, text, address);
                CHECK(symbol.name.size() <= exact.size());
            }
        });
    });
}

}  // namespace
