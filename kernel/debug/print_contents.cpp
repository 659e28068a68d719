// SPDX-License-Identifier: GPL-2.0-only
#include <array>

#include <frame/asid.hpp>
#include "kernel/debug/object_name.hpp"
#include "kernel/debug/snapshot.hpp"
#include "kernel/object/interrupt.hpp"
#include "kernel/object/notification.hpp"

namespace kernel {

namespace {

/// The braces around what an object holds, printed only if it holds something.
class Braces {
public:
    explicit Braces(ObjectName owner) : owner_{owner} {}
    void open(frame::Console& console) {
        if (!is_open_) {
            print(console, owner_);
            console.print(" {\n");
            is_open_ = true;
        }
    }
    void close(frame::Console& console) const {
        if (is_open_) {
            console.print("}\n");
        }
    }

private:
    ObjectName owner_;
    bool is_open_ = false;
};

/// The parameters of a capability: "(", then one after the other, ")" if there were any.
class Parameters {
public:
    void begin_next(frame::Console& console) {
        if (is_empty_) {
            console.print(" (");
        } else {
            console.print(", ");
        }
        is_empty_ = false;
    }
    void end(frame::Console& console) const {
        if (!is_empty_) {
            console.print(")");
        }
    }

private:
    bool is_empty_ = true;
};

void print_if(frame::Console& console, bool condition, std::string_view text) {
    if (condition) {
        console.print(text);
    }
}

void print_badge(frame::Console& console, Parameters& parameters, frame::Badge badge) {
    if (badge != frame::no_badge) {
        parameters.begin_next(console);
        console.print("badge: ", frame::hex(std::to_underlying(badge)));
    }
}

void print_endpoint_rights(frame::Console& console, const frame::EndpointCap& cap) {
    Parameters parameters;
    if (cap.can_receive() || cap.can_send() || cap.can_grant() || cap.can_grant_reply()) {
        parameters.begin_next(console);
        print_if(console, cap.can_receive(), "R");
        print_if(console, cap.can_send(), "W");
        print_if(console, cap.can_grant(), "G");
        print_if(console, cap.can_grant_reply(), "P");
    }
    print_badge(console, parameters, cap.badge());
    parameters.end(console);
}

void print_notification_rights(frame::Console& console, const frame::NotificationCap& cap) {
    Parameters parameters;
    if (cap.can_receive() || cap.can_send()) {
        parameters.begin_next(console);
        print_if(console, cap.can_receive(), "R");
        print_if(console, cap.can_send(), "W");
    }
    print_badge(console, parameters, cap.badge());
    parameters.end(console);
}

/// Who may access a page: on this processor whoever may read it may execute it.
void print_page_rights(frame::Console& console, bool is_user, bool is_writable, bool is_cached) {
    Parameters parameters;
    if (is_user) {
        parameters.begin_next(console);
        console.print("R");
        print_if(console, is_writable, "W");
        console.print("X");
    }
    if (!is_cached) {
        parameters.begin_next(console);
        console.print("uncached");
    }
    parameters.end(console);
}

void print_mapping(frame::Console& console, bool is_mapped, frame::Mapping mapping) {
    if (is_mapped) {
        console.print(" -- mapped at ", frame::hex(mapping.address.value()), " in ASID ",
                      std::uint64_t{std::to_underlying(mapping.asid)});
    }
}

template <class Cap>
void print_table_mapping(frame::Console& console, const frame::Capability& cap) {
    print_mapping(console, cap.as<Cap>()->is_mapped(), cap.as<Cap>()->mapping());
}

void print_guard(frame::Console& console, const frame::CNodeCap& cnode) {
    console.print(" (guard: ", frame::hex(cnode.guard()), ", guard_size: ", cnode.guard_size(), ")");
}

void print_frame(frame::Console& console, const frame::FrameCap& page) {
    print_page_rights(console, page.rights() != frame::VmRights::kernel_only,
                      page.rights() == frame::VmRights::read_write, true);
    print_mapping(console, page.is_mapped(), page.mapping());
}

/// The parameters of a capability, and comments on it.
void print_parameters(frame::Console& console, const frame::Capability& cap) {
    switch (cap.tag()) {
    case abi::CapabilityTag::Endpoint:
        print_endpoint_rights(console, *cap.as<frame::EndpointCap>());
        return;
    case abi::CapabilityTag::Notification:
        print_notification_rights(console, *cap.as<frame::NotificationCap>());
        return;
    case abi::CapabilityTag::Reply:
        console.print(" (");
        print_if(console, cap.as<frame::ReplyCap>()->is_master(), "master_");
        console.print("reply)");
        return;
    case abi::CapabilityTag::CNode:
        print_guard(console, *cap.as<frame::CNodeCap>());
        return;
    case abi::CapabilityTag::Frame:
        print_frame(console, *cap.as<frame::FrameCap>());
        return;
    case abi::CapabilityTag::PageTable:
        print_table_mapping<frame::PageTableCap>(console, cap);
        return;
    case abi::CapabilityTag::PageDirectory:
        print_table_mapping<frame::PageDirectoryCap>(console, cap);
        return;
    case abi::CapabilityTag::Pdpt:
        print_table_mapping<frame::PdptCap>(console, cap);
        return;
    case abi::CapabilityTag::Pml4:
        if (const std::uint64_t asid = std::to_underlying(cap.as<frame::Pml4Cap>()->asid()); asid != 0) {
            console.print(" (asid: (", frame::hex(asid / frame::asids_per_pool), ", ",
                          frame::hex(asid % frame::asids_per_pool), "))");
        }
        return;
    case abi::CapabilityTag::Untyped:
        print_if(console, cap.as<frame::UntypedCap>()->is_device(), " -- device");
        return;
    case abi::CapabilityTag::Zombie:
        console.print(" -- being deleted");
        return;
    case abi::CapabilityTag::Null:
    case abi::CapabilityTag::Thread:
    case abi::CapabilityTag::IrqControl:
    case abi::CapabilityTag::IrqHandler:
    case abi::CapabilityTag::Domain:
    case abi::CapabilityTag::AsidControl:
    case abi::CapabilityTag::AsidPool:
    case abi::CapabilityTag::IoPortControl:
    case abi::CapabilityTag::IoPort:
    case abi::CapabilityTag::IoSpace:
    case abi::CapabilityTag::IoPageTable:
    case abi::CapabilityTag::SchedContext:
    case abi::CapabilityTag::SchedControl:
    case abi::CapabilityTag::Vcpu:
    case abi::CapabilityTag::EptPt:
    case abi::CapabilityTag::EptPd:
    case abi::CapabilityTag::EptPdpt:
    case abi::CapabilityTag::EptPml4:
        return;
    }
}

/// What a capability is called that names no object; empty if the language has no word for it.
std::string_view word_for(const frame::Capability& cap) {
    if (cap.is<frame::IrqControlCap>()) {
        return "irq_control";
    }
    if (cap.is<frame::AsidControlCap>()) {
        return "asid_control";
    }
    if (cap.is<frame::DomainCap>()) {
        return "domain";
    }
    return {};
}

/// One line: which slot it is, printed by `print_place`, and the capability in it.
template <class Place>
void print_slot(const frame::Phase& phase, Braces& braces, const frame::Capability& cap, Place print_place) {
    if (cap.is_null()) {
        return;
    }
    frame::Console& console = frame::console(phase);
    braces.open(console);
    const std::optional<ObjectName> name = name_of(cap);
    const std::string_view word = word_for(cap);
    if (!name && word.empty()) {
        console.print("-- ");
        print_place(console);
        if (cap.is<frame::IoPortControlCap>()) {
            console.print("I/O port control\n");
        } else {
            console.print("something else\n");
        }
        return;
    }
    print_place(console);
    if (name) {
        print(console, *name);
    } else {
        console.print(word);
    }
    print_parameters(console, cap);
    console.print("\n");
}

void print_numbered(const frame::Phase& phase, Braces& braces, std::uint64_t index, const frame::Capability& cap) {
    print_slot(phase, braces, cap, [index](frame::Console& console) { console.print(frame::hex(index), ": "); });
}

std::string_view slot_word(std::uint64_t index) {
    constexpr std::array<std::string_view, frame::tcb_slot_count> words{"cspace", "vspace", "reply_slot", "caller_slot",
                                                                        "ipc_buffer_slot"};
    return words[index];
}

void print_tcb_slot(const frame::Phase& phase, Braces& braces, std::uint64_t index, const frame::Capability& cap) {
    print_slot(phase, braces, cap, [index](frame::Console& console) { console.print(slot_word(index), ": "); });
}

void print_thread(const frame::Phase& phase, Braces& braces, frame::Ref<Tcb> tcb) {
    for (std::uint64_t index = 0; index < frame::tcb_slot_count; ++index) {
        print_tcb_slot(phase, braces, index, tcb->block.slots.at(phase, index).capability());
    }
    if (const std::optional<frame::Ref<Notification>> bound = tcb->block.links.notification.get(phase)) {
        frame::Console& console = frame::console(phase);
        braces.open(console);
        console.print("bound_notification: ");
        print(console,
              ObjectName{.kind = ObjectName::Kind::notification, .number = frame::object_address(*bound).value()});
        console.print(" (R)\n");
    }
}

template <class Cap>
void print_table(const frame::Phase& phase, Braces& braces, const Cap& table, ObjectName::Kind below) {
    constexpr std::uint64_t entries = frame::power_of_two(abi::size_bits::page_table_index);
    frame::Console& console = frame::console(phase);
    for (std::uint64_t index = 0; index < entries; ++index) {
        const frame::TableEntry entry = frame::table_entry(phase, table, index);
        if (entry.kind == frame::TableEntry::Kind::nothing) {
            continue;
        }
        braces.open(console);
        console.print(frame::hex(index), ": ");
        const bool is_page = entry.kind == frame::TableEntry::Kind::page;
        print(console, ObjectName{.kind = is_page ? ObjectName::Kind::frame : below, .number = entry.address.value()});
        if (is_page) {
            print_page_rights(console, entry.is_user, entry.is_writable, entry.is_cached);
        }
        console.print("\n");
    }
}

void print_asid_pool(const frame::Phase& phase, Braces& braces, const frame::AsidPoolCap& pool) {
    frame::Console& console = frame::console(phase);
    for (std::uint64_t index = 0; index < frame::asids_per_pool; ++index) {
        const frame::Asid asid{static_cast<std::uint16_t>(std::to_underlying(pool.base()) + index)};
        if (const std::optional<frame::VSpace> vspace = frame::VSpace::of(phase, asid)) {
            braces.open(console);
            console.print(frame::hex(index), ": ");
            print(console,
                  ObjectName{.kind = ObjectName::Kind::pml4, .number = frame::object_address(vspace->root()).value()});
            console.print("\n");
        }
    }
}

}  // namespace

void print_contents(const frame::Phase& phase, const frame::Capability& cap) {
    Braces braces{name_of(cap).value()};
    if (const std::optional<frame::CNodeCap> cnode = cap.as<frame::CNodeCap>()) {
        for (std::uint64_t index = 0; index < cnode->slots(); ++index) {
            print_numbered(phase, braces, index, frame::cnode_slot(phase, *cnode, index).capability());
        }
    } else if (const std::optional<frame::ThreadCap> thread = cap.as<frame::ThreadCap>()) {
        print_thread(phase, braces, thread->tcb(phase));
    } else if (const std::optional<frame::ZombieCap> zombie = cap.as<frame::ZombieCap>()) {
        for (std::uint64_t index = 0; index < zombie->remaining(); ++index) {
            const frame::Capability left = frame::zombie_slot(phase, *zombie, index).capability();
            if (zombie->is_of_tcb()) {
                print_tcb_slot(phase, braces, index, left);
            } else {
                print_numbered(phase, braces, index, left);
            }
        }
    } else if (const std::optional<frame::Pml4Cap> root = cap.as<frame::Pml4Cap>()) {
        print_table(phase, braces, *root, ObjectName::Kind::pdpt);
    } else if (const std::optional<frame::PdptCap> pdpt = cap.as<frame::PdptCap>()) {
        print_table(phase, braces, *pdpt, ObjectName::Kind::page_directory);
    } else if (const std::optional<frame::PageDirectoryCap> directory = cap.as<frame::PageDirectoryCap>()) {
        print_table(phase, braces, *directory, ObjectName::Kind::page_table);
    } else if (const std::optional<frame::PageTableCap> table = cap.as<frame::PageTableCap>()) {
        print_table(phase, braces, *table, ObjectName::Kind::frame);
    } else if (const std::optional<frame::AsidPoolCap> pool = cap.as<frame::AsidPoolCap>()) {
        print_asid_pool(phase, braces, *pool);
    } else if (const std::optional<frame::IrqHandlerCap> handler = cap.as<frame::IrqHandlerCap>()) {
        print_numbered(phase, braces, 0, phase.state<InterruptTable>().slot(phase, handler->irq()).capability());
    }
    braces.close(frame::console(phase));
}

}  // namespace kernel
