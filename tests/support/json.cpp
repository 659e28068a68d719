// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/json.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <source_location>
#include <sstream>

#include "tests/support/test.hpp"

namespace test {

namespace {
[[noreturn]] void refuse(const std::string& what) { fail(what, std::source_location::current()); }
}  // namespace

/// Reads one value after the other (RFC 8259).
class JsonReader {
public:
    explicit JsonReader(std::string_view text) : rest_{text} {}

    Json value() {
        skip();
        Json json;
        if (rest_.empty()) {
            refuse("JSON ends in the middle");
        }
        if (take('{')) {
            json.kind_ = Json::Kind::object;
            while (!take('}')) {
                json.keys_.push_back(string());
                demand(':');
                json.items_.push_back(value());
                take(',');
            }
        } else if (take('[')) {
            json.kind_ = Json::Kind::list;
            while (!take(']')) {
                json.items_.push_back(value());
                take(',');
            }
        } else if (rest_.front() == '"') {
            json.kind_ = Json::Kind::text;
            json.text_ = string();
        } else if (rest_.starts_with("true") || rest_.starts_with("false")) {
            json.kind_ = Json::Kind::number;
            json.number_ = rest_.front() == 't' ? 1 : 0;
            rest_.remove_prefix(rest_.front() == 't' ? 4 : 5);
        } else {
            json.kind_ = Json::Kind::number;
            const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), json.number_);
            if (error != std::errc{}) {
                refuse("no JSON that recorded facts consist of: " + std::string{rest_.substr(0, 20)});
            }
            rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        }
        return json;
    }

private:
    void skip() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n\t"), rest_.size())); }
    bool take(char character) {
        skip();
        if (!rest_.starts_with(character)) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }
    void demand(char character) {
        if (!take(character)) {
            refuse(std::string{"JSON lacks a "} + character);
        }
    }
    std::string string() {
        demand('"');
        const std::size_t end = rest_.find('"');
        std::string text{rest_.substr(0, end)};
        rest_.remove_prefix(std::min(end, rest_.size()));
        demand('"');
        return text;
    }

    std::string_view rest_;
};

Json Json::file(std::string_view path) {
    const std::filesystem::path tests = std::filesystem::path{__FILE__}.parent_path().parent_path();
    std::ifstream stream{tests / path};
    if (!stream) {
        refuse("cannot read tests/" + std::string{path});
    }
    std::ostringstream text;
    text << stream.rdbuf();
    return JsonReader{text.str()}.value();
}

void Json::expect(Kind kind, std::string_view what) const {
    if (kind_ != kind) {
        refuse("recorded JSON has something else where " + std::string{what} + " should be");
    }
}

std::uint64_t Json::number() const {
    expect(Kind::number, "a number");
    return number_;
}

const std::string& Json::text() const {
    expect(Kind::text, "text");
    return text_;
}

const std::vector<Json>& Json::items() const {
    expect(Kind::list, "a list");
    return items_;
}

const Json& Json::operator[](std::string_view key) const {
    expect(Kind::object, "an object");
    const auto found = std::ranges::find(keys_, key);
    if (found == keys_.end()) {
        refuse("recorded JSON has no member " + std::string{key});
    }
    return items_[static_cast<std::size_t>(found - keys_.begin())];
}

std::vector<std::byte> Json::bytes() const {
    std::vector<std::byte> bytes(text().size() / 2);
    for (std::size_t index = 0; index < bytes.size(); ++index) {
        unsigned value = 0;
        std::from_chars(text_.data() + 2 * index, text_.data() + 2 * index + 2, value, 16);
        bytes[index] = static_cast<std::byte>(value);
    }
    return bytes;
}

}  // namespace test
