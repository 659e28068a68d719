// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

/// A value of a JSON file, for recorded facts: unsigned numbers, text, lists and objects; anything else fails the test.
class Json {
public:
    /// The file at `path` below tests/.
    [[nodiscard]] static Json file(std::string_view path);

    [[nodiscard]] std::uint64_t number() const;
    [[nodiscard]] const std::string& text() const;
    [[nodiscard]] const std::vector<Json>& items() const;
    /// A member of an object; fails the test if there is none.
    [[nodiscard]] const Json& operator[](std::string_view key) const;
    [[nodiscard]] const Json& operator[](std::size_t index) const { return items().at(index); }
    /// Text of hexadecimal digits as bytes.
    [[nodiscard]] std::vector<std::byte> bytes() const;

private:
    friend class JsonReader;
    enum class Kind { nothing, number, text, list, object };
    void expect(Kind kind, std::string_view what) const;

    Kind kind_ = Kind::nothing;
    std::uint64_t number_ = 0;
    std::string text_;
    std::vector<Json> items_;
    std::vector<std::string> keys_;
};

}  // namespace test
