// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/boot/initial_thread.hpp"

#include <utility>

#include <abi/abi.hpp>
#include <frame/asid.hpp>
#include <frame/paging.hpp>
#include "kernel/boot/boot_information.hpp"
#include "kernel/boot/boot_options.hpp"
#include "kernel/boot/initial_layout.hpp"
#include "kernel/boot/memory_plan.hpp"
#include "kernel/boot/untyped_list.hpp"
#include "kernel/object/thread.hpp"

namespace kernel::boot {

namespace {

namespace cap = abi::initial_cap;
using abi::boot_info::BootInfo;
using abi::boot_info::SlotRegion;

constexpr std::uint64_t page_bits = abi::size_bits::page;
constexpr frame::Asid initial_asid{1};
constexpr Priority highest_priority = abi::max_priority;

template <class T>
using Built = std::expected<T, BootError>;

/// A place for an object of `bytes`, from the top: the beginning of memory stays in large pieces.
Built<frame::PhysicalAddress> place(const frame::BootMemory& memory, std::uint64_t bytes, std::uint64_t bits) {
    if (const std::optional<frame::PhysicalAddress> found = highest_place(memory.free(), bytes, bits)) {
        return *found;
    }
    return std::unexpected{
        BootError{.fault = BootFault::too_little_memory, .needed = bytes, .available = largest(memory.free())}};
}

Built<frame::BootPages> claim_pages(frame::BootMemory& memory, std::uint64_t count) {
    const Built<frame::PhysicalAddress> start = place(memory, count << page_bits, page_bits);
    if (!start.has_value()) {
        return std::unexpected{start.error()};
    }
    return memory.claim_pages(*start, count);
}

/// Pages through which kernel and initial thread speak to each other.
struct SharedPages {
    frame::BootPages info;    ///< boot information
    frame::BootPages blocks;  ///< boot-information blocks
    frame::BootPages buffer;  ///< IPC buffer
};

Built<SharedPages> claim_shared_pages(frame::BootMemory& memory, const InitialLayout& layout) {
    Built<frame::BootPages> info = claim_pages(memory, 1);
    if (!info.has_value()) {
        return std::unexpected{info.error()};
    }
    Built<frame::BootPages> blocks = claim_pages(memory, layout.extra_page_count());
    if (!blocks.has_value()) {
        return std::unexpected{blocks.error()};
    }
    Built<frame::BootPages> buffer = claim_pages(memory, 1);
    if (!buffer.has_value()) {
        return std::unexpected{buffer.error()};
    }
    return SharedPages{std::move(*info), std::move(*blocks), std::move(*buffer)};
}

/// The root task's image in memory, and where it runs.
struct LoadedImage {
    frame::BootPages pages;
    InitialLayout layout;
    frame::UserAddress entry;
};

/// Checks and copies the first boot module; afterwards nobody needs the modules any more, and their memory is free.
Built<LoadedImage> load_image(frame::BootMemory& memory, const frame::BootDescription& description,
                              const BootOptions& options) {
    frame::BootModules modules = memory.modules();
    if (modules.count() == 0) {
        return std::unexpected{BootError{.fault = BootFault::no_module}};
    }
    const std::uint64_t blocks = blocks_size(description);
    const std::expected<ElfImage, ElfError> image =
        ElfImage::parse(modules.bytes(0), InitialLayout::bytes_behind_image(blocks));
    if (!image.has_value()) {
        return std::unexpected{BootError{.fault = BootFault::bad_image, .elf = image.error()}};
    }
    const InitialLayout layout = InitialLayout::of(image->start(), image->end(), blocks);
    const std::optional<frame::PhysicalAddress> start = lowest_place(memory.free(), image->size(), page_bits);
    if (!start.has_value()) {
        return std::unexpected{BootError{
            .fault = BootFault::image_too_large, .needed = image->size(), .available = largest(memory.free())}};
    }
    // One slot more: a system without an untyped capability could do nothing.
    if (layout.first_untyped() >= options.root_cnode_slots()) {
        return std::unexpected{BootError{.fault = BootFault::root_cnode_too_small,
                                         .needed = layout.first_untyped() + 1,
                                         .available = options.root_cnode_slots()}};
    }
    LoadedImage loaded{memory.claim_pages(*start, layout.image_pages()), layout, image->entry()};
    image->load_into(loaded.pages);
    memory.reclaim(std::move(modules));
    return loaded;
}

/// Builds step by step; a step that finds no memory ends the construction. Slots are filled in seL4's order.
class [[gsl::Pointer]] Construction {
public:
    Construction(const frame::Phase& phase [[clang::lifetimebound]], frame::BootMemory& memory [[clang::lifetimebound]],
                 const frame::CNodeCap& root [[clang::lifetimebound]],
                 const InitialLayout& layout [[clang::lifetimebound]])
        : phase_{phase},
          memory_{memory},
          root_{root},
          layout_{layout} {}

    [[nodiscard]] frame::SlotRef slot(std::uint64_t index) const [[clang::lifetimebound]] {
        return frame::cnode_slot(phase_, root_, index);
    }

    void add_control_capabilities() {
        memory_.insert(slot(cap::cnode), root_);
        memory_.insert(slot(cap::irq_control), memory_.irq_control());
        memory_.insert(slot(cap::asid_control), memory_.asid_control());
        memory_.insert(slot(cap::io_port_control), memory_.io_port_control());
        memory_.insert(slot(cap::domain), memory_.domain());
    }

    /// The root of the address space, with its ASID, and the ASID pool that has it.
    [[nodiscard]] Built<frame::VSpace> make_vspace() [[clang::lifetimebound]] {
        const Built<frame::PhysicalAddress> root = place_page();
        if (!root.has_value()) {
            return std::unexpected{root.error()};
        }
        memory_.insert(slot(cap::vspace), memory_.make_pml4(*root));
        const Built<frame::PhysicalAddress> pool = place_page();
        if (!pool.has_value()) {
            return std::unexpected{pool.error()};
        }
        const frame::AsidPoolCap pool_cap = memory_.make_asid_pool(*pool, frame::Asid{0});
        memory_.insert(slot(cap::asid_pool), pool_cap);
        frame::assign_asid(phase_, slot(cap::vspace), pool_cap, initial_asid);
        return frame::VSpace::of(phase_, initial_asid).value();
    }

    /// All tables below the root, level by level from the top.
    [[nodiscard]] Built<Done> make_tables(const frame::VSpace& vspace) {
        std::uint64_t next = layout_.paging().start;
        return make_level<frame::PdptCap>(vspace, layout_.pdpts, next)
            .and_then([&](Done) { return make_level<frame::PageDirectoryCap>(vspace, layout_.directories, next); })
            .and_then([&](Done) { return make_level<frame::PageTableCap>(vspace, layout_.tables, next); });
    }

    /// Puts the capability to the next of `pages` into slot `index` and maps the page.
    void map_page(const frame::VSpace& vspace, frame::BootPages& pages, std::uint64_t index,
                  frame::UserAddress address) {
        memory_.insert(slot(index), pages.take());
        const frame::PagePlace place = frame::find_page_place(vspace, address, frame::PageSize::small).value();
        frame::map_frame(slot(index), place, frame::VmRights::read_write, frame::MemoryType{}).pay();
    }
    /// The same for all of them.
    void map_pages(const frame::VSpace& vspace, frame::BootPages& pages, SlotRegion slots, frame::UserAddress address) {
        for (std::uint64_t index = slots.start; index < slots.end; ++index) {
            map_page(vspace, pages, index, address);
            address = address.plus(frame::power_of_two(page_bits));
        }
    }

    /// The thread, with copies of its CSpace, VSpace and buffer capabilities; it starts at `entry`.
    [[nodiscard]] Built<frame::Ref<Tcb>> make_thread(const frame::Phase& phase [[clang::lifetimebound]],
                                                     frame::UserAddress entry) {
        const Built<frame::PhysicalAddress> start =
            place(memory_, frame::power_of_two(abi::size_bits::tcb), abi::size_bits::tcb);
        if (!start.has_value()) {
            return std::unexpected{start.error()};
        }
        const frame::ThreadCap thread = memory_.make_thread(*start);
        const frame::Ref<Tcb> tcb = thread.tcb(phase);
        register_thread(phase, tcb);
        copy_into(tcb, frame::TcbSlot::cspace, slot(cap::cnode));
        copy_into(tcb, frame::TcbSlot::vspace, slot(cap::vspace));
        const frame::FrameCap buffer = slot(cap::ipc_buffer).capability().as<frame::FrameCap>().value();
        tcb->slot(phase_, frame::TcbSlot::ipc_buffer).insert_copy(slot(cap::ipc_buffer), buffer.unmapped());
        frame::insert_reply_master(phase, tcb);
        tcb->ipc_buffer = layout_.ipc_buffer;
        tcb->priority = highest_priority;
        tcb->maximum_controlled_priority = highest_priority;
        tcb->domain = 0;
        tcb->context().set(frame::Register::next_ip, entry.value());
        tcb->context().set<frame::Register::rdi>(layout_.boot_info.value());
        memory_.insert(slot(cap::tcb), thread);
        return tcb;
    }

private:
    [[nodiscard]] Built<frame::PhysicalAddress> place_page() {
        return place(memory_, frame::power_of_two(page_bits), page_bits);
    }

    /// Makes and maps `count` tables of one level; `next` is the slot of the first, and then the one behind the last.
    template <class Cap>
    [[nodiscard]] Built<Done> make_level(const frame::VSpace& vspace, std::uint64_t count, std::uint64_t& next) {
        constexpr std::uint64_t span = frame::table_span_bits<Cap>;
        frame::UserAddress address = layout_.start.aligned_down(span);
        for (std::uint64_t index = 0; index < count; ++index) {
            const Built<frame::PhysicalAddress> start = place_page();
            if (!start.has_value()) {
                return std::unexpected{start.error()};
            }
            memory_.insert(slot(next), make_table<Cap>(*start));
            frame::map_table(slot(next), frame::find_table_place<Cap>(vspace, address).value(), frame::MemoryType{});
            address = address.plus(frame::power_of_two(span));
            ++next;
        }
        return Done{};
    }
    template <class Cap>
    [[nodiscard]] frame::Capability make_table(frame::PhysicalAddress start) [[clang::lifetimebound]] {
        if constexpr (std::same_as<Cap, frame::PdptCap>) {
            return memory_.make_pdpt(start);
        } else if constexpr (std::same_as<Cap, frame::PageDirectoryCap>) {
            return memory_.make_page_directory(start);
        } else {
            return memory_.make_page_table(start);
        }
    }
    void copy_into(frame::Ref<Tcb> tcb, frame::TcbSlot where, frame::SlotRef source) const {
        tcb->slot(phase_, where).insert_copy(source, source.capability());
    }

    const frame::Phase& phase_;
    frame::BootMemory& memory_;
    frame::CNodeCap root_;
    const InitialLayout& layout_;
};

/// The fixed part of the boot information; the untyped list is written as its capabilities are made.
void write_boot_info(BootInfo& info, const InitialLayout& layout, std::uint64_t blocks, const BootOptions& options) {
    info.extra_len = blocks;
    info.node_id = 0;
    info.num_nodes = 1;
    // seL4 counts the levels of the I/O MMU that it found: none was looked for, or the configuration has none at all.
    info.num_iopt_levels = abi::config::iommu ? 0 : ~std::uint64_t{0};
    info.ipc_buffer = layout.ipc_buffer.value();
    info.user_image_frames = layout.image_frames();
    info.user_image_paging = layout.paging();
    info.extra_bi_pages = layout.extra_pages();
    info.init_thread_cnode_size_bits = options.root_cnode_bits;
    info.init_thread_domain = 0;
}

}  // namespace

std::expected<InitialThread, BootError> build_initial_thread(const frame::Phase& phase, frame::BootMemory&& memory,
                                                             const frame::BootDescription& description,
                                                             const frame::MachineDescription& machine) {
    const Built<BootOptions> options = read_boot_options(description.command_line.view());
    if (!options.has_value()) {
        return std::unexpected{options.error()};
    }
    Built<LoadedImage> image = load_image(memory, description, *options);
    if (!image.has_value()) {
        return std::unexpected{image.error()};
    }
    const InitialLayout layout = image->layout;

    const std::uint64_t radix = options->root_cnode_bits;
    const std::uint64_t cnode_bits = radix + abi::size_bits::slot;
    const Built<frame::PhysicalAddress> cnode = place(memory, frame::power_of_two(cnode_bits), cnode_bits);
    if (!cnode.has_value()) {
        return std::unexpected{cnode.error()};
    }
    // The guard uses up the address bits that the CNode does not, so that a slot's index is its address.
    const frame::CNodeCap root = memory.make_cnode(*cnode, radix).with_guard(0, 64 - radix);
    Construction construction{phase, memory, root, layout};
    construction.add_control_capabilities();

    const Built<frame::VSpace> vspace = construction.make_vspace();
    if (!vspace.has_value()) {
        return std::unexpected{vspace.error()};
    }
    if (const Built<Done> tables = construction.make_tables(*vspace); !tables.has_value()) {
        return std::unexpected{tables.error()};
    }

    Built<SharedPages> pages = claim_shared_pages(memory, layout);
    if (!pages.has_value()) {
        return std::unexpected{pages.error()};
    }
    construction.map_page(*vspace, pages->info, cap::boot_info_frame, layout.boot_info);
    construction.map_pages(*vspace, pages->blocks, layout.extra_pages(), layout.extra);
    construction.map_page(*vspace, pages->buffer, cap::ipc_buffer, layout.ipc_buffer);
    construction.map_pages(*vspace, image->pages, layout.image_frames(), layout.start);
    write_blocks(pages->blocks, description, machine);

    const Built<frame::Ref<Tcb>> tcb = construction.make_thread(phase, image->entry);
    if (!tcb.has_value()) {
        return std::unexpected{tcb.error()};
    }

    BootInfo& info = pages->info.view<BootInfo>();
    write_boot_info(info, layout, blocks_size(description), *options);
    const UntypedSummary untyped = make_untyped_capabilities(phase, memory, root, layout.first_untyped(), info);
    return InitialThread{*tcb, untyped};
}

}  // namespace kernel::boot
