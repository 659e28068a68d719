// SPDX-License-Identifier: GPL-2.0-only
#include <frame/detail/table_walk.hpp>
#include <frame/detail/window_memory.hpp>
#include <frame/paging.hpp>

namespace frame {

namespace {

using detail::Entry;
using detail::Level;

/// What the page at `level` makes of the address, if the walk ends in a page there.
template <Level level>
std::optional<Translation> page_at(const VSpace& vspace, UserAddress address, PageSize size) {
    detail::WindowMemory memory;
    const std::expected<detail::EntryPlace<level>, Level> place =
        detail::find_entry<level>(memory, PhysicalAddress{detail::RefFactory::offset(vspace.root())}, address);
    if (!place) {
        return std::nullopt;
    }
    const Entry<level> entry = detail::load(memory, *place);
    if (!entry.is_page()) {
        return std::nullopt;
    }
    const std::uint64_t offset = address.value() & low_mask(page_bits(size));
    return Translation{.physical = entry.page().plus(offset),
                       .size = size,
                       .is_user = entry.is_user(),
                       .is_writable = entry.is_writable()};
}

}  // namespace

std::optional<Translation> translate(const VSpace& vspace, UserAddress address) {
    if (address.value() >= detail::user_half_end) {
        return std::nullopt;
    }
    if (const std::optional<Translation> huge = page_at<Level::pdpt>(vspace, address, PageSize::huge)) {
        return huge;
    }
    if (const std::optional<Translation> large = page_at<Level::page_directory>(vspace, address, PageSize::large)) {
        return large;
    }
    return page_at<Level::page_table>(vspace, address, PageSize::small);
}

}  // namespace frame
