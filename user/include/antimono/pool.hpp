// SPDX-License-Identifier: BSD-2-Clause
/// @file
/// Objects out of a pool of memory (see pool.h), with their types; and threads.
#pragma once

#include <antimono/fault.h>
#include <antimono/pool.h>
#include <antimono/thread.h>
#include <antimono/cap.hpp>

namespace antimono {

/// A pool of memory, slots and addresses. When it goes out of scope, all objects made from it are revoked, and its
/// memory is whole again.
class Pool {
public:
    /// 2^`size_bits` bytes of RAM and `slots` slots, taken from what the kernel left to the root task. They stay with
    /// the pool: use one Pool again and again rather than making many.
    Pool(seL4_Word size_bits, seL4_Word slots) { RT_CHECK(rt_pool_create(&pool_, size_bits, slots)); }
    ~Pool() { RT_CHECK(rt_pool_reset(&pool_)); }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Takes back all objects now.
    Result<void> reset() { return checked(rt_pool_reset(&pool_)); }

    /// Makes an object of fixed size.
    template <Object T>
        requires(!SizedObject<T>)
    Result<Cap<T>> make() {
        return make_sized<T>(0);
    }

    /// Makes a CNode of 2^`size_bits` slots or an untyped of 2^`size_bits` bytes.
    template <SizedObject T>
    Result<Cap<T>> make(seL4_Word size_bits) {
        return make_sized<T>(size_bits);
    }

    /// A copy of `source` with no more than `rights`.
    template <typename T>
    Result<Cap<T>> copy(Cap<T> source, Right rights) {
        return place<T>([&](seL4_CPtr slot) {
            return seL4_CNode_Copy(seL4_CapInitThreadCNode, slot, seL4_WordBits, seL4_CapInitThreadCNode,
                                   source.address(), seL4_WordBits, to_sel4(rights));
        });
    }

    /// A copy of `source` with a badge. Only a capability without a badge can get one: otherwise
    /// seL4_IllegalOperation.
    template <typename T>
        requires(__is_same(T, Endpoint) || __is_same(T, Notification))
    Result<Cap<T>> mint(Cap<T> source, Right rights, Badge badge) {
        return place<T>([&](seL4_CPtr slot) {
            return seL4_CNode_Mint(seL4_CapInitThreadCNode, slot, seL4_WordBits, seL4_CapInitThreadCNode,
                                   source.address(), seL4_WordBits, to_sel4(rights), badge.value);
        });
    }

    /// Maps a page at the pool's next address, with the paging structures that it needs.
    Result<void*> map(Cap<Page> page, Right rights) {
        void* address = nullptr;
        seL4_Error error = rt_pool_map(&pool_, page.address(), to_sel4(rights), &address);
        return checked(error, address);
    }

    /// The pool's memory, log2 of bytes.
    seL4_Word size_bits() const { return pool_.size_bits; }
    /// The first of the 512 GiB of addresses that are the pool's own.
    seL4_Word base() const { return pool_.base; }

    /// The pool itself, for the C interface.
    RtPool* raw() { return &pool_; }

private:
    template <typename T>
    Result<Cap<T>> make_sized(seL4_Word size_bits) {
        seL4_CPtr object = seL4_CapNull;
        seL4_Error error = rt_pool_retype(&pool_, ObjectType<T>::number, size_bits, &object);
        return checked(error, Cap<T>{object});
    }

    template <typename T, typename Function>
    Result<Cap<T>> place(Function function) {
        seL4_CPtr slot = rt_pool_slot(&pool_);
        if (slot == seL4_CapNull) {
            return Error{seL4_NotEnoughMemory};
        }
        return checked(static_cast<seL4_Word>(function(slot)), Cap<T>{slot});
    }

    RtPool pool_;
};

/// A thread in the program's own spaces. The object must outlive the thread's run; the pool ends it.
class Thread {
public:
    /// Not running yet. Faults go to `faults`.
    Thread(Pool& pool, seL4_Word priority, Cap<Endpoint> faults = Cap<Endpoint>{seL4_CapNull}) {
        RT_CHECK(rt_thread_create(&thread_, pool.raw(), faults.address(), priority));
    }
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    /// Runs `function(argument)`, a function or a member function of the argument's class, for example
    /// `thread.start<&Client::run>(client)`. `argument` must live as long as the thread runs.
    template <auto function, typename T>
    Result<void> start(T& argument) {
        RtThreadEntry entry = [](seL4_Word address) {
            T& object = *reinterpret_cast<T*>(address);
            if constexpr (requires { (object.*function)(); }) {
                (object.*function)();
            } else {
                function(object);
            }
        };
        return checked(rt_thread_start(&thread_, entry, reinterpret_cast<seL4_Word>(&argument)));
    }

    Cap<Tcb> tcb() const { return Cap<Tcb>{thread_.tcb}; }

private:
    RtThread thread_;
};

}  // namespace antimono
