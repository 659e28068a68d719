# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's view of the boot information."""

from .cpp_text import Header, constants
from .interface import Interface, snake

SCALARS = {"seL4_Word": ("std::uint64_t", 8), "seL4_CPtr": ("std::uint64_t", 8), "seL4_NodeId": ("std::uint64_t", 8),
           "seL4_Domain": ("std::uint64_t", 8), "seL4_SlotPos": ("std::uint64_t", 8), "uint64_t": ("std::uint64_t", 8),
           "seL4_IPCBuffer *": ("std::uint64_t", 8), "seL4_Uint8": ("std::uint8_t", 1), "char": ("std::uint8_t", 1),
           "seL4_Uint16": ("std::uint16_t", 2), "seL4_Uint32": ("std::uint32_t", 4), "uint32_t": ("std::uint32_t", 4)}
KERNEL_STRUCTS = {"seL4_SlotRegion": "SlotRegion", "seL4_UntypedDesc": "UntypedDescription", "seL4_BootInfo": "BootInfo",
                  "seL4_BootInfoHeader": "ChunkHeader"}


def boot_info(interface: Interface):
    header = Header("array", "cstddef", "cstdint")
    description, configuration = interface.description["bootinfo"], interface.configuration
    header.add("/// Boot information (manual, \"System Bootstrapping\"), as it lies in the boot-information frame.",
               "namespace abi::boot_info {", "")
    sizes = {}
    for entry in description["struct"]:
        name = KERNEL_STRUCTS[entry["name"]]
        header.add(f"struct {name} {{")
        offset, checks = 0, []
        for member in entry["members"]:
            identifier, c_type, count, *rest = member
            if len(rest) > 1 and not configuration.holds(rest[1]):
                continue
            count = configuration.value(count) if isinstance(count, str) else count
            kind, size = SCALARS.get(c_type) or (KERNEL_STRUCTS[c_type], sizes[c_type])
            if rest:
                header.add(f"    /// {rest[0][0].upper()}{rest[0][1:]}.")
            spelled = f"std::array<{kind}, {count}>" if count else kind
            header.add(f"    {spelled} {snake(identifier)}{{}};")
            checks.append(f"static_assert(offsetof({name}, {snake(identifier)}) == {offset});")
            offset += size * max(1, count)
        sizes[entry["name"]] = offset
        header.add("};", *checks, f"static_assert(sizeof({name}) == {offset});", "")
    header.add("/// log2 of the bytes of the boot-information frame; chunks start behind it.",
               f"inline constexpr unsigned frame_bits = {description['frame_bits']};",
               "static_assert(sizeof(BootInfo) <= std::size_t{1} << frame_bits);", "",
               "/// Most untyped capabilities that the list describes.",
               f"inline constexpr std::size_t max_untyped = {configuration.value('MAX_NUM_BOOTINFO_UNTYPED_CAPS')};", "",
               "/// Identifiers of the chunks, each of which starts with a ChunkHeader.", "namespace chunk {", "")
    constants(header, [(entry["name"], entry["id"], entry["about"]) for entry in description["chunk"]])
    header.add("", "} // namespace chunk", "",
               "/// Layouts of the x86 chunks: byte offsets of members, sizes; members are not aligned.",
               "namespace layout {", "")
    packed = {name: size for name, (_, size) in SCALARS.items()} | sizes
    maximum = description["x86"]["memory_map_entries"]
    for entry in description["packed"]:
        header.add(f"/// {entry['typedef']}",
                   f"namespace {snake(entry['name'].lstrip('_').removeprefix('seL4_').replace('X86_', ''))} {{")
        offset = 0
        for identifier, c_type, count in entry["members"]:
            header.add(f"inline constexpr std::size_t {snake(identifier)} = {offset};")
            offset += packed[c_type] * (maximum if isinstance(count, str) else max(1, count))
        packed[entry["typedef"]] = offset
        header.add(f"inline constexpr std::size_t bytes = {offset};", "}", "")
    header.add("} // namespace layout", "",
               f"/// Entries of the memory-map chunk.\ninline constexpr std::size_t memory_map_entries = {maximum};",
               "/// Type of RAM in the memory map.",
               f"inline constexpr std::uint32_t memory_map_ram = {description['x86']['ram_type']};", "",
               "} // namespace abi::boot_info")
    return header.text()
