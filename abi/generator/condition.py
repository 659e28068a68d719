# SPDX-License-Identifier: BSD-2-Clause
"""Conditions over configuration symbols: NAME, !x, x && y, x || y, (x), NAME == value, NAME > number."""

import re

_TOKEN = re.compile(r"\s*(&&|\|\||==|>|!|\(|\)|[A-Za-z0-9_.\-]+)")


class ConditionError(ValueError):
    """A condition that cannot be read."""


def tokens(text):
    """The tokens of a condition."""
    position, found = 0, []
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ConditionError(f"cannot read condition {text!r} at column {position + 1}")
        found.append(match.group(1))
        position = match.end()
    return found


class _Parser:
    def __init__(self, text, lookup):
        self.text, self.lookup = text, lookup
        self.tokens, self.position = tokens(text), 0

    def peek(self):
        return self.tokens[self.position] if self.position < len(self.tokens) else None

    def take(self):
        token = self.peek()
        if token is None:
            raise ConditionError(f"condition {self.text!r} ends too early")
        self.position += 1
        return token

    def either(self):
        value = self.both()
        while self.peek() == "||":
            self.take()
            value = self.both() or value
        return value

    def both(self):
        value = self.single()
        while self.peek() == "&&":
            self.take()
            value = self.single() and value
        return value

    def single(self):
        token = self.take()
        if token == "!":
            return not self.single()
        if token == "(":
            value = self.either()
            if self.take() != ")":
                raise ConditionError(f"condition {self.text!r} lacks a closing parenthesis")
            return value
        value = self.lookup(token)
        if self.peek() == "==":
            self.take()
            return str(value) == self.take()
        if self.peek() == ">":
            self.take()
            return int(value or 0) > int(self.take())
        return bool(value)


def holds(text, lookup):
    """Whether the condition holds; `lookup` maps a symbol name to its value. An absent condition always holds."""
    if not text:
        return True
    parser = _Parser(text, lookup)
    value = parser.either()
    if parser.peek() is not None:
        raise ConditionError(f"condition {text!r} goes on after its end at {parser.peek()!r}")
    return value


def choose(rules, lookup):
    """The value of the first rule whose condition holds; a plain value stands for itself."""
    if not isinstance(rules, list):
        return rules
    for rule in rules:
        if holds(rule.get("when"), lookup):
            return rule["value"]
    raise ConditionError(f"no rule applies: {rules!r}")


def names(text):
    """The symbol names in a condition."""
    found, previous = [], None
    for token in tokens(text or ""):
        if re.match(r"[A-Za-z_]", token) and previous not in ("==", ">"):
            found.append(token)
        previous = token
    return found


def to_preprocessor(text):
    """The condition as a C preprocessor expression over CONFIG_ macros (only names, !, && and ||)."""
    return "".join(
        f"defined(CONFIG_{token})" if re.match(r"[A-Za-z_]", token) else {"!": "!"}.get(token, f" {token} ")
        for token in tokens(text))
