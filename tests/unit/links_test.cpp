// SPDX-License-Identifier: GPL-2.0-only
//
// The links between objects: queues of threads against a plain queue, bindings, and what a core names.
#include <algorithm>
#include <deque>
#include <random>
#include <type_traits>
#include <vector>

#include "kernel/ipc/endpoint.hpp"
#include "kernel/sched/scheduler.hpp"
#include "tests/support/test.hpp"
#include "tests/support/world.hpp"

// A link that could be copied or overwritten would vanish from one side only, and its object could die while it is named.
template <class Link>
inline constexpr bool stays_in_place = !std::is_copy_constructible_v<Link> && !std::is_copy_assignable_v<Link> &&
                                       !std::is_move_constructible_v<Link> && !std::is_move_assignable_v<Link>;
static_assert(stays_in_place<frame::QueueHook> && stays_in_place<frame::WaitHook> &&
              stays_in_place<frame::Peer<kernel::Tcb>> && stays_in_place<frame::Peer<kernel::Notification>>);
static_assert(stays_in_place<frame::ReadyQueue> && stays_in_place<frame::AllThreads>);
static_assert(stays_in_place<frame::TcbLinks> && stays_in_place<frame::EndpointLinks> &&
              stays_in_place<frame::NotificationLinks>);

namespace {

using frame::Ref;
using kernel::Tcb;
using test::World;
using Index = World::Index;

struct Threads : World {
    std::vector<Index> slots;

    explicit Threads(std::size_t count) {
        for (std::size_t made = 0; made < count; ++made) {
            slots.push_back(carve(abi::ObjectType::Tcb));
        }
        advance();
    }
    [[nodiscard]] Ref<Tcb> at(std::size_t index) { return cap<frame::ThreadCap>(slots[index]).tcb(phase()); }
    [[nodiscard]] Ref<kernel::Endpoint> endpoint(Index slot) { return cap<frame::EndpointCap>(slot).endpoint(phase()); }
};

TEST("a queue of threads agrees with a plain queue") {
    test::for_seeds(1, 10, [](unsigned seed) {
        Threads world{8};
        std::mt19937 random{seed};
        frame::ReadyQueue queue;
        std::deque<std::size_t> model;
        for (unsigned step = 0; step < 400; ++step) {
            const std::size_t which = random() % world.slots.size();
            const auto found = std::ranges::find(model, which);
            if (found != model.end()) {
                queue.remove(world.at(which));
                model.erase(found);
            } else if (random() % 2 == 0) {
                queue.push_back(world.at(which));
                model.push_back(which);
            } else {
                queue.push_front(world.at(which));
                model.push_front(which);
            }
            std::optional<Ref<Tcb>> at = queue.front(world.phase());
            for (const std::size_t expected : model) {
                CHECK(at.has_value() && *at == world.at(expected));
                at = queue.after(world.phase(), *at);
            }
            CHECK(!at.has_value());
            CHECK_EQUAL(queue.is_empty(), model.empty());
        }
    });
}

TEST("a waiting thread knows the object that it waits at, and only while it waits") {
    Threads world{2};
    const Index slot = world.carve(abi::ObjectType::Endpoint);
    world.advance();
    const Ref<kernel::Endpoint> endpoint = world.endpoint(slot);
    CHECK(!world.at(0)->block.links.wait.endpoint(world.phase()).has_value());
    endpoint->links.queue.push_back(endpoint, world.at(0), frame::EndpointState::sending);
    endpoint->links.queue.push_back(endpoint, world.at(1), frame::EndpointState::sending);
    CHECK(world.at(1)->block.links.wait.endpoint(world.phase()) == endpoint);
    CHECK(!world.at(1)->block.links.wait.notification(world.phase()).has_value());
    endpoint->links.queue.remove(world.at(0));
    CHECK(!world.at(0)->block.links.wait.endpoint(world.phase()).has_value());
    CHECK(endpoint->links.queue.front(world.phase()) == world.at(1));
    CHECK(endpoint->links.queue.state() == frame::EndpointState::sending);
}

TEST("a queue of waiting threads serves the object that holds it") {
    Threads world{1};
    const Index mine = world.carve(abi::ObjectType::Endpoint);
    const Index other = world.carve(abi::ObjectType::Endpoint);
    world.advance();
    const Ref<kernel::Endpoint> wrong = world.endpoint(other);
    CHECK_DIES("used for another object",
               [&] { world.endpoint(mine)->links.queue.push_back(wrong, world.at(0), frame::EndpointState::sending); });
}

TEST("taking threads out of a queue takes each once, in order, and leaves the others as they were") {
    test::for_seeds(1, 20, [](unsigned seed) {
        Threads world{9};
        const Index slot = world.carve(abi::ObjectType::Endpoint);
        world.advance();
        std::mt19937 random{seed};
        const Ref<kernel::Endpoint> endpoint = world.endpoint(slot);
        auto& queue = endpoint->links.queue;
        std::vector<std::size_t> stay;
        std::vector<std::size_t> leave;
        for (std::size_t which = 0; which < world.slots.size(); ++which) {
            queue.push_back(endpoint, world.at(which), frame::EndpointState::sending);
            world.at(which)->priority = static_cast<kernel::Priority>(random() % 2);
            (world.at(which)->priority == 0 ? stay : leave).push_back(which);
        }
        std::vector<Ref<Tcb>> taken;
        const auto note = [&taken](Ref<Tcb> tcb) { taken.push_back(tcb); };
        const auto expect_taken = [&](const std::vector<std::size_t>& expected) {
            CHECK_EQUAL(taken.size(), expected.size());
            for (std::size_t index = 0; index < expected.size(); ++index) {
                CHECK(taken[index] == world.at(expected[index]));
                CHECK(!taken[index]->block.links.wait.is_linked());
                CHECK(!taken[index]->block.links.wait.endpoint(world.phase()).has_value());
            }
            taken.clear();
        };
        queue.take_matching(world.phase(), [](Ref<Tcb> tcb) { return tcb->priority == 1; }, note);
        expect_taken(leave);
        CHECK(queue.state() == frame::EndpointState::sending);
        // Those that stayed are still in line, and a newcomer gets behind them.
        if (!leave.empty()) {
            queue.push_back(endpoint, world.at(leave.front()), frame::EndpointState::sending);
            stay.push_back(leave.front());
        }
        CHECK_EQUAL(queue.take_all(world.phase(), note), stay.size());
        expect_taken(stay);
        CHECK(queue.is_empty());
        CHECK(queue.state() == frame::EndpointState::idle);
    });
}

TEST("a thread leaves the queue that it is in") {
    Threads world{1};
    frame::ReadyQueue mine;
    frame::ReadyQueue other;
    mine.push_back(world.at(0));
    CHECK_DIES("in another queue", [&] { other.remove(world.at(0)); });
}

TEST("a waiting thread leaves the queue that it waits in, and no other") {
    Threads world{2};
    const Index mine = world.carve(abi::ObjectType::Endpoint);
    const Index other = world.carve(abi::ObjectType::Endpoint);
    world.advance();
    const Ref<kernel::Endpoint> endpoint = world.endpoint(mine);
    endpoint->links.queue.push_back(endpoint, world.at(0), frame::EndpointState::receiving);
    CHECK_DIES("not in this queue", [&] { world.endpoint(other)->links.queue.remove(world.at(0)); });
    CHECK_DIES("not in this queue", [&] { endpoint->links.queue.remove(world.at(1)); });
    CHECK_DIES("in a queue already",
               [&] { endpoint->links.queue.push_back(endpoint, world.at(0), frame::EndpointState::receiving); });
    endpoint->links.queue.remove(world.at(0));
    CHECK_DIES("not in this queue", [&] { endpoint->links.queue.remove(world.at(0)); });
}

TEST("a queue is in a state in which threads wait exactly while some do") {
    Threads world{2};
    const Index slot = world.carve(abi::ObjectType::Endpoint);
    const Index bell_slot = world.carve(abi::ObjectType::Notification);
    world.advance();
    const Ref<kernel::Endpoint> endpoint = world.endpoint(slot);
    auto& queue = endpoint->links.queue;
    using enum frame::EndpointState;
    CHECK(!queue.front_in(world.phase(), receiving).has_value());
    queue.push_back(endpoint, world.at(0), receiving);
    queue.push_back(endpoint, world.at(1), receiving);
    CHECK(queue.front_in(world.phase(), receiving) == world.at(0));
    CHECK(!queue.front_in(world.phase(), sending).has_value());
    queue.remove_front();
    CHECK(queue.front_in(world.phase(), receiving) == world.at(1));
    queue.remove(world.at(1));
    CHECK(queue.state() == idle);
    CHECK_DIES("the first of no threads", [&] { queue.remove_front(); });
    CHECK_DIES("the first of no threads", [&] { (void)queue.front_in(world.phase(), idle); });
    CHECK_DIES("said to be something else", [&] { queue.set_state(receiving); });
    CHECK_DIES("those that do not wait", [&] { queue.push_back(endpoint, world.at(0), idle); });

    const Ref<kernel::Notification> bell = world.cap<frame::NotificationCap>(bell_slot).notification(world.phase());
    bell->links.queue.set_state(frame::NotificationState::active);
    CHECK(bell->links.queue.is(frame::NotificationState::active));
    bell->links.queue.set_state(frame::NotificationState::idle);
    bell->links.queue.push_back(bell, world.at(0), frame::NotificationState::waiting);
    CHECK_DIES("said to be something else", [&] { bell->links.queue.set_state(frame::NotificationState::active); });
}

TEST("taking turns puts a thread at the end and takes the first one out") {
    test::for_seeds(1, 3, [](unsigned others) {
        Threads world{4};
        frame::ReadyQueue queue;
        CHECK_DIES("with nobody", [&] { (void)queue.take_turns(world.phase(), world.at(0)); });
        for (std::size_t which = 1; which <= others; ++which) {
            queue.push_back(world.at(which));
        }
        CHECK(queue.take_turns(world.phase(), world.at(0)) == world.at(1));
        CHECK(!world.at(1)->block.links.ready.is_linked());
        for (std::size_t which = 2; which <= others + 1; ++which) {
            const Ref<Tcb> expected = world.at(which <= others ? which : 0);
            CHECK(queue.front(world.phase()) == expected);
            queue.remove(expected);
        }
        CHECK(queue.is_empty());
    });
}

TEST("a thread is in one queue of a kind at a time") {
    Threads world{1};
    frame::ReadyQueue queue;
    queue.push_back(world.at(0));
    CHECK_DIES("in a queue already", [&] { queue.push_back(world.at(0)); });
    queue.remove(world.at(0));
    CHECK_DIES("not in a queue", [&] { queue.remove(world.at(0)); });
}

TEST("an endpoint does not die while threads wait at it, nor a thread while it is queued") {
    Threads world{1};
    const Index slot = world.carve(abi::ObjectType::Endpoint);
    world.advance();
    kernel::send(world.phase(), world.at(0), world.endpoint(slot), kernel::Sending{.blocking = true});
    CHECK(world.at(0)->state == kernel::ThreadState::blocked_on_send);
    CHECK_DIES("while threads waited at it", [&] { world.slot(slot).clear(); });
    CHECK_DIES("while it was queued or bound", [&] { world.slot(world.slots[0]).become_zombie(); });
    kernel::cancel_ipc(world.phase(), world.at(0));
    CHECK(world.at(0)->state == kernel::ThreadState::inactive);
    world.erase(slot);
}

TEST("a thread does not die while a core runs it, considers it or holds its FPU state") {
    Threads world{1};
    frame::Core& core = frame::this_core(world.phase());
    const auto die = [&] { world.slot(world.slots[0]).become_zombie(); };
    core.switch_to(world.at(0));
    CHECK_DIES("while a core ran it", die);
    core.switch_to_idle();
    core.give_fpu(world.at(0));
    CHECK_DIES("held its FPU state", die);
    core.save_fpu();
    core.set_candidate(world.at(0));
    CHECK_DIES("while a core ran it", die);
    core.forget(world.at(0));
    die();
}

TEST("the scheduler finds the highest priority, in the order of arrival") {
    Threads world{6};
    kernel::Scheduler& scheduler = kernel::scheduler(world.phase());
    for (std::size_t index = 0; index < 6; ++index) {
        world.at(index)->state = kernel::ThreadState::running;
        world.at(index)->priority = static_cast<kernel::Priority>(index / 2 * 100);
        scheduler.append(world.at(index));
    }
    CHECK(scheduler.first_ready(world.phase(), 0, 200) == world.at(4));
    scheduler.dequeue(world.at(4));
    CHECK(scheduler.first_ready(world.phase(), 0, 200) == world.at(5));
    scheduler.dequeue(world.at(5));
    CHECK(!scheduler.first_ready(world.phase(), 0, 200).has_value());
    CHECK(scheduler.first_ready(world.phase(), 0, 100) == world.at(2));
}

TEST("a reference of one type does not reach an object of another") {
    Threads world{1};
    const frame::Ref<kernel::Endpoint> wrong = frame::detail::RefFactory::from_offset<kernel::Endpoint>(
        frame::detail::CapabilityFactory::address(world.slot(world.slots[0]).capability()));
    CHECK_DIES("", [&] { (void)wrong->links.are_empty(); });
}

TEST("binding is mutual, and undone on both sides") {
    Threads world{2};
    const Index slot = world.carve(abi::ObjectType::Notification);
    world.advance();
    const Ref<kernel::Notification> notification = world.cap<frame::NotificationCap>(slot).notification(world.phase());
    frame::bind(world.at(0), notification);
    CHECK(world.at(0)->block.links.notification.get(world.phase()) == notification);
    CHECK(notification->links.bound.get(world.phase()) == world.at(0));
    CHECK_DIES("bound already", [&] { frame::bind(world.at(1), notification); });
    frame::unbind(world.at(0));
    CHECK(!world.at(0)->block.links.notification.is_bound());
    CHECK(!notification->links.bound.is_bound());
}

}  // namespace
