# SPDX-License-Identifier: GPL-2.0-only
"""Compiles C and C++ that asks headers for their numbers, runs it, and compares the answers with recorded ones."""
import re
import subprocess

PATIENCE = 120


def run(command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=PATIENCE, check=False)


class Probe:
    """Questions with their recorded answers. A question is a C expression of integer type, or a constant C++ one."""

    def __init__(self, prologue, constant=False):
        self.prologue = prologue
        self.constant = constant
        self.questions = {}
        self.where = {}

    def ask(self, name, expression, recorded):
        known = self.questions.setdefault(name, (expression, recorded))
        if known != (expression, recorded):
            raise ValueError(f"the recorded facts contradict themselves about {name}: {known[1]} and {recorded}")

    def source(self, left):
        """A program that prints the answers to these questions, one a line. One array costs the compiler less than as
        many calls."""
        count = max(1, len(left))
        lines = [*self.prologue, "#include <stdio.h>",
                 f"static constexpr long long answers[{count}] = {{" if self.constant else f"static long long answers[{count}];"]
        if not self.constant:
            lines += ["int main(void)", "{"]
        self.where = {}  # line of the source -> question
        for index, name in enumerate(left):
            value = f"(long long)({self.questions[name][0]})"
            lines.append(f"    {value}," if self.constant else f"    answers[{index}] = {value};")
            self.where[len(lines)] = name
        if self.constant:
            lines += ["};", "int main()", "{"]
        lines += [f"    for (int i = 0; i < {len(left)}; ++i)", '        printf("%lld\\n", answers[i]);', "    return 0;", "}"]
        return "\n".join(lines) + "\n"

    def answers(self, compiler, flags, directory, suffix):
        """name -> number, or the compiler's complaint."""
        source, program = directory / f"probe{suffix}", directory / "probe"
        left, found = list(self.questions), {}
        for _ in range(4):
            source.write_text(self.source(left), encoding="utf-8")
            compiled = run([*compiler, *flags, "-w", source, "-o", program])
            if compiled.returncode == 0:
                break
            errors = re.findall(rf"{re.escape(str(source))}:(\d+):\d+: error: (.*)", compiled.stderr)
            bad = {self.where[int(line)]: text for line, text in reversed(errors) if int(line) in self.where}
            if not bad:
                raise RuntimeError(compiled.stderr)
            found.update(bad)
            left = [name for name in left if name not in bad]
        else:
            raise RuntimeError(compiled.stderr)
        printed = run([program]).stdout.split()
        if len(printed) != len(left):
            raise RuntimeError(f"the probe printed {len(printed)} answers to {len(left)} questions")
        found.update(zip(left, map(int, printed)))
        return found

    def differences(self, compiler, flags, directory, suffix=".c"):
        """One line for each answer that is not the recorded one."""
        found = self.answers(compiler, flags, directory, suffix)
        lines = []
        for name, (_, recorded) in self.questions.items():
            ours = found.get(name, "no answer")
            # Numbers are compared as C has them: 64 bits, signed or not.
            if not isinstance(ours, int) or (ours - recorded) % (1 << 64):
                lines.append(f"{name}: ours {ours}, recorded {recorded}")
        return lines
