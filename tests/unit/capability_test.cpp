// SPDX-License-Identifier: GPL-2.0-only
//
// Capabilities as two words: what is put in comes out again, and nothing else changes.
#include <random>

#include "tests/support/test.hpp"
#include "tests/support/world.hpp"

namespace {

using frame::Badge;
using frame::PhysicalAddress;
using frame::Rights;
using frame::UserAddress;
using frame::detail::CapabilityFactory;
using frame::detail::CarveAccess;
using test::World;

/// The same capability, taken through the words that a slot stores.
template <class Cap>
Cap stored(const Cap& cap) {
    const frame::Capability again =
        CapabilityFactory::from_words(CapabilityFactory::first(cap), CapabilityFactory::second(cap));
    CHECK(again.is<Cap>());
    CHECK_EQUAL(abi::number(again.tag()), abi::number(Cap::kind));
    return again.template as<Cap>().value();
}

/// What mapping a frame makes of its capability.
frame::FrameCap with_mapping(const frame::FrameCap& cap, frame::Mapping mapping) {
    return CapabilityFactory::from_words(CapabilityFactory::first(cap), frame::detail::mapping_word(mapping))
        .as<frame::FrameCap>()
        .value();
}

TEST("a null capability is no other kind") {
    const frame::Capability null{};
    CHECK(null.is_null());
    CHECK(!null.as<frame::UntypedCap>());
    CHECK(!null.as<frame::EndpointCap>());
    CHECK_EQUAL(abi::number(null.tag()), abi::number(abi::CapabilityTag::Null));
}

TEST("untyped: start, size, device and watermark") {
    test::for_seeds(1, 20, [](unsigned seed) {
        std::mt19937_64 random{seed};
        const std::uint64_t bits = 4 + random() % 44;
        const PhysicalAddress start{(random() & frame::low_mask(47)) & ~frame::low_mask(bits)};
        const std::uint64_t watermark = random() & frame::low_mask(bits);
        const bool device = random() % 2 == 0;
        const frame::UntypedCap cap = stored(CarveAccess::untyped(start, bits, device, watermark));
        CHECK(cap.start() == start);
        CHECK_EQUAL(cap.size_bits(), bits);
        CHECK_EQUAL(cap.is_device(), device);
        CHECK_EQUAL(cap.watermark(), watermark);
        CHECK_EQUAL(cap.free_bytes(), cap.size() - watermark);
    });
}

TEST("CNode: radix stays, guard and its size change together") {
    World world;
    for (std::uint64_t radix = 1; radix < 8; ++radix) {
        const World::Index slot = world.carve(abi::ObjectType::CapTable, radix);
        const frame::CNodeCap cap = world.cap<frame::CNodeCap>(slot);
        CHECK_EQUAL(cap.radix(), radix);
        CHECK_EQUAL(cap.guard_size(), 0U);
        for (std::uint64_t size = 0; size <= 58; size += 7) {
            const std::uint64_t guard = 0xfedc'ba98'7654'3210;
            const frame::CNodeCap guarded = stored(cap.with_guard(guard, size));
            CHECK_EQUAL(guarded.guard_size(), size);
            CHECK_EQUAL(guarded.guard(), guard & frame::low_mask(size));
            CHECK_EQUAL(guarded.radix(), radix);
            CHECK(frame::same_object(cap, guarded));
        }
    }
}

TEST("endpoint and notification: badge and rights do not disturb each other") {
    World world;
    const frame::EndpointCap endpoint = world.cap<frame::EndpointCap>(world.carve(abi::ObjectType::Endpoint));
    const frame::NotificationCap notification =
        world.cap<frame::NotificationCap>(world.carve(abi::ObjectType::Notification));
    for (unsigned mask = 0; mask < 16; ++mask) {
        const Rights rights{(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0, (mask & 8) != 0};
        const Badge badge{0x8000'0000'0000'0001 + mask};
        const frame::EndpointCap sent = stored(endpoint.masked(rights).with_badge(badge));
        CHECK_EQUAL(sent.can_receive(), rights.read);
        CHECK_EQUAL(sent.can_send(), rights.write);
        CHECK_EQUAL(sent.can_grant(), rights.grant);
        CHECK_EQUAL(sent.can_grant_reply(), rights.grant_reply);
        CHECK(sent.badge() == badge);
        CHECK(frame::same_object(endpoint, sent));
        const frame::NotificationCap signalled = stored(notification.with_badge(badge).masked(rights));
        CHECK_EQUAL(signalled.can_receive(), rights.read);
        CHECK_EQUAL(signalled.can_send(), rights.write);
        CHECK(signalled.badge() == badge);
    }
    CHECK(!frame::same_object(endpoint, notification));
}

TEST("rights once taken away do not come back") {
    World world;
    const frame::EndpointCap cap = world.cap<frame::EndpointCap>(world.carve(abi::ObjectType::Endpoint));
    const frame::EndpointCap none = cap.masked(Rights{}).masked(Rights::all());
    CHECK(!none.can_send() && !none.can_receive() && !none.can_grant() && !none.can_grant_reply());
}

TEST("frame: size, rights, device and mapping") {
    test::for_seeds(1, 10, [](unsigned seed) {
        std::mt19937_64 random{seed};
        for (const frame::PageSize size : {frame::PageSize::small, frame::PageSize::large, frame::PageSize::huge}) {
            const PhysicalAddress start{(random() & frame::low_mask(47)) & ~frame::low_mask(frame::page_bits(size))};
            const bool device = random() % 2 == 0;
            const frame::Mapping mapping{frame::Asid{static_cast<std::uint16_t>(1 + random() % 4095)},
                                         UserAddress{random() & 0x7fff'ffff'f000}};
            const frame::FrameCap cap = stored(CarveAccess::frame(start, size, device));
            CHECK(!cap.is_mapped());
            const frame::FrameCap mapped = stored(with_mapping(cap, mapping).restricted_to(frame::VmRights::read_only));
            CHECK(mapped.is_mapped());
            CHECK(mapped.mapping() == mapping);
            CHECK(mapped.start() == start);
            CHECK(mapped.size() == size);
            CHECK_EQUAL(mapped.is_device(), device);
            CHECK(mapped.rights() == frame::VmRights::read_only);
            CHECK(!mapped.unmapped().is_mapped());
            CHECK(frame::same_object(cap, mapped));
        }
    });
}

TEST("a capability from an ended phase is refused") {
    World world;
    const frame::EndpointCap cap = world.cap<frame::EndpointCap>(world.carve(abi::ObjectType::Endpoint));
    world.advance();
    CHECK_DIES("after its phase ended", [&] { (void)cap.endpoint(world.phase()); });
}

}  // namespace
