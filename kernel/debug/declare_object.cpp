// SPDX-License-Identifier: GPL-2.0-only
#include <frame/asid.hpp>
#include "kernel/debug/object_name.hpp"
#include "kernel/debug/snapshot.hpp"

namespace kernel {

namespace {

/// Objects that lie in the memory of an untyped capability, but not in a smaller one inside it.
void print_covered(const frame::Phase& phase, frame::SlotRef slot) {
    frame::Console& console = frame::console(phase);
    const frame::Capability memory = slot.capability();
    const std::optional<ObjectName> own_name = name_of(memory);
    frame::Capability inner;  // the last smaller one: what lies in it follows it
    std::optional<ObjectName> last_name;
    console.print(" {");
    for (std::optional<frame::SlotRef> next = frame::next_capability(phase, slot);
         next.has_value() && frame::same_region(memory, next->capability());
         next = frame::next_capability(phase, *next)) {
        const frame::Capability cap = next->capability();
        const std::optional<ObjectName> name = name_of(cap);
        if (!name || name == own_name || name == last_name || frame::same_region(inner, cap)) {
            continue;
        }
        if (last_name) {
            console.print(",");
        }
        console.print(" ");
        print(console, *name);
        last_name = name;
        if (cap.is<frame::UntypedCap>()) {
            inner = cap;
        }
    }
    console.print(" }");
}

std::string_view truth(bool value) {
    if (value) {
        return "True";
    }
    return "False";
}

void print_thread_attributes(frame::Console& console, const Tcb& tcb) {
    const frame::UserContext& context = tcb.block.context;
    console.print(" (addr: ", frame::hex(tcb.ipc_buffer.value()),
                  ", ip: ", frame::hex(context.get<frame::Register::fault_ip>()),
                  ", sp: ", frame::hex(context.get<frame::Register::rsp>()), ", prio: ", std::uint64_t{tcb.priority},
                  ", max_prio: ", std::uint64_t{tcb.maximum_controlled_priority});
    console.print(", affinity: 0, resume: ", truth(tcb.state != ThreadState::inactive),
                  ", fpu_disabled: ", truth(tcb.fpu_disabled), ", dom: ", std::uint64_t{tcb.domain},
                  ", fault_ep: ", frame::hex(tcb.fault_handler), ")");
    if (tcb.name[0] != '\0') {
        console.print(" --");
        print_thread_name(console, tcb);
    }
}

/// Sizes are in 1024 bytes or 1024 * 1024 bytes: the language has no larger unit.
void print_frame_attributes(frame::Console& console, const frame::FrameCap& cap) {
    const std::uint64_t kibibytes = frame::power_of_two(cap.size_bits()) / 1024;
    if (kibibytes < 1024) {
        console.print(" (", kibibytes, "k");
    } else {
        console.print(" (", kibibytes / 1024, "M");
    }
    console.print(", paddr: ", frame::hex(cap.start().value()), ")");
}

}  // namespace

void declare_object(const frame::Phase& phase, frame::SlotRef slot) {
    frame::Console& console = frame::console(phase);
    const frame::Capability cap = slot.capability();
    const ObjectName name = name_of(cap).value();
    print(console, name);
    console.print(" = ", keyword(name.kind));
    if (const std::optional<frame::UntypedCap> untyped = cap.as<frame::UntypedCap>()) {
        console.print(" (", untyped->size_bits(), " bits, paddr: ", frame::hex(untyped->start().value()), ")");
        print_covered(phase, slot);
    } else if (const std::optional<frame::CNodeCap> cnode = cap.as<frame::CNodeCap>()) {
        console.print(" (", cnode->radix(), " bits)");
    } else if (const std::optional<frame::ThreadCap> thread = cap.as<frame::ThreadCap>()) {
        print_thread_attributes(console, *thread->tcb(phase));
    } else if (const std::optional<frame::ZombieCap> zombie = cap.as<frame::ZombieCap>()) {
        if (!zombie->is_of_tcb()) {
            console.print(" (", zombie->radix(), " bits)");
        }
        console.print(" -- being deleted, ", zombie->remaining(), " slots to go");
    } else if (const std::optional<frame::FrameCap> page = cap.as<frame::FrameCap>()) {
        print_frame_attributes(console, *page);
    } else if (const std::optional<frame::AsidPoolCap> pool = cap.as<frame::AsidPoolCap>()) {
        console.print(" (asid_high: ", frame::hex(std::to_underlying(pool->base()) / frame::asids_per_pool), ")");
    } else if (const std::optional<frame::IoPortCap> ports = cap.as<frame::IoPortCap>()) {
        console.print(" (ports: [", frame::hex(ports->first_port()), "..", frame::hex(ports->last_port()), "])");
    }
    console.print("\n");
}

}  // namespace kernel
