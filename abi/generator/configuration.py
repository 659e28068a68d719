# SPDX-License-Identifier: BSD-2-Clause
"""Configurations: reads a preset or seL4's gen_config.json, completes it, checks it against the description."""

import json

from . import condition


class ConfigurationError(Exception):
    """A configuration that cannot be used; the text names each symbol, the reason and the way out."""


class Symbol:
    """One configuration symbol of the description."""

    def __init__(self, name, entry, option_of=None, option=None):
        self.name = name
        self.kind = "bool" if option_of else entry["kind"]
        self.entry = entry
        self.option_of = option_of
        self.option = option
        self.part = entry.get("part", "kernel")
        self.about = entry.get("about", "")

    @property
    def requires(self):
        return self.entry.get("requires")


def symbols(description):
    """All symbols by name, in the order of seL4's gen_config.json (the options of a choice before the choice)."""
    found = {}
    for entry in description["configuration"]["symbol"]:
        for name in entry.get("names", [entry.get("name")]):
            for option, flag in entry.get("options", {}).items():
                found[flag] = Symbol(flag, entry, option_of=name, option=option)
            found[name] = Symbol(name, entry)
    return found


def _plain(name, symbol, value):
    """A value of a JSON file as bool, int or str."""
    if symbol.kind == "bool":
        if isinstance(value, bool):
            return value
        raise ConfigurationError(f"CONFIG_{name}: {value!r} is not true or false")
    if symbol.kind == "number":
        try:
            if isinstance(value, bool):
                raise ValueError
            return int(str(value), 0)
        except ValueError:
            raise ConfigurationError(f"CONFIG_{name}: {value!r} is not a number") from None
    if isinstance(value, str):
        return value
    raise ConfigurationError(f"CONFIG_{name}: {value!r} is not a string")


class Configuration:
    """A complete configuration: a value for each symbol, None for those that the configuration does not define."""

    def __init__(self, description, given, source="configuration"):
        self.description = description
        self.symbols = symbols(description)
        self.source = source
        self._resolving = []
        self._values = {}
        self._given = self._read(given)
        for name in self.symbols:
            self.value(name)
        self._check()

    def _read(self, given):
        problems, read = [], {}
        for name, value in given.items():
            name = name.removeprefix("CONFIG_")
            symbol = self.symbols.get(name)
            if symbol is None:
                problems.append(f"CONFIG_{name}: seL4 16.0.0 has no such symbol for x86_64 on pc99; remove it")
                continue
            try:
                read[name] = _plain(name, symbol, value)
            except ConfigurationError as error:
                problems.append(str(error))
        for name, value in list(read.items()):
            symbol = self.symbols[name]
            if symbol.option_of and value is True:
                if read.setdefault(symbol.option_of, symbol.option) != symbol.option:
                    problems.append(f"CONFIG_{name}: true, but CONFIG_{symbol.option_of} is "
                                    f"{read[symbol.option_of]!r}; give one of the two")
        if problems:
            raise ConfigurationError("\n".join(problems))
        return read

    def value(self, name):
        """The value of a symbol, None if this configuration does not define it."""
        if name in self._values:
            return self._values[name]
        if name not in self.symbols:
            raise condition.ConditionError(f"unknown configuration symbol {name}")
        if name in self._resolving:
            raise condition.ConditionError(f"configuration symbols depend on each other: {self._resolving}")
        self._resolving.append(name)
        self._values[name] = self._resolve(self.symbols[name])
        self._resolving.pop()
        return self._values[name]

    def _resolve(self, symbol):
        if symbol.option_of:
            return self.value(symbol.option_of) == symbol.option
        if not condition.holds(symbol.requires, self.value):
            return symbol.entry.get("otherwise", False if symbol.kind == "bool" else None)
        if symbol.name in self._given and not symbol.entry.get("derived"):
            return self._given[symbol.name]
        return condition.choose(symbol.entry["default"], self.value)

    def _check(self):
        problems = []
        for name, given in self._given.items():
            symbol, value = self.symbols[name], self.value(name)
            if symbol.kind == "choice" and condition.holds(symbol.requires, self.value):
                if given not in symbol.entry["options"]:
                    problems.append(f"CONFIG_{name}: {given!r} is not one of {', '.join(symbol.entry['options'])}")
                    continue
            if given != value:
                if symbol.option_of:
                    why = f"CONFIG_{symbol.option_of} is {self.value(symbol.option_of)!r}"
                elif symbol.entry.get("derived"):
                    why = "seL4 derives it from other symbols" if condition_names(symbol) else "it is fixed on x86_64"
                else:
                    why = f"it requires {symbol.requires}"
                problems.append(f"CONFIG_{name}: {given!r} is not possible, {why}; {remedy(value)}")
            elif symbol.kind == "number" and value is not None:
                low, high = symbol.entry.get("minimum"), symbol.entry.get("maximum")
                if (low is not None and value < low) or (high is not None and value > high):
                    problems.append(f"CONFIG_{name}: {value} is out of range {low} to {high if high else 'any'}")
        if problems:
            raise ConfigurationError("\n".join(problems))

    def holds(self, text):
        """Whether a condition of the description holds."""
        return condition.holds(text, self.value)

    def choose(self, rules):
        """The applicable value among rules of the description."""
        return condition.choose(rules, self.value)

    def refusals(self):
        """One line for each setting that this kernel does not implement."""
        return [f"CONFIG_{rule['symbol']}: {rule['reason']}; {rule['instead']}"
                for rule in self.description["support"]["refused"] if self.holds(rule["when"])]

    def as_json(self, part=None):
        """The configuration in the form of seL4's gen_config.json: numbers are strings."""
        values = {}
        for name, symbol in self.symbols.items():
            value = self.value(name)
            if value is not None and part in (None, symbol.part):
                values[name] = value if isinstance(value, bool) else str(value)
        return values


def condition_names(symbol):
    """The symbols from which a derived symbol follows."""
    rules = symbol.entry["default"]
    return [name for rule in rules for name in condition.names(rule.get("when"))] if isinstance(rules, list) else []


def remedy(value):
    """What to write instead of a value that is not possible."""
    return "remove it" if value is None else f"remove it or set it to {json.dumps(value)}"


def load(description, path, overrides=None):
    """Reads a preset or a gen_config.json. `overrides` maps symbol names to values that win."""
    try:
        with open(path, encoding="utf-8") as file:
            given = json.load(file)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigurationError(f"{path}: not JSON: {error}") from None
    if not isinstance(given, dict):
        raise ConfigurationError(f"{path}: not an object that maps configuration symbols to values")
    given.update(overrides or {})
    try:
        return Configuration(description, given, source=str(path))
    except ConfigurationError as error:
        raise ConfigurationError("\n".join(f"{path}: {line}" for line in str(error).splitlines())) from None
