// SPDX-License-Identifier: BSD-2-Clause
/// @file
/// Capabilities that know what they refer to. A `Cap<Endpoint>` can be called and a `Cap<Notification>` signalled;
/// mixing them up does not compile. A Cap is the address of a slot in the program's capability space: copying the C++
/// value copies the address, not the capability, which is what CNode operations and Pool are for.
#pragma once

#include <antimono/message.hpp>

namespace antimono {

// -- Types of objects, for use as Cap<...> (seL4 manual, "Kernel Services and Objects") -----------------------------

struct Endpoint;
struct Notification;
struct Tcb;
struct CNode;
struct Untyped;
struct Pml4;
struct Pdpt;
struct PageDirectory;
struct PageTable;
template <unsigned size_bits>
struct Frame;
using Page = Frame<seL4_PageBits>;
using LargePage = Frame<seL4_LargePageBits>;

/// The number that seL4_Untyped_Retype takes for a type.
template <typename T>
struct ObjectType;
// clang-format off
template <> struct ObjectType<Endpoint> { static constexpr seL4_Word number = seL4_EndpointObject; };
template <> struct ObjectType<Notification> { static constexpr seL4_Word number = seL4_NotificationObject; };
template <> struct ObjectType<Tcb> { static constexpr seL4_Word number = seL4_TCBObject; };
template <> struct ObjectType<CNode> { static constexpr seL4_Word number = seL4_CapTableObject; };
template <> struct ObjectType<Untyped> { static constexpr seL4_Word number = seL4_UntypedObject; };
template <> struct ObjectType<Pml4> { static constexpr seL4_Word number = seL4_X64_PML4Object; };
template <> struct ObjectType<Pdpt> { static constexpr seL4_Word number = seL4_X86_PDPTObject; };
template <> struct ObjectType<PageDirectory> { static constexpr seL4_Word number = seL4_X86_PageDirectoryObject; };
template <> struct ObjectType<PageTable> { static constexpr seL4_Word number = seL4_X86_PageTableObject; };
template <> struct ObjectType<Page> { static constexpr seL4_Word number = seL4_X86_4K; };
template <> struct ObjectType<LargePage> { static constexpr seL4_Word number = seL4_X86_LargePageObject; };
// clang-format on

/// A type that memory can be retyped to.
template <typename T>
concept Object = requires { ObjectType<T>::number; };

/// A type whose size the program chooses.
template <typename T>
concept SizedObject =
    Object<T> && (ObjectType<T>::number == seL4_CapTableObject || ObjectType<T>::number == seL4_UntypedObject);

// -- Rights and badges -----------------------------------------------------------------------------------------------

/// A badge, so that it is not mixed up with other words.
struct Badge {
    seL4_Word value;
};

/// Rights as a combination, for example `Right::write | Right::grant_reply`.
enum class Right : unsigned { none = 0, write = 1, read = 2, grant = 4, grant_reply = 8, all = 15 };

constexpr Right operator|(Right left, Right right) {
    return static_cast<Right>(static_cast<unsigned>(left) | static_cast<unsigned>(right));
}

constexpr bool has(Right rights, Right right) {
    return (static_cast<unsigned>(rights) & static_cast<unsigned>(right)) != 0;
}

inline seL4_CapRights_t to_sel4(Right rights) {
    return seL4_CapRights_new(has(rights, Right::grant_reply), has(rights, Right::grant), has(rights, Right::read),
                              has(rights, Right::write));
}

// -- Capabilities ----------------------------------------------------------------------------------------------------

/// The address of a capability, without what it refers to.
class CapAddress {
public:
    constexpr explicit CapAddress(seL4_CPtr address) : address_{address} {}
    constexpr seL4_CPtr address() const { return address_; }
    friend constexpr bool operator==(CapAddress left, CapAddress right) { return left.address_ == right.address_; }

private:
    seL4_CPtr address_;
};

/// A capability to a `T`. The primary template is for objects without operations of their own.
template <typename T>
class Cap : public CapAddress {
public:
    using CapAddress::CapAddress;
};

template <>
class Cap<Endpoint> : public CapAddress {
public:
    using CapAddress::CapAddress;

    /// Sends, and waits until someone has received.
    template <MessageBody T>
    void send(const T& body) const {
        seL4_Send(address(), pack(body));
    }

    /// Sends and waits for the reply, which must be an `Answer`; seL4_InvalidArgument if it is something else.
    template <MessageBody Answer, MessageBody T>
    Result<Answer> call(const T& body) const {
        return Received{seL4_Call(address(), pack(body)), 0}.template as<Answer>();
    }

    /// Waits for a message.
    Received receive() const {
        seL4_Word badge = 0;
        seL4_MessageInfo_t info = seL4_Recv(address(), &badge);
        return {info, badge};
    }

    /// Answers the caller of the last message received, and waits for the next.
    template <MessageBody T>
    Received reply_and_receive(const T& body) const {
        seL4_Word badge = 0;
        seL4_MessageInfo_t info = seL4_ReplyRecv(address(), pack(body), &badge);
        return {info, badge};
    }
};

/// Answers the caller of the last message that the calling thread received; does nothing if there is none.
template <MessageBody T>
void reply(const T& body) {
    seL4_Reply(pack(body));
}

template <>
class Cap<Notification> : public CapAddress {
public:
    using CapAddress::CapAddress;

    /// Adds this capability's badge to the notification's word.
    void signal() const { seL4_Signal(address()); }

    /// Waits until the word is not zero; returns it and clears it.
    seL4_Word wait() const {
        seL4_Word badge = 0;
        seL4_Wait(address(), &badge);
        return badge;
    }

    /// The same without waiting; zero if nothing has been signalled.
    seL4_Word poll() const {
        seL4_Word badge = 0;
        seL4_Poll(address(), &badge);
        return badge;
    }
};

template <>
class Cap<Tcb> : public CapAddress {
public:
    using CapAddress::CapAddress;

    Result<void> suspend() const { return checked(static_cast<seL4_Word>(seL4_TCB_Suspend(address()))); }
    Result<void> resume() const { return checked(static_cast<seL4_Word>(seL4_TCB_Resume(address()))); }

    /// The priority may not exceed the maximum controlled priority of `authority`.
    Result<void> set_priority(Cap<Tcb> authority, seL4_Word priority) const {
        return checked(
            static_cast<seL4_Word>(seL4_TCB_SetSchedParams(address(), authority.address(), seL4_MinPrio, priority)));
    }
};

template <>
class Cap<Pml4> : public CapAddress {
public:
    using CapAddress::CapAddress;
};

template <unsigned size_bits>
class Cap<Frame<size_bits>> : public CapAddress {
public:
    using CapAddress::CapAddress;
    static constexpr seL4_Word size = seL4_Word{1} << size_bits;

    /// Maps the frame at a multiple of its size. seL4_FailedLookup if a paging structure is missing there.
    Result<void> map(Cap<Pml4> root, seL4_Word at, Right rights) const {
        return checked(static_cast<seL4_Word>(
            seL4_X86_Page_Map(address(), root.address(), at, to_sel4(rights), seL4_X86_Default_VMAttributes)));
    }

    Result<void> unmap() const { return checked(static_cast<seL4_Word>(seL4_X86_Page_Unmap(address()))); }
};

/// What every root task has from the start.
inline constexpr Cap<Tcb> initial_tcb{seL4_CapInitThreadTCB};
inline constexpr Cap<CNode> initial_cnode{seL4_CapInitThreadCNode};
inline constexpr Cap<Pml4> initial_vspace{seL4_CapInitThreadVSpace};

}  // namespace antimono
