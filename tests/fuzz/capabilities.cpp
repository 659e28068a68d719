// SPDX-License-Identifier: GPL-2.0-only
//
// Fuzz target: capabilities as two words. Whatever fields they are made of come out again; narrowing never widens; and the
// relations that the derivation tree rests on are what relations of that name are.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <span>

#include <frame/detail/carve_access.hpp>
#include <frame/slot.hpp>
#include "kernel/cap/derive.hpp"
#include "tests/fuzz/source.hpp"

namespace {

using frame::Capability;
using frame::PhysicalAddress;
using frame::detail::CapabilityFactory;
using frame::detail::CarveAccess;
using test::Source;

void expect(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "invariant capability-encoding: %s\n", what);
        std::abort();
    }
}

std::uint64_t address(Source& source, std::uint64_t bits) {
    // Few places, so that capabilities have something to do with each other.
    return (source.below(4) * 0x10'0000 + source.below(4) * 0x1000) & ~frame::low_mask(bits);
}

bool same_words(const Capability& a, const Capability& b) {
    return CapabilityFactory::first(a) == CapabilityFactory::first(b) &&
           CapabilityFactory::second(a) == CapabilityFactory::second(b);
}

Capability make_untyped(Source& source) {
    const std::uint64_t bits = 4 + source.below(44);
    const PhysicalAddress start{address(source, bits)};
    const bool device = source.chance(50);
    const std::uint64_t watermark = source.edge() & frame::low_mask(bits);
    const frame::UntypedCap cap = CarveAccess::untyped(start, bits, device, watermark);
    expect(cap.start() == start && cap.size_bits() == bits && cap.is_device() == device && cap.watermark() == watermark,
           "an untyped capability's fields");
    return cap;
}

Capability make_frame(Source& source) {
    constexpr std::array sizes{frame::PageSize::small, frame::PageSize::large, frame::PageSize::huge};
    const frame::PageSize size = sizes.at(source.below(3));
    const PhysicalAddress start{address(source, frame::page_bits(size))};
    const bool device = source.chance(50);
    const frame::FrameCap cap = CarveAccess::frame(start, size, device);
    expect(cap.start() == start && cap.size() == size && cap.is_device() == device && !cap.is_mapped(),
           "a frame capability's fields");
    const frame::Mapping mapping{frame::Asid{static_cast<std::uint16_t>(source.edge())},
                                 frame::UserAddress{source.edge() & frame::low_mask(47)}};
    expect(frame::detail::mapping_from(frame::detail::mapping_word(mapping)) == mapping, "a mapping's fields");
    return cap;
}

Capability make(Source& source) {
    switch (source.below(6)) {
    case 0:
        return make_untyped(source);
    case 1:
        return make_frame(source);
    case 2: {
        const auto cap = CarveAccess::endpoint(address(source, 4)).as<frame::EndpointCap>().value();
        const frame::Badge badge{source.edge()};
        expect(cap.with_badge(badge).badge() == badge && cap.with_badge(badge).can_send() == cap.can_send(), "a badge");
        return source.chance(50) ? cap.with_badge(badge) : cap;
    }
    case 3: {
        const auto cap = CarveAccess::notification(address(source, 5)).as<frame::NotificationCap>().value();
        return source.chance(50) ? cap.with_badge(frame::Badge{source.edge()}) : cap;
    }
    case 4: {
        const std::uint64_t radix = 1 + source.below(30);
        const auto cap = CarveAccess::cnode(address(source, 5), radix).as<frame::CNodeCap>().value();
        const std::uint64_t guard_size = source.below(65 - radix);
        const std::uint64_t guard = source.edge() & frame::low_mask(guard_size);
        const auto guarded = cap.with_guard(guard, guard_size);
        expect(guarded.radix() == radix && guarded.guard() == guard && guarded.guard_size() == guard_size,
               "a CNode capability's fields");
        return guarded;
    }
    default:
        return CarveAccess::thread(address(source, 11));
    }
}

void check_narrowing(const Capability& cap, Source& source) {
    const std::uint64_t word = source.byte();
    const frame::Rights rights = kernel::rights_from_word(word);
    const Capability masked = kernel::mask_rights(cap, rights);
    expect(masked.tag() == cap.tag(), "masking rights changes the kind");
    expect(same_words(kernel::mask_rights(masked, rights), masked), "masking twice differs from masking once");
    expect(same_words(kernel::mask_rights(cap, frame::Rights::all()), cap), "all rights take some away");
    if (const auto endpoint = cap.as<frame::EndpointCap>()) {
        const auto less = masked.as<frame::EndpointCap>().value();
        expect(less.can_send() == (endpoint->can_send() && rights.write) &&
                   less.can_receive() == (endpoint->can_receive() && rights.read) &&
                   less.can_grant() == (endpoint->can_grant() && rights.grant) &&
                   less.can_grant_reply() == (endpoint->can_grant_reply() && rights.grant_reply) &&
                   less.badge() == endpoint->badge(),
               "an endpoint's rights");
    }
    if (const auto frame = cap.as<frame::FrameCap>()) {
        expect(masked.as<frame::FrameCap>()->rights() <= frame->rights(), "a frame's rights");
    }
    const Capability changed = kernel::update_data(cap, source.edge(), source.chance(50));
    expect(changed.is_null() || changed.tag() == cap.tag(), "new data changes the kind");
}

void check_relations(const Capability& a, const Capability& b, const Capability& c) {
    expect(frame::same_object(a, b) == frame::same_object(b, a), "same_object is symmetric");
    expect(!frame::same_object(a, b) || frame::same_region(a, b), "the same object is the same region");
    expect(!(frame::same_region(a, b) && frame::same_region(b, c)) || frame::same_region(a, c),
           "regions inside each other");
    expect(!(frame::same_object(a, b) && frame::same_object(b, c)) || frame::same_object(a, c), "the same objects");
    expect(a.is<frame::UntypedCap>() || frame::same_object(a, a), "an object is itself");
    expect(frame::same_region(a, a), "a region holds itself");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Source source{std::span{data, size}};
    while (!source.is_empty()) {
        const Capability a = make(source);
        const Capability b = make(source);
        const Capability c = make(source);
        check_narrowing(a, source);
        check_relations(a, b, c);
    }
    return 0;
}
