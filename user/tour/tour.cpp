// SPDX-License-Identifier: BSD-2-Clause
/// @file
/// A tour in C++: typed capabilities, results instead of error codes, typed messages, notifications, a small server
/// with two clients, a fault handler. Runs on Antimono and on the seL4 kernel and prints the same on both.
#include <antimono/pool.hpp>

using namespace antimono;

namespace {

// What does not fit together does not compile.
template <typename T>
concept Receivable = requires(Cap<T> cap) { cap.receive(); };
template <typename T>
concept Signallable = requires(Cap<T> cap) { cap.signal(); };
static_assert(Receivable<Endpoint> && !Receivable<Notification> && !Receivable<Tcb>);
static_assert(Signallable<Notification> && !Signallable<Endpoint> && !Signallable<Page>);
static_assert(!__is_constructible(Cap<Endpoint>, Cap<Notification>) && !__is_constructible(Cap<Endpoint>, int*));

constexpr seL4_Word client_priority = seL4_MaxPrio - 1;

/// Constructed before main().
struct Visits {
    Visits() : count{100} {}
    int next() { return ++count; }
    int count;
};
Visits visits;

void heading(const char* title) { rt_printf("\n%d. %s\n", visits.next() - 100, title); }

// -- 1. Types and results -------------------------------------------------------------------------------------------

void results(Pool& pool) {
    heading("An invocation gives a capability of a known type, or an error");
    auto endpoint = pool.make<Endpoint>();
    rt_printf("   an endpoint: %s\n", endpoint ? "made" : endpoint.error().name());

    auto badge_twice = pool.make<Notification>().and_then(
        [&](Cap<Notification> plain) { return pool.mint(plain, Right::write, Badge{1}); });
    rt_printf("   a badged notification: %s\n", badge_twice ? "minted" : badge_twice.error().name());

    // There are no paging structures at this address yet: the error is a value like any other.
    auto page = pool.make<Page>().expect("a page");
    seL4_Word nowhere = pool.base() + (3ul << seL4_HugePageBits);
    auto mapped = page.map(initial_vspace, nowhere, Right::read | Right::write);
    rt_printf("   a page where nothing can be mapped: %s\n", mapped ? "mapped" : mapped.error().name());

    void* address = pool.map(page, Right::read | Right::write).expect("mapping the page");
    *static_cast<volatile seL4_Word*>(address) = 7;
    rt_printf("   the same page elsewhere: mapped, holds %lu\n", *static_cast<volatile seL4_Word*>(address));
    pool.reset().expect("taking everything back");
}

// -- 2. Notifications -----------------------------------------------------------------------------------------------

/// Signals its own bit of a notification.
struct Device {
    Cap<Notification> line;
    void raise() { line.signal(); }
};

void notifications(Pool& pool) {
    heading("Notifications collect signals");
    auto notification = pool.make<Notification>().expect("a notification");
    Device devices[] = {{pool.mint(notification, Right::write, Badge{1}).expect("a badge")},
                        {pool.mint(notification, Right::write, Badge{4}).expect("a badge")}};
    rt_printf("   before: %#lx\n", notification.poll());
    Thread first{pool, client_priority}, second{pool, client_priority - 1};
    first.start<&Device::raise>(devices[0]).expect("starting a thread");
    second.start<&Device::raise>(devices[1]).expect("starting a thread");
    seL4_Word seen = 0;
    while (seen != 5) {
        seL4_Word bits = notification.wait();
        rt_printf("   woken by %#lx\n", bits);
        seen |= bits;
    }
    rt_printf("   after: %#lx\n", notification.poll());
    pool.reset().expect("taking everything back");
}

// -- 3. A server ----------------------------------------------------------------------------------------------------

/// The protocol of an account: who calls is told by the badge.
struct Deposit {
    static constexpr seL4_Word label = 1;
    seL4_Word amount;
};
struct Withdraw {
    static constexpr seL4_Word label = 2;
    seL4_Word amount;
};
struct Balance {
    static constexpr seL4_Word label = 3;
    seL4_Word amount;
};
struct Refused {
    static constexpr seL4_Word label = 4;
};
struct Done {
    static constexpr seL4_Word label = 5;
};

struct Client {
    Cap<Endpoint> bank;
    seL4_Word deposits;
    seL4_Word last_balance = 0;
    bool was_refused = false;

    void run() {
        for (seL4_Word i = 1; i <= deposits; i++) {
            last_balance = bank.call<Balance>(Deposit{i * 10}).value().amount;
        }
        was_refused = bank.call<Refused>(Withdraw{last_balance + 1}).has_value();
        last_balance = bank.call<Balance>(Withdraw{last_balance / 2}).value().amount;
        bank.send(Done{});
    }
};

/// Serves until both clients have said that they are done.
void serve(Cap<Endpoint> endpoint) {
    seL4_Word balances[3] = {};
    int open = 2;
    Received request = endpoint.receive();
    while (true) {
        seL4_Word& balance = balances[request.badge()];
        if (auto deposit = request.as<Deposit>()) {
            balance += deposit->amount;
            request = endpoint.reply_and_receive(Balance{balance});
        } else if (auto withdrawal = request.as<Withdraw>(); withdrawal && withdrawal->amount <= balance) {
            balance -= withdrawal->amount;
            request = endpoint.reply_and_receive(Balance{balance});
        } else if (request.is<Done>()) {
            if (--open == 0) {
                return;
            }
            request = endpoint.receive();
        } else {
            request = endpoint.reply_and_receive(Refused{});
        }
    }
}

void server(Pool& pool) {
    heading("A server tells its clients apart by their badges");
    auto endpoint = pool.make<Endpoint>().expect("an endpoint");
    Client clients[] = {
        {pool.mint(endpoint, Right::write | Right::grant_reply, Badge{1}).expect("a badge"), 3},
        {pool.mint(endpoint, Right::write | Right::grant_reply, Badge{2}).expect("a badge"), 5},
    };
    Thread first{pool, client_priority}, second{pool, client_priority};
    first.start<&Client::run>(clients[0]).expect("starting a client");
    second.start<&Client::run>(clients[1]).expect("starting a client");
    serve(endpoint);
    for (const Client& client : clients) {
        rt_printf("   %lu deposits, a withdrawal %s, then half of it: %lu left\n", client.deposits,
                  client.was_refused ? "refused" : "allowed", client.last_balance);
    }
    pool.reset().expect("taking everything back");
}

// -- 4. A fault handler ---------------------------------------------------------------------------------------------

struct Worker {
    Cap<Notification> finished;
    int steps = 0;

    void run() {
        steps++;
        asm volatile("ud2");  // two bytes
        steps++;
        finished.signal();
    }
};

/// What a user exception is answered with: where to go on. The other words are left out, and keep their values.
struct ContinueAt {
    static constexpr seL4_Word label = 0;
    seL4_Word instruction;
};

void faults(Pool& pool) {
    heading("A fault handler lets a thread skip an instruction");
    auto endpoint = pool.make<Endpoint>().expect("an endpoint");
    auto notification = pool.make<Notification>().expect("a notification");
    Worker worker{pool.mint(notification, Right::write, Badge{1}).expect("a badge")};
    Thread thread{pool, client_priority,
                  pool.mint(endpoint, Right::write | Right::grant_reply, Badge{3}).expect("a badge")};
    thread.start<&Worker::run>(worker).expect("starting the thread");

    Received message = endpoint.receive();
    RtFault fault;
    rt_fault_read(&fault, message.info());
    char sentence[128];
    rt_fault_describe(&fault, sentence, sizeof sentence);
    rt_printf("   badge %lu after %d step: %s\n", message.badge(), worker.steps, sentence);
    RT_ASSERT(fault.label == seL4_Fault_UserException);
    reply(ContinueAt{fault.words[seL4_UserException_FaultIP] + 2});
    notification.wait();
    rt_printf("   finished after %d steps\n", worker.steps);
    pool.reset().expect("taking everything back");
}

// -- 5. Memory ------------------------------------------------------------------------------------------------------

void memory(Pool& pool) {
    heading("The memory is whole again");
    auto whole = pool.make<Untyped>(pool.size_bits());
    rt_printf("   all 2^%lu bytes at once: %s\n", pool.size_bits(), whole ? "made" : whole.error().name());
    auto more = pool.make<Endpoint>();
    rt_printf("   an endpoint more: %s\n", more ? "made" : more.error().name());
}

}  // namespace

int main(const seL4_BootInfo*) {
    rt_printf("A tour in C++.\n");
    {
        Pool pool{20, 128};
        results(pool);
        notifications(pool);
        server(pool);
        faults(pool);
        memory(pool);
    }  // takes back what is left in the pool
    rt_printf("\ntour: done\n");
    return 0;
}
