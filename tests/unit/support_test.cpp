// SPDX-License-Identifier: GPL-2.0-only
//
// The test support itself: a check that cannot fail shows nothing.
#include "tests/support/test.hpp"

#include <cstdlib>

TEST("a failed check names the condition, the file and the line") {
    CHECK_DIES("does not hold: 1 == 2 (tests/unit/support_test.cpp:", [] { CHECK(1 == 2); });
}

TEST("a failed comparison shows both values") {
    CHECK_DIES("2 + 2 is 4, expected 5", [] { CHECK_EQUAL(2 + 2, 5); });
}

TEST("dying tells apart the right message, a wrong one and none") {
    CHECK_DIES("but went on", [] { CHECK_DIES("anything", [] {}); });
    CHECK_DIES("but said", [] { CHECK_DIES("one thing", [] { CHECK(!"another"); }); });
}

#if __has_feature(address_sanitizer)
TEST("the sanitizers stop a test") {
    CHECK_DIES("heap-use-after-free", [] {
        int* volatile memory = static_cast<int*>(std::malloc(sizeof(int)));
        std::free(memory);
        *memory = 1;
    });
    CHECK_DIES("signed integer overflow", [] {
        volatile int most = 0x7FFFFFFF;
        most = most + 1;
    });
}
#endif

TEST("a failing seed is named") {
    CHECK_DIES("seed 7: ", [] { test::for_seeds(5, 5, [](unsigned seed) { CHECK(seed != 7); }); });
}
