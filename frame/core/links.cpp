// SPDX-License-Identifier: GPL-2.0-only
#include <frame/links.hpp>

namespace frame {

namespace {

NotificationLinks& links_of(Ref<kernel::Notification> notification) {
    // SAFETY: a notification starts with its links.
    return *detail::pointer_at<NotificationLinks>(detail::RefFactory::offset(notification));
}

}  // namespace

void bind(Ref<kernel::Tcb> tcb, Ref<kernel::Notification> notification) {
    using detail::LinkAccess;
    TcbLinks& mine = LinkAccess::block(LinkAccess::address(tcb))->links;
    NotificationLinks& theirs = links_of(notification);
    check(!mine.notification.is_bound() && !theirs.bound.is_bound(), "thread or notification is bound already");
    LinkAccess::peer(mine.notification) = LinkAccess::address(notification);
    LinkAccess::peer(theirs.bound) = LinkAccess::address(tcb);
}

void unbind(Ref<kernel::Tcb> tcb) {
    using detail::LinkAccess;
    TcbLinks& mine = LinkAccess::block(LinkAccess::address(tcb))->links;
    const std::uint64_t address = LinkAccess::peer(mine.notification);
    if (address == 0) {
        return;
    }
    const Ref<kernel::Notification> notification = LinkAccess::object<kernel::Notification>(address);
    LinkAccess::peer(links_of(notification).bound) = 0;
    LinkAccess::peer(mine.notification) = 0;
}

}  // namespace frame
