// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/debug/utilisation.hpp"

#include <array>

#include <frame/console.hpp>
#include <frame/core.hpp>
#include <frame/time.hpp>
#include "kernel/debug/object_name.hpp"
#include "kernel/ipc/message.hpp"
#include "kernel/object/thread.hpp"

namespace kernel {

namespace {

void print_counters(frame::Console& console, const UtilisationCounters& counters) {
    console.print("      \"UTILISATION\":", counters.ticks, ",\n      \"NUMBER_SCHEDULES\":", counters.switches,
                  ",\n      \"KERNEL_UTILISATION\":", counters.kernel_ticks,
                  ",\n      \"NUMBER_KERNEL_ENTRIES\":", counters.kernel_entries, "\n    }");
}

}  // namespace

void Utilisation::begin_entry() { entered_ = frame::time_stamp(); }

void Utilisation::end_entry(const frame::Phase& phase) {
    if (!is_counting_) {
        return;
    }
    const std::uint64_t ticks = frame::time_stamp() - entered_;
    const std::optional<frame::Ref<Tcb>> current = frame::this_core(phase).current(phase);
    UtilisationCounters& counters = current ? (*current)->utilisation : idle_;
    ++counters.kernel_entries;
    counters.kernel_ticks += ticks;
    ++kernel_entries_;
    kernel_ticks_ += ticks;
}

void Utilisation::account_current(const frame::Phase& phase) {
    const std::optional<frame::Ref<Tcb>> current = frame::this_core(phase).current(phase);
    if (!current && !is_idle_) {
        return;  // the thread that ran was deleted
    }
    UtilisationCounters& counters = current ? (*current)->utilisation : idle_;
    if (entered_ > counters.running_since) {
        counters.ticks += entered_ - counters.running_since;
    }
}

void Utilisation::note_switch(const frame::Phase& phase, const std::optional<frame::Ref<Tcb>>& next) {
    if (is_counting_) {
        account_current(phase);
        UtilisationCounters& counters = next ? (*next)->utilisation : idle_;
        counters.running_since = entered_;
        ++counters.switches;
        ++switches_;
    }
    is_idle_ = !next;
}

void Utilisation::start(const frame::Phase& phase) {
    is_counting_ = true;
    idle_ = UtilisationCounters{};
    UtilisationCounters& callers = frame::this_core(phase).current(phase).value()->utilisation;
    callers.running_since = entered_;
    ++callers.switches;
    started_ = entered_;
    kernel_ticks_ = 0;
    kernel_entries_ = 0;
    switches_ = 1;
}

void Utilisation::stop(const frame::Phase& phase) {
    if (is_counting_) {
        // As on seL4 this counts as a switch to idling.
        account_current(phase);
        idle_.running_since = entered_;
        ++idle_.switches;
        ++switches_;
    }
    stopped_ = entered_;
    is_counting_ = false;
}

void Utilisation::report(const frame::Phase& phase, frame::Ref<Tcb> caller, const Tcb& tcb) const {
    const std::optional<frame::IpcBuffer> buffer = ipc_buffer(phase, caller, true);
    if (!buffer) {
        return;
    }
    const UtilisationCounters& its = tcb.utilisation;
    namespace word = abi::utilisation_message;
    buffer->set_message(word::tcb_utilisation, its.ticks);
    buffer->set_message(word::tcb_number_schedules, its.switches);
    buffer->set_message(word::tcb_kernel_utilisation, its.kernel_ticks);
    buffer->set_message(word::tcb_number_kernel_entries, its.kernel_entries);
    buffer->set_message(word::idle_localcpu_utilisation, idle_.ticks);
    buffer->set_message(word::idle_tcbcpu_utilisation, idle_.ticks);
    buffer->set_message(word::idle_number_schedules, idle_.switches);
    buffer->set_message(word::idle_kernel_utilisation, idle_.kernel_ticks);
    buffer->set_message(word::idle_number_kernel_entries, idle_.kernel_entries);
    buffer->set_message(word::total_utilisation, stopped_ - started_);
    buffer->set_message(word::total_number_schedules, switches_);
    buffer->set_message(word::total_kernel_utilisation, kernel_ticks_);
    buffer->set_message(word::total_number_kernel_entries, kernel_entries_);
}

void Utilisation::dump(const frame::Phase& phase) const {
    frame::Console& console = frame::console(phase);
    console.print("{\n  \"BENCHMARK_TOTAL_UTILISATION\":", stopped_ - started_,
                  ",\n  \"BENCHMARK_TOTAL_KERNEL_UTILISATION\":", kernel_ticks_,
                  ",\n  \"BENCHMARK_TOTAL_NUMBER_KERNEL_ENTRIES\":", kernel_entries_,
                  ",\n  \"BENCHMARK_TOTAL_NUMBER_SCHEDULES\":", switches_, ",\n  \"BENCHMARK_TCB_\": [\n");
    const frame::AllThreads& threads = phase.state<ThreadList>().threads;
    for (std::optional<frame::Ref<Tcb>> tcb = threads.front(phase); tcb.has_value(); tcb = threads.after(phase, *tcb)) {
        console.print("    {\n      \"NAME\":\"");
        print_characters(console, thread_name(**tcb));
        console.print("\",\n");
        print_counters(console, (*tcb)->utilisation);
        console.print(",\n");
    }
    console.print("    {\n      \"NAME\":\"idle_thread\",\n");
    print_counters(console, idle_);
    console.print("\n  ]\n}\n");
}

void reset_all_utilisation(const frame::Phase& phase) {
    const frame::AllThreads& threads = phase.state<ThreadList>().threads;
    for (std::optional<frame::Ref<Tcb>> tcb = threads.front(phase); tcb.has_value(); tcb = threads.after(phase, *tcb)) {
        (*tcb)->utilisation = UtilisationCounters{};
    }
}

}  // namespace kernel
