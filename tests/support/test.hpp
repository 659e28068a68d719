// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <source_location>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

/// Unit tests on the host. All files of tests are one program; a test's full name is the file's and its own,
/// `slot_test/an empty slot has no parent`:
/// ```
///     TEST("an empty slot has no parent") {
///         CHECK(slot.is_empty());
///         CHECK_EQUAL(slot.depth(), 0U);
///         CHECK_DIES("slot is empty", [] { slot.parent(); });
///     }
/// ```
/// Each test runs in a process of its own, so that none sees another's kernel state and one that crashes or hangs
/// fails alone. Prints the lines that tools/antimono/suite.py describes.
namespace test {

/// Adds a test to the program; used by TEST.
struct Registration {
    Registration(std::string_view file, std::string_view name, void (*body)());
};

/// Ends the running test as failed.
[[noreturn]] void fail(const std::string& reason, std::source_location where);

/// A value as text for a failure's reason; types without an output operator say so.
template <class Value>
std::string shown(const Value& value) {
    if constexpr (std::is_enum_v<Value>) {
        return std::to_string(static_cast<long long>(value));
    } else if constexpr (std::is_same_v<Value, bool>) {
        return value ? "true" : "false";
    } else if constexpr (std::is_integral_v<Value>) {
        std::ostringstream text;
        text << +value;
        if (value > 9) {
            text << std::hex << " (0x" << +value << ")";
        }
        return text.str();
    } else if constexpr (requires(std::ostringstream& out) { out << value; }) {
        std::ostringstream text;
        text << value;
        return text.str();
    } else {
        return "(a value that cannot be printed)";
    }
}

void check(bool holds, std::string_view condition, std::source_location where = std::source_location::current());

template <class Actual, class Expected>
void check_equal(const Actual& actual, const Expected& expected, std::string_view what,
                 std::source_location where = std::source_location::current()) {
    if (!(actual == expected)) {
        fail(std::string{what} + " is " + shown(actual) + ", expected " + shown(expected), where);
    }
}

/// Passes if `act` ends its process and what it printed before contains `message`.
void check_dies(std::string_view message, const std::function<void()>& act,
                std::source_location where = std::source_location::current());

/// Repeats `body` with seeds first, first + 1, ...; the reason of a failure names the seed.
void for_seeds(unsigned first, unsigned count, const std::function<void(unsigned seed)>& body);

}  // namespace test

#define ANTIMONO_TEST_JOIN_(a, b) a##b
#define ANTIMONO_TEST_JOIN(a, b) ANTIMONO_TEST_JOIN_(a, b)
#define TEST(name)                                                                      \
    static void ANTIMONO_TEST_JOIN(test_body_, __LINE__)();                             \
    static const ::test::Registration ANTIMONO_TEST_JOIN(test_registration_, __LINE__){ \
        __FILE_NAME__, name, ANTIMONO_TEST_JOIN(test_body_, __LINE__)};                 \
    static void ANTIMONO_TEST_JOIN(test_body_, __LINE__)()
#define CHECK(condition) ::test::check(static_cast<bool>(condition), #condition)
#define CHECK_EQUAL(actual, expected) ::test::check_equal((actual), (expected), #actual)
#define CHECK_DIES(message, act) ::test::check_dies((message), (act))
