// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/ipc/notification.hpp"

#include <utility>

#include "kernel/ipc/endpoint.hpp"
#include "kernel/ipc/message.hpp"
#include "kernel/ipc/transfer.hpp"
#include "kernel/ipc/wake_all.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

namespace {

using frame::NotificationState;

void wake_with(const frame::Phase& phase, frame::Ref<Tcb> tcb, frame::Badge badge) {
    scheduler(phase).set_state(phase, tcb, ThreadState::running);
    tcb->context().set<call_register::badge>(std::to_underlying(badge));
    scheduler(phase).consider(phase, tcb);
}

frame::Ref<Tcb> take_first(const frame::Phase& phase [[clang::lifetimebound]], Notification& notification) {
    const frame::Ref<Tcb> first = notification.links.queue.front(phase).value();
    notification.links.queue.remove_front();
    return first;
}

}  // namespace

void signal(const frame::Phase& phase, frame::Ref<Notification> notification, frame::Badge badge) {
    switch (notification->links.queue.state()) {
    case NotificationState::idle:
        if (const std::optional<frame::Ref<Tcb>> bound = notification->links.bound.get(phase);
            bound.has_value() && (*bound)->state == ThreadState::blocked_on_receive) {
            cancel_ipc(phase, *bound);
            wake_with(phase, *bound, badge);
            return;
        }
        notification->pending = std::to_underlying(badge);
        notification->links.queue.set_state(NotificationState::active);
        return;
    case NotificationState::waiting:
        wake_with(phase, take_first(phase, *notification), badge);
        return;
    case NotificationState::active:
        notification->pending |= std::to_underlying(badge);
        return;
    }
}

void wait(const frame::Phase& phase, frame::Ref<Tcb> tcb, frame::Ref<Notification> notification, bool blocking) {
    if (notification->links.queue.state() == NotificationState::active) {
        take_signal(tcb, notification);
    } else if (blocking) {
        scheduler(phase).set_state(phase, tcb, ThreadState::blocked_on_notification);
        notification->links.queue.push_back(notification, tcb, NotificationState::waiting);
    } else {
        transfer_nothing(*tcb);
    }
}

void take_signal(frame::Ref<Tcb> tcb, frame::Ref<Notification> notification) {
    tcb->context().set<call_register::badge>(notification->pending);
    notification->links.queue.set_state(NotificationState::idle);
}

void cancel_all(const frame::Phase& phase, frame::Ref<Notification> notification) {
    wake_all(phase, notification->links.queue);
}

void unbind_if_bound(const frame::Phase& phase, frame::Ref<Notification> notification) {
    if (const std::optional<frame::Ref<Tcb>> bound = notification->links.bound.get(phase)) {
        frame::unbind(*bound);
    }
}

}  // namespace kernel
