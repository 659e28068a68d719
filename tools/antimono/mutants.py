# SPDX-License-Identifier: GPL-2.0-only
"""Makes mutants of C++ source by rule: small changes of which each should be seen by a test.

Works on tokens' neighbourhoods in text whose comments and literals are blanked, which the project's fixed formatting makes
exact enough: binary operators stand between spaces, template brackets and references do not. A mutant that does not
compile counts for nothing.
"""
import dataclasses
import re

RELATIONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
LOGIC = {"&&": "||", "||": "&&"}
ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "/", "<<": ">>", ">>": "<<", "&": "|", "|": "&"}
BINARY = re.compile(r"(?<= )(<=|>=|==|!=|&&|\|\||<<|>>|<|>|\+|-|\*|/|%|&|\|)(?= |\n)")
NUMBER = re.compile(r"(?<![\w.'])(\d+)(?:[uU]?[lL]{0,2})(?![\w.'])")
CONDITION = re.compile(r"\b(?:if|while) \(")
NOT = re.compile(r"(?<=[( ])!(?=[\w(*])")
BOOLEAN = re.compile(r"\b(true|false)\b")
JUMP = re.compile(r"(?<=[ {;])(break|continue);")
CALL = re.compile(r"\b[A-Za-z_]\w*\(")
#: Arguments whose place nothing else can take: the change would not compile.
UNLIKE_OTHERS = re.compile(r"\s*(?:phase$|phase\.lend|std::move\(|entry\.begin|\"|\[|std::nullopt)")
#: Beginnings of statements that are no expressions, or whose loss says nothing.
NO_EXPRESSION = re.compile(
    r"(?:return|break|continue|using|typedef|static_assert|case|default|goto|namespace|template|struct|class|enum|friend|"
    r"public|private|extern|constexpr|const|static|auto|switch|if|for|while|do|else|inline|\[\[|#|\(void\))")
#: `Type name = ...`, `Type name{...}`, `Type& name(...)`.
DECLARATION = re.compile(r"^[\w:<>,&*\s]*[\w>&*]\s+[*&]?\w+\s*(?:=|\{|\(|;|\[)")


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A change of one place."""
    path: str
    start: int
    end: int
    text: str
    rule: str
    line: int

    @property
    def name(self):
        return f"{self.path}:{self.line}:{self.start} {self.rule}"

    def apply(self, source):
        return source[:self.start] + self.text + source[self.end:]


def blanked(source):
    """The source with comments, literals and preprocessor lines as spaces, newlines kept."""
    pattern = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|(?<![\w])'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
                         re.DOTALL | re.MULTILINE)
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)


def closing(text, at):
    """The index after the bracket that closes the one at `at`."""
    depth = 0
    for index in range(at, len(text)):
        if text[index] in "([{":
            depth += 1
        elif text[index] in ")]}":
            depth -= 1
            if depth == 0:
                return index + 1
    return len(text)


def parts(text, separator):
    """(start, end) of the parts of `text` between separators outside of brackets."""
    found, depth, start = [], 0, 0
    for index, character in enumerate(text):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == separator and depth == 0:
            found.append((start, index))
            start = index + 1
    return [*found, (start, len(text))]


def outside_code(text):
    """Ranges without statements of their own: static assertions, attributes, template heads, enumerations."""
    ranges = []
    for found in re.finditer(r"\bstatic_assert\(|\btemplate <|\[\[|\benum (?:class )?\w+[^;{]*\{", text):
        if text[found.end() - 1] == "<":
            ranges.append((found.start(), text.index("\n", found.end())))
        else:
            ranges.append((found.start(), closing(text, found.end() - (2 if found[0] == "[[" else 1))))
    return ranges


def mutants_of(path, source):
    """All mutants of a file, in its order."""
    text = blanked(source)
    avoided = outside_code(text)
    made = []

    def add(start, end, replacement, rule):
        if source[start:end] != replacement and not any(low <= start < high for low, high in avoided):
            made.append(Mutant(path, start, end, replacement, rule, source.count("\n", 0, start) + 1))

    for found in CONDITION.finditer(text):
        first, last = found.end(), closing(text, found.end() - 1) - 1
        low, high = parts(text[first:last], ";")[-1]
        condition = source[first + low:first + high]
        if not re.search(r"(?<![=!<>])=(?!=)", text[first + low:first + high]):
            add(first + low, first + high, f" !({condition.strip()})" if low else f"!({condition})", "negated condition")
    for found in BINARY.finditer(text):
        operator = found[1]
        for table, rule in ((RELATIONS, "relation"), (LOGIC, "and/or"), (ARITHMETIC, "operator")):
            if operator in table:
                add(found.start(1), found.end(1), table[operator], rule)
    for found in NUMBER.finditer(text):
        add(found.start(1), found.end(1), str(int(found[1]) + 1), "off by one")
    for found in NOT.finditer(text):
        add(found.start(), found.end(), "", "dropped not")
    for found in BOOLEAN.finditer(text):
        add(found.start(), found.end(), "false" if found[1] == "true" else "true", "other truth")
    for found in JUMP.finditer(text):
        add(found.start(1), found.end(), ";", "dropped jump")
    for found in CALL.finditer(text):
        end = closing(text, found.end() - 1) - 1
        arguments = parts(text[found.end():end], ",")
        if len(arguments) >= 2 and not re.search(r"\w[&*]? \w", re.sub(r"\s*[-+*/%<>=&|?:]+\s*", "", text[found.end():end])):
            for (a, b), (c, d) in zip(arguments, arguments[1:]):
                one, two = source[found.end() + a:found.end() + b], source[found.end() + c:found.end() + d]
                if one.strip() != two.strip() and not any(UNLIKE_OTHERS.match(each) for each in (one, two)):
                    add(found.end() + a, found.end() + d, f"{two.strip()}, {one.strip()}", "swapped arguments")
    for start, end in statements(text):
        add(start, end, ";", "dropped statement")
    unique = {(mutant.start, mutant.end, mutant.text): mutant for mutant in made}
    return sorted(unique.values(), key=lambda mutant: (mutant.start, mutant.rule))


def statements(text):
    """(start, end) of expression statements inside of functions."""
    for found in re.finditer(r"[;{}:]\s*\n[ \t]+(?=[\w+*:(-])", text):
        start = found.end()
        if NO_EXPRESSION.match(text, start):
            continue
        depth, end = 0, start
        while end < len(text):
            if text[end] in "([{":
                depth += 1
            elif text[end] in ")]}":
                depth -= 1
                if depth < 0:
                    break
            elif text[end] == ";" and depth == 0:
                break
            end += 1
        statement = text[start:end]
        if end >= len(text) or text[end] != ";" or not re.search(r"[=(]|\+\+|--", statement):
            continue
        head = re.split(r"[({=]", statement)[0]
        if re.search(r"\w[>&*]* [*&]?\w+\s*$", head) and not re.match(r"[\w.>()\[\]-]+\s*[-+|&]?$", head):
            continue  # a declaration
        yield start, end + 1
