// SPDX-License-Identifier: GPL-2.0-only
#include <frame/cache.hpp>
#include <frame/console.hpp>
#include <frame/core.hpp>
#include <frame/power.hpp>
#include "kernel/api/system_call.hpp"
#include "kernel/cap/lookup.hpp"
#include "kernel/debug/dump.hpp"
#include "kernel/debug/snapshot.hpp"
#include "kernel/debug/utilisation.hpp"
#include "kernel/ipc/message.hpp"
#include "kernel/object/registers.hpp"
#include "kernel/object/thread.hpp"

namespace kernel {

namespace {

/// SetTLSBase: a base that no address space can have is ignored.
void set_own_tls_base(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    const std::uint64_t base = tcb->context().get<call_register::capability>();
    if (frame::UserContext::is_canonical(base)) {
        write_register(*tcb, abi::Register::fs_base, base);
        frame::this_core(phase).refresh_segment_bases(tcb);
    }
}

/// The kind of capability at an address, null if there is none.
abi::CapabilityTag identify(const frame::Phase& phase, frame::Ref<Tcb> tcb, std::uint64_t address) {
    const std::expected<frame::SlotRef, LookupFault> slot = lookup_slot(phase, tcb, address);
    return slot ? slot->capability().tag() : abi::CapabilityTag::Null;
}

/// A debug call was used in a way that only a broken system would: it says why and stops, as seL4 does.
void stop(const frame::Phase& phase, std::string_view why) {
    frame::console(phase).print("Debug call refused: ", why, ". The system stops here.\n");
    frame::halt();
}

/// DebugNameThread: the name is a string in the caller's IPC buffer.
void name_thread(const frame::Phase& phase, frame::Ref<Tcb> caller, std::uint64_t address) {
    const std::expected<frame::SlotRef, LookupFault> slot = lookup_slot(phase, caller, address);
    const std::optional<frame::ThreadCap> thread =
        slot ? slot->capability().as<frame::ThreadCap>() : std::optional<frame::ThreadCap>{};
    if (!thread) {
        stop(phase, "DebugNameThread needs a TCB capability");
    }
    const std::optional<frame::IpcBuffer> buffer = ipc_buffer(phase, caller, true);
    if (!buffer) {
        stop(phase, "DebugNameThread takes the name from the IPC buffer, and the calling thread has none");
    }
    const frame::Ref<Tcb> named = thread->tcb(phase);
    for (std::uint64_t index = 0; index < abi::message::max_length * 8; ++index) {
        const std::uint64_t word = buffer->message(index / 8);
        const auto character = static_cast<char>((word >> (index % 8 * 8)) & 0xff);
        if (index < Tcb::name_size) {
            named->name[index] = index == Tcb::name_size - 1 ? '\0' : character;
        }
        if (character == '\0') {
            return;
        }
    }
    stop(phase, "DebugNameThread was given a name that does not end in the IPC buffer");
}

[[maybe_unused]] bool handle_printing_call(const frame::Phase& phase, frame::Ref<Tcb> tcb, abi::Syscall call) {
    if (call == abi::Syscall::DebugPutChar) {
        frame::console(phase).print(static_cast<char>(tcb->context().get<call_register::capability>() & 0xff));
        return true;
    }
    if (call == abi::Syscall::DebugDumpScheduler) {
        dump_threads(phase);
        return true;
    }
    return false;
}

[[maybe_unused]] bool handle_debug_call(const frame::Phase& phase, frame::Ref<Tcb> tcb, abi::Syscall call) {
    const std::uint64_t argument = tcb->context().get<call_register::capability>();
    if (call == abi::Syscall::DebugHalt) {
        frame::console(phase).print("Debug halt from thread \"", thread_name(*tcb), "\".\n");
        frame::halt();
    }
    if (call == abi::Syscall::DebugSnapshot) {
        if constexpr (abi::config::printing) {
            print_snapshot(phase, tcb);
        }
        return true;
    }
    if (call == abi::Syscall::DebugCapIdentify) {
        tcb->context().set<call_register::capability>(abi::number(identify(phase, tcb, argument)));
        return true;
    }
    if (call == abi::Syscall::DebugNameThread) {
        name_thread(phase, tcb, argument);
        return true;
    }
    return false;
}

/// BenchmarkGetThreadUtilisation and BenchmarkResetThreadUtilisation: nothing happens if the address is not a thread's.
void handle_utilisation_of(const frame::Phase& phase, frame::Ref<Tcb> caller, bool reset) {
    const std::expected<frame::SlotRef, LookupFault> slot =
        lookup_slot(phase, caller, caller->context().get<call_register::capability>());
    const std::optional<frame::ThreadCap> thread =
        slot ? slot->capability().as<frame::ThreadCap>() : std::optional<frame::ThreadCap>{};
    if (!thread) {
        return;
    }
    const frame::Ref<Tcb> tcb = thread->tcb(phase);
    if (reset) {
        tcb->utilisation = UtilisationCounters{};
    } else {
        phase.state<Utilisation>().report(phase, caller, *tcb);
    }
}

[[maybe_unused]] bool handle_utilisation_call(const frame::Phase& phase, frame::Ref<Tcb> tcb, abi::Syscall call) {
    if (call == abi::Syscall::BenchmarkGetThreadUtilisation || call == abi::Syscall::BenchmarkResetThreadUtilisation) {
        handle_utilisation_of(phase, tcb, call == abi::Syscall::BenchmarkResetThreadUtilisation);
        return true;
    }
    if (call == abi::Syscall::BenchmarkResetAllThreadsUtilisation && abi::config::debug_build) {
        reset_all_utilisation(phase);
        return true;
    }
    if (call == abi::Syscall::BenchmarkDumpAllThreadsUtilisation && abi::config::debug_build) {
        if constexpr (abi::config::printing) {
            phase.state<Utilisation>().dump(phase);
        }
        return true;
    }
    return false;
}

[[maybe_unused]] bool handle_benchmark_call(const frame::Phase& phase, frame::Ref<Tcb> tcb, abi::Syscall call) {
    constexpr bool counts = abi::config::benchmark_track_utilisation;
    if (call == abi::Syscall::BenchmarkNullSyscall) {
        return true;
    }
    if (call == abi::Syscall::BenchmarkFlushCaches) {
        frame::flush_caches();
        return true;
    }
    if (call == abi::Syscall::BenchmarkResetLog) {
        if constexpr (counts) {
            phase.state<Utilisation>().start(phase);
        }
        tcb->context().set<call_register::capability>(abi::number(abi::Error::NoError));
        return true;
    }
    if (call == abi::Syscall::BenchmarkFinalizeLog) {
        if constexpr (counts) {
            phase.state<Utilisation>().stop(phase);
        }
        return true;
    }
    return counts && handle_utilisation_call(phase, tcb, call);
}

}  // namespace

bool handle_auxiliary_call(const frame::Phase& phase, frame::Ref<Tcb> tcb, std::int64_t number) {
    const std::optional<abi::Syscall> call = abi::syscall(number);
    if (!call) {
        return false;
    }
    if (call == abi::Syscall::SetTLSBase) {
        set_own_tls_base(phase, tcb);
        return true;
    }
    return (abi::config::printing && handle_printing_call(phase, tcb, *call)) ||
           (abi::config::debug_build && handle_debug_call(phase, tcb, *call)) ||
           (abi::config::enable_benchmarks && handle_benchmark_call(phase, tcb, *call));
}

}  // namespace kernel
