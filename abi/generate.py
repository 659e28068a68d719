#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Generates headers, configuration files and reference pages from abi/description.

    generate.py --config abi/presets/sim-debug.json --out build/abi      kernel and libsel4 headers, gen_config.*
    generate.py --config gen_config.json --out DIR --root-cnode-bits 16  from seL4's own configuration file
    generate.py --docs docs/reference                                    one reference page per object
    generate.py --list-symbols                                           every configuration symbol with its default
"""

import argparse
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from generator import configuration, gen_config, interchange, interface, kernel_headers, libsel4_headers, reference  # noqa: E402


def write_if_changed(path, text):
    """Writes a file only if its text differs, so that builds do not recompile what did not change."""
    try:
        if path.read_text(encoding="utf-8") == text:
            return False
    except OSError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
    return True


def write_tree(root, files):
    """Writes generated files below `root` and removes generated files that no longer exist."""
    for name, text in files.items():
        write_if_changed(root / name, text)
    manifest = root / ".generated"
    try:
        old = manifest.read_text(encoding="utf-8").split()
    except OSError:
        old = []
    for name in set(old) - set(files):
        (root / name).unlink(missing_ok=True)
    write_if_changed(manifest, "\n".join(sorted(files)) + "\n")


def files_for(view):
    """Everything that is generated for one configuration: file name to text."""
    files = {f"include/{name}": text for name, text in kernel_headers.generate(view).items()}
    files |= {f"libsel4/include/{name}": text
              for name, text in (libsel4_headers.generate(view) | interchange.generate(view)).items()}
    return files | gen_config.generate(view.configuration)


def reference_views(description):
    """The configurations whose numbers the reference pages show."""
    presets = {"sim-debug": {}, "sim-release": {}, "default": {}, "mcs": {"KERNEL_MCS": True}}
    views = {}
    for name, overrides in presets.items():
        path = HERE / "presets" / f"{'sim-debug' if overrides else name}.json"
        views[name] = interface.Interface(description, configuration.load(description, path, overrides))
    return views


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog="\n".join(__doc__.splitlines()[1:]),
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=pathlib.Path, metavar="JSON",
                        help="a preset (abi/presets/*.json) or the gen_config.json that seL4's build writes")
    parser.add_argument("--out", type=pathlib.Path, metavar="DIR", help="where to write headers and configuration files")
    parser.add_argument("--docs", type=pathlib.Path, metavar="DIR", help="where to write the reference pages")
    parser.add_argument("--root-cnode-bits", type=int, metavar="N",
                        help="log2 of the slots of the initial thread's CNode, instead of the configuration's")
    parser.add_argument("--describe-only", action="store_true",
                        help="accept every configuration of seL4 16.0.0, also what this kernel does not implement")
    parser.add_argument("--list-symbols", action="store_true", help="print the configuration symbols and exit")
    return parser


def main(argv=None):
    parser = arguments()
    options = parser.parse_args(argv)
    description = interface.load_description(HERE / "description")
    if options.list_symbols:
        view = configuration.Configuration(description, {})
        for name, value in view.as_json().items():
            print(f"CONFIG_{name} = {value}")
        return 0
    if options.docs is not None:
        for name, text in reference.generate(reference_views(description)).items():
            write_if_changed(options.docs / name, text)
    elif options.config is None or options.out is None:
        parser.error("--config and --out are needed (or --docs, or --list-symbols)")
    if options.config is None or options.out is None:
        return 0
    overrides = {}
    if options.root_cnode_bits is not None:
        overrides["ROOT_CNODE_SIZE_BITS"] = str(options.root_cnode_bits)
    try:
        chosen = configuration.load(description, options.config, overrides)
    except configuration.ConfigurationError as error:
        print(f"generate.py: {error}", file=sys.stderr)
        return 1
    refusals = chosen.refusals()
    if refusals and not options.describe_only:
        print(f"generate.py: {options.config}: this kernel does not support the configuration:", file=sys.stderr)
        for line in refusals:
            print(f"  {line}", file=sys.stderr)
        return 1
    write_tree(options.out, files_for(interface.Interface(description, chosen)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
