// SPDX-License-Identifier: GPL-2.0-only
//
// The text that boot messages and reports are made of.
#include "frame/text.hpp"
#include "frame/boot/byte_reader.hpp"
#include "tests/support/test.hpp"

#include <cstdint>

using frame::hex;
using frame::Text;

namespace {

TEST("parts of every kind") {
    const std::string_view view = "view";
    CHECK_EQUAL((Text<96>{"text ", view, ' ', 0, ' ', 42U, " ", -7, " ", hex(255), " ", hex(255, 8)}.view()),
                "text view 0 42 -7 0xff 0x000000ff");
}

TEST("extreme numbers") {
    CHECK_EQUAL((Text<64>{~std::uint64_t{0}}.view()), "18446744073709551615");
    CHECK_EQUAL((Text<64>{INT64_MIN}.view()), "-9223372036854775808");
    CHECK_EQUAL((Text<64>{hex(~std::uint64_t{0}, 16)}.view()), "0xffffffffffffffff");
    CHECK_EQUAL((Text<80>{hex(1, 1000)}.size()), 66U);  // at most 64 digits
    CHECK_EQUAL((Text<8>{std::uint8_t{200}, std::int8_t{-100}}.view()), "200-100");
}

TEST("what does not fit is cut off, and says so") {
    CHECK_EQUAL((Text<8>{"12345678"}.view()), "12345678");
    CHECK_EQUAL((Text<8>{"123456789"}.view()), "12345...");
    Text<8> text{"1234"};
    text.add("56", 7890);
    CHECK_EQUAL(text.view(), "12345...");
    text.clear();
    CHECK_EQUAL(text.add("a").view(), "a");
}

TEST("a reader never reads beyond its bytes") {
    const std::array bytes{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{0}, std::byte{'x'}};
    const frame::boot::ByteReader reader{bytes};
    CHECK_EQUAL(*reader.number<std::uint16_t>(0), 0x201U);
    CHECK_EQUAL(*reader.number<std::uint32_t>(1), 0x78000302U);
    CHECK(!reader.number<std::uint32_t>(2));
    CHECK(!reader.number<std::uint8_t>(5));
    CHECK(!reader.number<std::uint64_t>(~std::uint64_t{0}));
    CHECK(!reader.part(4, 2) && !reader.part(6, 0) && !reader.part(1, ~std::uint64_t{0}));
    CHECK(reader.part(5, 0).has_value());
    CHECK_EQUAL(reader.text(4), "x");  // no NUL: up to the end
    CHECK_EQUAL(reader.text(3), "");
    CHECK_EQUAL(reader.text(6), "");
    CHECK(reader.has_text(4, "x") && !reader.has_text(4, "xy") && !reader.has_text(4, "y"));
    CHECK_EQUAL(reader.sum(), 6 + 'x');
}

}  // namespace
