// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/capability.hpp>

namespace frame {

namespace detail {
struct CarveAccess;
}

/// The word that an endpoint or notification capability carries and the receiver sees (seL4 manual, 4.2.1 and 5.1).
enum class Badge : std::uint64_t {};
inline constexpr Badge no_badge{0};

/// The four access rights (seL4 manual, 3.1.4). Which of them a kind of capability uses is the kind's matter.
struct Rights {
    bool read = false;
    bool write = false;
    bool grant = false;
    bool grant_reply = false;

    [[nodiscard]] static constexpr Rights all() { return Rights{true, true, true, true}; }
    [[nodiscard]] constexpr Rights masked(Rights by) const {
        return Rights{read && by.read, write && by.write, grant && by.grant, grant_reply && by.grant_reply};
    }
    friend constexpr bool operator==(Rights, Rights) = default;
};

namespace detail {
/// What the fast paths ask of a capability is in its lowest byte, with other flags above that: one comparison of a byte.
inline constexpr std::uint64_t lowest_byte = 0xff;
}  // namespace detail

/// A capability to an endpoint: badge, and the rights to send (write), receive (read), grant and grant-reply.
class EndpointCap final : public CapabilityOf<EndpointCap, abi::CapabilityTag::Endpoint> {
    using Read = Field<5, 1>;
    using Write = Field<8, 1>;
    using Grant = Field<9, 1>;
    using GrantReply = Field<10, 1>;
    /// Whether either of the two is set: a way for the receiver to answer.
    using Answerable = Field<11, 1>;
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;
    friend struct detail::CarveAccess;
    [[nodiscard]] static EndpointCap make(std::uint64_t offset) {
        return detail::CapabilityFactory::make<EndpointCap>(
            offset, Read::mask | Write::mask | Grant::mask | GrantReply::mask | Answerable::mask, 0);
    }

public:
    [[nodiscard]] Badge badge() const { return Badge{second_word()}; }
    [[nodiscard]] bool can_receive() const { return first<Read>() != 0; }
    [[nodiscard]] bool can_send() const { return first<Write>() != 0; }
    [[nodiscard]] bool can_grant() const { return first<Grant>() != 0; }
    [[nodiscard]] bool can_grant_reply() const { return first<GrantReply>() != 0; }
    /// A capability as one to an endpoint that its holder may call: send, with a way to be answered. Kind and rights are
    /// one comparison, here and below.
    [[nodiscard]] static std::optional<EndpointCap> to_call(const Capability& cap) {
        return with<Write::mask | Answerable::mask>(cap);
    }
    /// A capability as one to an endpoint that its holder may receive at.
    [[nodiscard]] static std::optional<EndpointCap> to_receive(const Capability& cap) { return with<Read::mask>(cap); }
    [[nodiscard]] Ref<kernel::Endpoint> endpoint(const Phase& phase [[clang::lifetimebound]]) const {
        (void)phase;
        return object_as<kernel::Endpoint>();
    }
    [[nodiscard]] EndpointCap with_badge(Badge badge) const { return with_second(static_cast<std::uint64_t>(badge)); }
    [[nodiscard]] EndpointCap masked(Rights by) const {
        const std::uint64_t left =
            first_word() & ~((by.read ? 0 : Read::mask) | (by.write ? 0 : Write::mask) | (by.grant ? 0 : Grant::mask) |
                             (by.grant_reply ? 0 : GrantReply::mask) | Answerable::mask);
        const bool is_answerable = (left & (Grant::mask | GrantReply::mask)) != 0;
        return with_first(left | Answerable::make(is_answerable ? 1 : 0));
    }

private:
    template <std::uint64_t flags>
    [[nodiscard]] static std::optional<EndpointCap> with(const Capability& cap) {
        constexpr std::uint64_t wanted = detail::TagField::make(static_cast<std::uint64_t>(kind)) | flags;
        constexpr std::uint64_t looked_at = (flags & detail::lowest_byte) == flags
                                                ? detail::lowest_byte  // of which nothing else is used
                                                : detail::TagField::mask | flags;
        if ((detail::CapabilityFactory::first(cap) & looked_at) != wanted) {
            return std::nullopt;
        }
        return detail::CapabilityFactory::as<EndpointCap>(cap);
    }
};

/// A capability to a notification: badge, and the rights to signal (write) and wait (read).
class NotificationCap final : public CapabilityOf<NotificationCap, abi::CapabilityTag::Notification> {
    using Read = Field<5, 1>;
    using Write = Field<6, 1>;
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;
    friend struct detail::CarveAccess;
    [[nodiscard]] static NotificationCap make(std::uint64_t offset) {
        return detail::CapabilityFactory::make<NotificationCap>(offset, Read::mask | Write::mask, 0);
    }

public:
    [[nodiscard]] Badge badge() const { return Badge{second_word()}; }
    [[nodiscard]] bool can_receive() const { return first<Read>() != 0; }
    [[nodiscard]] bool can_send() const { return first<Write>() != 0; }
    [[nodiscard]] Ref<kernel::Notification> notification(const Phase& phase [[clang::lifetimebound]]) const {
        (void)phase;
        return object_as<kernel::Notification>();
    }
    [[nodiscard]] NotificationCap with_badge(Badge badge) const {
        return with_second(static_cast<std::uint64_t>(badge));
    }
    [[nodiscard]] NotificationCap masked(Rights by) const {
        return with_first(first_word() & ~((by.read ? 0 : Read::mask) | (by.write ? 0 : Write::mask)));
    }
};

/// A reply capability: the right to answer one caller once (seL4 manual, 4.2.4). The master lives in the caller's TCB
/// and is the derivation parent of the one that a server holds.
class ReplyCap final : public CapabilityOf<ReplyCap, abi::CapabilityTag::Reply> {
    using Master = Field<5, 1>;
    using Grant = Field<8, 1>;
    using CapabilityOf::CapabilityOf;
    friend class Capability;
    friend struct detail::CapabilityFactory;
    friend struct detail::SlotAccess;
    /// The master reply capability of a thread, for its TCB's reply slot.
    [[nodiscard]] static ReplyCap master_of(Ref<kernel::Tcb> caller) {
        return detail::CapabilityFactory::make<ReplyCap>(detail::RefFactory::offset(caller), Master::mask | Grant::mask,
                                                         0);
    }

public:
    [[nodiscard]] bool is_master() const { return first<Master>() != 0; }
    /// Whether a capability is a master, and whether it is one that a server got: kind and flag in one comparison.
    [[nodiscard]] static bool is_master(const Capability& cap) {
        return kind_and_master(cap) == (kind_word | Master::mask);
    }
    [[nodiscard]] static bool is_servers(const Capability& cap) { return kind_and_master(cap) == kind_word; }
    /// A capability as one that a server got.
    [[nodiscard]] static std::optional<ReplyCap> of_server(const Capability& cap) {
        return is_servers(cap) ? std::optional{detail::CapabilityFactory::as<ReplyCap>(cap)} : std::nullopt;
    }
    [[nodiscard]] bool can_grant() const { return first<Grant>() != 0; }
    [[nodiscard]] Ref<kernel::Tcb> caller(const Phase& phase [[clang::lifetimebound]]) const {
        (void)phase;
        return object_as<kernel::Tcb>();
    }
    /// The capability that a server gets, derived from a master.
    [[nodiscard]] ReplyCap for_server(bool grant) const {
        return rebuilt<ReplyCap>((first_word() & ~(Master::mask | Grant::mask)) | Grant::make(grant ? 1 : 0), 0);
    }
    [[nodiscard]] ReplyCap masked(Rights by) const { return with_first(first_word() & ~(by.grant ? 0 : Grant::mask)); }

private:
    static constexpr std::uint64_t kind_word = detail::TagField::make(static_cast<std::uint64_t>(kind));
    [[nodiscard]] static std::uint64_t kind_and_master(const Capability& cap) {
        return detail::CapabilityFactory::first(cap) & detail::lowest_byte;  // of which nothing else is used
    }
};

}  // namespace frame
