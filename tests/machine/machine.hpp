// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <frame/user_context.hpp>
#include "kernel/object/tcb.hpp"
#include "tests/machine/step.hpp"

namespace test {

/// What became of a step.
struct Result {
    enum class Kind : std::uint8_t {
        success,    ///< the invocation was answered with NoError, or the entry was no invocation
        error,      ///< it was answered with `error`
        sent,       ///< a send, whose fate the sender does not learn; or a message was taken
        blocked,    ///< the thread waits
        preempted,  ///< it will repeat its system call
        fault,      ///< the thread faulted
        gone,       ///< it is no more, or stopped itself
    };
    Kind kind = Kind::success;
    abi::Error error = abi::Error::NoError;
    friend bool operator==(const Result&, const Result&) = default;
};
[[nodiscard]] std::string to_text(const Result& result);

/// A whole system in this process: the kernel, booted by its own boot path from a memory map and an ELF image made here,
/// and one modelled core whose threads do what steps say. There is one per process; `checkpoint` and `restore` go back.
class Machine {
public:
    struct Options {
        std::uint64_t ram_start = std::uint64_t{1} << 20;
        std::uint64_t ram_bytes = std::uint64_t{3} << 20;
    };
    /// Where threads execute SYSCALL: one that is back here after an entry repeats its system call.
    static constexpr std::uint64_t syscall_address = 0x400100;

    /// Boots. Once per process.
    static Machine& boot(const Options& options);
    static Machine& boot() { return boot(Options{}); }

    /// Does what the step says, then has everything checked if `checks_every_entry`.
    Result perform(const Step& step);
    /// A Call by the running thread. The message words beyond the fourth and the capabilities go to its IPC buffer.
    Result call(std::uint64_t capability, abi::InvocationLabel label, std::vector<std::uint64_t> words = {},
                std::vector<std::uint64_t> caps = {});
    /// The same, which must succeed.
    void must_call(std::uint64_t capability, abi::InvocationLabel label, std::vector<std::uint64_t> words = {},
                   std::vector<std::uint64_t> caps = {});

    [[nodiscard]] bool is_idle() const;
    /// Whether the running thread is about to repeat its system call.
    [[nodiscard]] bool is_repeating() const;
    /// The running thread; not while idle.
    [[nodiscard]] kernel::Tcb& running() const;
    /// Its window offset.
    [[nodiscard]] static std::uint64_t running_place();
    [[nodiscard]] kernel::Tcb& initial_thread() const;
    /// A message register of the running thread.
    [[nodiscard]] std::uint64_t result_word(std::size_t index) const;

    /// A load or store by the running thread, through the MMU; false if it faults (nothing happened yet).
    [[nodiscard]] std::optional<std::uint64_t> load(std::uint64_t address);
    bool store(std::uint64_t address, std::uint64_t value);

    static void checkpoint();
    void restore();

    /// What the step's message writes to the running thread's IPC buffer: address and value.
    [[nodiscard]] std::vector<std::pair<std::uint64_t, std::uint64_t>> message_stores(const Step& step) const;
    /// Sees each step before it is done.
    std::function<void(const Step&)> observer{};

    /// Kernel entries since the start of the process.
    [[nodiscard]] std::uint64_t entries() const { return entries_; }
    /// Whether all invariants are checked after every entry, a violation ending the process; they are, by default.
    bool checks_every_entry = true;
    /// Checks them now.
    static void check_invariants();

private:
    explicit Machine(const Options& options);
    Result perform_syscall(const Step& step);
    Result enter_by_syscall(const Step& step);
    Result access(const Step& step);
    static void raise_exception(const Step& step);
    void after_entry();
    [[nodiscard]] Result outcome_of(std::uint64_t thread, std::int64_t call) const;

    std::uint64_t initial_thread_ = 0;  ///< window offset
    std::uint64_t entries_ = 0;
};

}  // namespace test
