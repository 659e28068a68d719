# SPDX-License-Identifier: BSD-2-Clause
"""C accessors for words made of bit fields, and for the fault structure; names as in seL4's generated headers."""

from . import c_text

FAULT_WORDS = 20
TAG_BITS = 4


def _mask(bits):
    return f"{(1 << bits) - 1:#x}ul"


def _fits(name, bits):
    """An assertion that a value loses nothing."""
    return f"    seL4_DebugAssert(({name} & ~{_mask(bits)}) == 0);" if bits < 64 else None


def _at(value, shift, bits):
    value = f"({value} & {_mask(bits)})" if bits < 64 else value
    return f"({value} << {shift})" if shift else value


def word(entry):
    """A structure of one word: constructor, and for each field get and set, by value and through a pointer."""
    name = entry["name"]
    fields, position = [], 64
    for field, bits in entry["fields"]:
        position -= bits
        if field != "padding":
            fields.append((field, position, bits))
    parameters = [f"seL4_Uint64 {field}" for field, _, _ in fields]
    checks = [line for field, _, bits in fields if (line := _fits(field, bits))]
    value = "\n        | ".join(_at(field, shift, bits) for field, shift, bits in fields)
    lines = [f"struct {name} {{", "    seL4_Uint64 words[1];", "};", f"typedef struct {name} {name}_t;", "",
             *c_text.function(f"LIBSEL4_INLINE_FUNC {name}_t CONST {name}_new", parameters), "{",
             f"    {name}_t result;", *checks,
             f"    result.words[0] = {value};", "    return result;", "}", "",
             *c_text.function(f"LIBSEL4_INLINE_FUNC void {name}_ptr_new", [f"{name}_t *word", *parameters]), "{", *checks,
             f"    word->words[0] = {value};", "}", ""]
    for field, shift, bits in fields:
        read = f"words[0] >> {shift}" if shift else "words[0]"
        cleared = f"~({_mask(bits)} << {shift})" if shift else f"~{_mask(bits)}"
        written = _at("value", shift, bits)
        lines += [f"LIBSEL4_INLINE_FUNC seL4_Uint64 CONST {name}_get_{field}({name}_t word)", "{",
                  f"    return (word.{read}) & {_mask(bits)};", "}", "",
                  f"LIBSEL4_INLINE_FUNC {name}_t CONST {name}_set_{field}({name}_t word, seL4_Uint64 value)", "{",
                  _fits("value", bits),
                  f"    word.words[0] = (word.words[0] & {cleared}) | {written};", "    return word;", "}", "",
                  f"LIBSEL4_INLINE_FUNC seL4_Uint64 PURE {name}_ptr_get_{field}({name}_t *word)", "{",
                  f"    return (word->{read}) & {_mask(bits)};", "}", "",
                  f"LIBSEL4_INLINE_FUNC void {name}_ptr_set_{field}({name}_t *word, seL4_Uint64 value)", "{",
                  _fits("value", bits),
                  f"    word->words[0] = (word->words[0] & {cleared}) | {written};", "}", ""]
    return [line for line in lines if line is not None]


def members(entry):
    """(name, index in the structure) of each word of a fault: message order is from the highest word down."""
    renamed = entry.get("structure", {})
    count = len(entry["words"])
    return [(renamed.get(name, name), count - index) for index, name in enumerate(entry["words"])]


def fault(interface):
    """seL4_Fault: the fault type in the low bits of the first word, the message words behind it in reverse."""
    active = sorted(((label, entry) for entry, label, there in interface.faults() if there), key=lambda pair: pair[0])
    lines = ["struct seL4_Fault {", f"    seL4_Uint64 words[{FAULT_WORDS}];", "};",
             "typedef struct seL4_Fault seL4_Fault_t;", ""]
    lines += c_text.enumeration("seL4_Fault_tag", [(f"seL4_Fault_{entry['name']}", label, "") for label, entry in active])
    lines += ["typedef enum seL4_Fault_tag seL4_Fault_tag_t;", "",
              "LIBSEL4_INLINE_FUNC seL4_Uint64 CONST seL4_Fault_get_seL4_FaultType(seL4_Fault_t fault)", "{",
              f"    return fault.words[0] & {_mask(TAG_BITS)};", "}", "",
              "LIBSEL4_INLINE_FUNC int CONST seL4_Fault_seL4_FaultType_equals(seL4_Fault_t fault, seL4_Uint64 type)",
              "{", f"    return (fault.words[0] & {_mask(TAG_BITS)}) == type;", "}", "",
              "LIBSEL4_INLINE_FUNC seL4_Uint64 PURE seL4_Fault_ptr_get_seL4_FaultType(seL4_Fault_t *fault)", "{",
              f"    return fault->words[0] & {_mask(TAG_BITS)};", "}", ""]
    for _, entry in active:
        name = f"seL4_Fault_{entry['name']}"
        parameters = [f"seL4_Uint64 {field}" for field, _ in members(entry)]
        arguments = ", ".join(["&fault", *(field for field, _ in members(entry))])
        used = len(entry["words"]) + 1
        body = [f"    fault->words[0] = {name};"]
        body += [f"    fault->words[{index}] = {field};" for field, index in members(entry)]
        body += [f"    for (int i = {used}; i < {FAULT_WORDS}; ++i) {{", "        fault->words[i] = 0;", "    }"] \
            if used < FAULT_WORDS else []
        lines += [*c_text.function(f"LIBSEL4_INLINE_FUNC void {name}_ptr_new", ["seL4_Fault_t *fault", *parameters]),
                  "{", *body, "}", "",
                  *c_text.function(f"LIBSEL4_INLINE_FUNC seL4_Fault_t CONST {name}_new", parameters), "{",
                  "    seL4_Fault_t fault;", f"    {name}_ptr_new({arguments});", "    return fault;", "}", ""]
        for field, index in members(entry):
            check = f"    seL4_DebugAssert((fault%swords[0] & {_mask(TAG_BITS)}) == {name});"
            lines += [f"LIBSEL4_INLINE_FUNC seL4_Uint64 CONST {name}_get_{field}(seL4_Fault_t fault)", "{",
                      check % ".", f"    return fault.words[{index}];", "}", "",
                      f"LIBSEL4_INLINE_FUNC seL4_Fault_t CONST {name}_set_{field}(seL4_Fault_t fault, seL4_Uint64 value)",
                      "{", check % ".", f"    fault.words[{index}] = value;", "    return fault;", "}", "",
                      f"LIBSEL4_INLINE_FUNC seL4_Uint64 PURE {name}_ptr_get_{field}(seL4_Fault_t *fault)", "{",
                      check % "->", f"    return fault->words[{index}];", "}", "",
                      f"LIBSEL4_INLINE_FUNC void {name}_ptr_set_{field}(seL4_Fault_t *fault, seL4_Uint64 value)", "{",
                      check % "->", f"    fault->words[{index}] = value;", "}", ""]
    return lines
