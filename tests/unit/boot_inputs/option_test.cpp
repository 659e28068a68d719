// SPDX-License-Identifier: GPL-2.0-only
#include <frame/option.hpp>

#include "tests/support/test.hpp"

using frame::find_option;
using frame::has_option;
using frame::parse_number;

namespace {

TEST("options are whole words between blanks") {
    const std::string_view line = " kernel a=1\tab=2\nflag  ";
    CHECK(find_option(line, "a") == "1");
    CHECK(find_option(line, "ab") == "2");
    CHECK(!find_option(line, "b") && !find_option(line, "") && !find_option("", "a"));
    CHECK(has_option(line, "flag") && has_option(line, "a=1"));
    CHECK(!has_option(line, "fla") && !has_option(line, "flags") && !has_option(line, "a") && !has_option("", ""));
}

TEST("the last of equal options counts, up to its first comma") {
    CHECK(find_option("a=1 a=2,3 b=4", "a") == "2");
    CHECK(find_option("a=1 a=", "a") == "");
    CHECK(find_option("a==1", "a") == "=1");
}

TEST("numbers up to a bound") {
    CHECK(parse_number("0", 0) == 0U && parse_number("26", 26) == 26U && parse_number("0x1A", 26) == 26U);
    CHECK(!parse_number("27", 26) && !parse_number("0x1b", 26) && !parse_number("1", 0));
    constexpr std::uint64_t greatest = ~std::uint64_t{0};
    CHECK(parse_number("18446744073709551615", greatest) == greatest);
    CHECK(parse_number("0xffffffffffffffff", greatest) == greatest);
    CHECK(!parse_number("18446744073709551616", greatest) && !parse_number("0x10000000000000000", greatest));
    for (const std::string_view text : {"", "0x", "x", "1x", "a", "-1", "+1", " 1", "1 ", "0b1", "0x0x1"}) {
        CHECK(!parse_number(text, greatest));
    }
}

}  // namespace
