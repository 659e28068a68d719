#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks that no function of the kernel can call itself, however indirectly.

The kernel has one small stack per core. -Wframe-larger-than bounds each frame; without recursion, the longest call chain
is finite, and so is the stack. The graph is that of the whole program, kernel and frame, from the bitcode that goes into
the linker. The kernel has no indirect calls (the gate refuses function pointers), so the graph is complete; one that
appears all the same is reported.
"""

import argparse
import pathlib
import sys

import bitcode

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGETS = ("antimono_kernel_core", "antimono_frame_x86_64")


class CallGraph:
    """Who calls whom, over several modules."""

    def __init__(self, modules):
        self.functions = {}
        external = {}
        for module in modules:
            for function in module.functions:
                key = self._key(function)
                self.functions.setdefault(key, function)
                if not function.internal:
                    external[function.name] = key
        self.edges = {}
        for key, function in self.functions.items():
            targets = []
            for callee in function.calls:
                internal = (str(function.module), callee)
                if internal in self.functions:
                    targets.append(internal)
                elif callee in external:
                    targets.append(external[callee])
            self.edges[key] = targets

    @staticmethod
    def _key(function):
        return (str(function.module) if function.internal else "", function.name)

    def cycles(self):
        """The strongly connected components in which some function can reach itself (Tarjan, without recursion)."""
        index, low, on_stack, stack, result = {}, {}, set(), [], []
        for root in self.edges:
            if root in index:
                continue
            work = [(root, iter(self.edges[root]))]
            index[root] = low[root] = len(index)
            stack.append(root)
            on_stack.add(root)
            while work:
                node, successors = work[-1]
                advanced = False
                for successor in successors:
                    if successor not in index:
                        index[successor] = low[successor] = len(index)
                        stack.append(successor)
                        on_stack.add(successor)
                        work.append((successor, iter(self.edges[successor])))
                        advanced = True
                        break
                    if successor in on_stack:
                        low[node] = min(low[node], index[successor])
                if advanced:
                    continue
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        component.append(member)
                        if member == node:
                            break
                    if len(component) > 1 or node in self.edges[node]:
                        result.append(component)
        return result

    def path_around(self, component):
        """A shortest call chain from a function of the component back to itself."""
        members = set(component)
        start = min(component)
        previous = {}
        queue = [start]
        for node in queue:
            for successor in self.edges[node]:
                if successor == start:
                    chain = [start, node] if node != start else [start]
                    while node in previous:
                        node = previous[node]
                        chain.append(node)
                    chain = chain if chain[-1] == start else [*chain, start]
                    return list(reversed(chain if len(chain) > 1 else [start, start]))
                if successor in members and successor not in previous and successor != start:
                    previous[successor] = node
                    queue.append(successor)
        return [start, start]


def is_kernel(function, kernel):
    return kernel in pathlib.Path(function.at.file).parents


def problems_of(graph, kernel):
    """Recursion and indirect calls that involve the kernel, as lines of text."""
    names = bitcode.demangle(key[1] for key in graph.functions)
    result = []
    for component in graph.cycles():
        if not any(is_kernel(graph.functions[key], kernel) for key in component):
            continue
        chain = graph.path_around(component)
        first = graph.functions[chain[0]]
        shown = " -> ".join(names[key[1]] for key in chain)
        result.append(f"{first.at}: recursion: {shown}; write a loop with explicit state [gate:recursion]")
    for function in graph.functions.values():
        for instruction in function.instructions:
            if instruction.kind == "indirect call" and kernel in pathlib.Path(instruction.at.file).parents:
                result.append(f"{instruction.at}: indirect call in {names[function.name]}, which no check can follow "
                              "[gate:recursion]")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-dir", type=pathlib.Path, help="build directory of the kernel")
    parser.add_argument("--kernel", type=pathlib.Path, default=ROOT / "kernel", help="directory of kernel sources")
    parser.add_argument("objects", type=pathlib.Path, nargs="*", help="bitcode files to check instead")
    arguments = parser.parse_args()
    objects = arguments.objects
    if not objects:
        if not arguments.build_dir:
            parser.error("give --build-dir or objects")
        objects = [path for target in TARGETS for path in bitcode.find_objects(arguments.build_dir, target)]
    graph = CallGraph([bitcode.Module(path) for path in objects])
    problems = problems_of(graph, arguments.kernel.resolve())
    print("\n".join(problems), end="\n" if problems else "")
    print(f"call graph: {len(graph.functions)} functions, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
