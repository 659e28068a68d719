// SPDX-License-Identifier: GPL-2.0-only
#include <frame/range_set.hpp>

#include <random>
#include <vector>

#include "tests/support/test.hpp"

namespace {

using frame::PhysicalAddress;
using frame::PhysicalRange;

PhysicalRange range(std::uint64_t start, std::uint64_t end) { return {PhysicalAddress{start}, PhysicalAddress{end}}; }

}  // namespace

TEST("a range set agrees with a set of addresses") {
    constexpr std::uint64_t space = 40;
    test::for_seeds(1, 20, [](unsigned seed) {
        std::mt19937 random{seed};
        for (unsigned round = 0; round < 50; ++round) {
            frame::RangeSet<5> set;
            std::vector<bool> model(space);
            for (unsigned step = 0; step < 60; ++step) {
                const std::uint64_t a = random() % space;
                const PhysicalRange change = range(a, a + random() % 12 % (space - a + 1));
                const bool add = random() % 2 == 0;
                std::vector<bool> wanted = model;
                for (std::uint64_t at = change.start.value(); at < change.end.value(); ++at) {
                    wanted[at] = add;
                }
                std::size_t pieces = 0;
                for (std::uint64_t at = 0; at < space; ++at) {
                    pieces += wanted[at] && (at == 0 || !wanted[at - 1]) ? 1U : 0U;
                }
                const bool changed = add ? set.insert(change) : set.erase(change);
                CHECK_EQUAL(changed, pieces <= 5);
                if (changed) {
                    model = wanted;
                }
                std::vector<bool> actual(space);
                std::uint64_t end = 0;
                for (const PhysicalRange own : set.ranges()) {
                    CHECK(own.start < own.end);
                    CHECK(own.start.value() > end || (end == 0 && own.start.value() == 0));
                    end = own.end.value();
                    for (std::uint64_t at = own.start.value(); at < end; ++at) {
                        actual[at] = true;
                    }
                }
                CHECK(actual == model);
                bool all = true;
                bool any = false;
                for (std::uint64_t at = change.start.value(); at < change.end.value(); ++at) {
                    all = all && model[at];
                    any = any || model[at];
                }
                CHECK_EQUAL(set.contains(change), all);
                CHECK_EQUAL(set.overlaps(change), any);
            }
        }
    });
}
