# SPDX-License-Identifier: BSD-2-Clause
"""The interface of one configuration: the description with its conditions decided and its numbers assigned."""

import pathlib
import re
import tomllib

LAYERS = ("generic", "x86_64", "x86")
WORD_BITS = 64
INACTIVE = 1 << 63

# Width in a message of C types narrower than a word.
NARROW = {"seL4_Bool": 1, "seL4_Uint8": 8, "seL4_Uint16": 16, "seL4_Uint32": 32}
NOT_CAPABILITIES = {"seL4_Word", "seL4_Uint64", "seL4_Time", "seL4_CapRights_t", "seL4_UserContext", "seL4_VCPUContext",
                    "seL4_X86_VMAttributes", "seL4_X86_EPT_VMAttributes", *NARROW}


def load_description(root):
    """Reads every file of abi/description into one dictionary keyed by file name."""
    root = pathlib.Path(root)
    description = {}
    for path in sorted(root.glob("*.toml")):
        description[path.stem] = tomllib.loads(path.read_text(encoding="utf-8"))
    order = tomllib.loads((root / "invocations" / "order.toml").read_text(encoding="utf-8"))
    description["invocations"] = {
        layer: [tomllib.loads((root / "invocations" / layer / f"{name}.toml").read_text(encoding="utf-8"))
                for name in order[layer]]
        for layer in LAYERS}
    return description


def snake(name):
    """`TCBReadRegisters` to `tcb_read_registers`."""
    name = name.replace("CNode", "Cnode")
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()


class Field:
    """Where one argument or result lies in a message: word index, lowest bit, width in bits."""

    def __init__(self, name, c_type, about, index, shift, bits):
        self.name, self.c_type, self.about = name, c_type, about
        self.index, self.shift, self.bits = index, shift, bits

    @property
    def words(self):
        return max(1, self.bits // WORD_BITS)


class Method:
    """One invocation."""

    def __init__(self, interface, layer, group, entry):
        self.layer, self.object, self.service = layer, group["object"], group["type"]
        self.name, self.label, self.about = entry["name"], entry["label"], entry.get("about", "")
        self.when = entry.get("when", "")
        self.active = interface.configuration.holds(self.when)
        self.function = f"{self.service}_{self.name}"
        self.inputs = [tuple(parameter) for parameter in entry.get("in", [])]
        self.outputs = [tuple(parameter) for parameter in entry.get("out", [])]
        self.errors = [tuple(error) for error in entry.get("errors", [])]
        self.number = None
        self.capabilities = [p for p in self.inputs if p[1] not in NOT_CAPABILITIES]
        self.arguments, self.length = interface.place(p for p in self.inputs if p[1] in NOT_CAPABILITIES)
        self.results, self.result_length = interface.place(self.outputs)
        # The kernel asks for fewer words than the stub sends where an argument is a structure that may be cut short.
        self.minimum_length = entry.get("minimum_length", self.length)

    @property
    def identifier(self):
        return snake(self.label)


class Interface:
    """The description as one configuration sees it."""

    def __init__(self, description, configuration):
        self.description, self.configuration = description, configuration
        registers = description["registers"]
        self.user_context = registers["user_context"]
        self.vcpu_context = list(registers["vcpu_context"])
        if configuration.holds("X86_64_VTX_64BIT_GUESTS"):
            self.vcpu_context += registers["vcpu_context_64bit"]
        self.methods = [Method(self, layer, group, entry)
                        for layer in LAYERS
                        for group in description["invocations"][layer]
                        for entry in group["method"]]
        number = 1
        self.label_counts = {}
        for layer in LAYERS:
            for method in self.methods:
                if method.layer == layer and method.active:
                    method.number = number
                    number += 1
            self.label_counts[layer] = number
        self.syscalls = self._syscalls()
        self.object_types = self._object_types()

    def bits(self, c_type):
        """Width of a C type in a message."""
        structures = {"seL4_UserContext": len(self.user_context), "seL4_VCPUContext": len(self.vcpu_context)}
        return NARROW.get(c_type, WORD_BITS * structures.get(c_type, 1))

    def members(self, c_type):
        """Member names of a structure that is passed by reference."""
        return {"seL4_UserContext": self.user_context, "seL4_VCPUContext": self.vcpu_context}[c_type]

    def place(self, parameters):
        """Packs parameters into message words: narrow ones share a word, each aligned to its own width."""
        used, fields = 0, []
        for name, c_type, *about in parameters:
            bits = self.bits(c_type)
            align = min(bits, WORD_BITS)
            used = -(-used // align) * align
            fields.append(Field(name, c_type, about[0] if about else "", used // WORD_BITS, used % WORD_BITS, bits))
            used += bits
        return fields, -(-used // WORD_BITS)

    def _syscalls(self):
        """(name, number, active); calls of the other scheduling variant have no number."""
        table, calls = self.description["syscalls"], []
        api, foreign = ("mcs", "classic") if self.configuration.holds("KERNEL_MCS") else ("classic", "mcs")
        number = 0
        for name in table[api]:
            number -= 1
            calls.append((name, number, True, ""))
        for group in table["other"]:
            for name in group["calls"]:
                number -= 1
                calls.append((name, number, self.configuration.holds(group["when"]), group["when"]))
        calls += [(name, None, False, "") for name in table[foreign] if name not in table[api]]
        return calls

    def _object_types(self):
        """(entry, number or None)."""
        types, number = [], 0
        for entry in self.description["objects"]["type"]:
            active = self.configuration.holds(entry.get("when"))
            types.append((entry, number if active else None))
            number += active
        return types

    def sizes(self):
        """(entry, value, active) of each size constant."""
        return [(entry, self.configuration.choose(entry["value"]), self.configuration.holds(entry.get("when")))
                for entry in self.description["objects"]["size"]]

    def faults(self):
        """(entry, label, active)."""
        return [(entry, self.configuration.choose(entry["label"]), self.configuration.holds(entry.get("when")))
                for entry in self.description["faults"]["fault"]]
