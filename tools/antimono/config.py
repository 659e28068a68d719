# SPDX-License-Identifier: GPL-2.0-only
"""Which ABI configuration a kernel is built for: a preset by name, or a JSON file of seL4 configuration symbols."""
import dataclasses
import hashlib
import json
import pathlib
import sys
import tomllib

from antimono import paths
from antimono.report import Failure

PRESETS = ("sim-debug", "sim-release", "release-printing", "sim-domains", "sim-hardware-debug", "sim-utilisation",
           "sim-instruments", "default")
#: The kernel as a Linux process: can be built and tested, not booted.
HOST = "host"
#: The same for speed, for libFuzzer under the sanitizers, for counting what tests reach, and for making mutants of.
FUZZ = "fuzz"
FUZZ_ASAN = "fuzz-asan"
COVERAGE = "coverage"
MUTATION = "mutation"
PROCESSES = (HOST, FUZZ, FUZZ_ASAN, COVERAGE, MUTATION)
DEFAULT_PRESET = "sim-debug"
#: Behind a preset's name: its kernel with marks for `run --stats`.
STATS = "-stats"

ABI = paths.ROOT / "abi"
ROOT_CNODE = "ROOT_CNODE_SIZE_BITS"


@dataclasses.dataclass(frozen=True)
class Configuration:
    """One build directory's configuration."""
    name: str
    build_dir: pathlib.Path
    cmake_arguments: tuple

    @property
    def boots(self):
        """Whether it is a kernel for machines, and not one inside a Linux process."""
        return self.name not in (HOST, FUZZ)

    @property
    def kernel(self):
        """The 64-bit kernel (PVH, multiboot 2)."""
        return self.build_dir / "kernel.elf"

    @property
    def kernel_multiboot1(self):
        """The elf32-i386 copy for loaders that know only multiboot 1."""
        return self.build_dir / "kernel.multiboot1.elf"

    @property
    def images(self):
        """Where the bundled root tasks are."""
        return self.build_dir / "images"

    def symbols(self):
        """The effective configuration symbols, after the build has generated them."""
        path = self.build_dir / "abi-generated" / "gen_config.json"
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}


def add_arguments(parser, default=DEFAULT_PRESET, default_text=DEFAULT_PRESET):
    """The options that choose a configuration, the same for every subcommand."""
    parser.add_argument(
        "--config", default=default, metavar="NAME|FILE",
        help=f"preset ({', '.join(PRESETS)}) or a gen_config.json that seL4's build made; default: {default_text}")
    parser.add_argument(
        "--root-cnode-bits", type=int, metavar="N",
        help="log2 of the root CNode's slots, as the image expects it (seL4's tutorials: 16); default: as configured")


def from_options(options):
    """The Configuration to build, with the size of the root CNode built in."""
    return resolve(options.config, options.root_cnode_bits)


def to_boot(options, stats=False):
    """(Configuration, kernel arguments): what to build and how to start it.

    The root CNode's size is an argument of the kernel, so a configuration that differs from a preset in nothing else
    is that preset.
    """
    name, bits = options.config, options.root_cnode_bits
    if bits is not None:
        check_root_cnode_bits(bits)
    if name not in (*PRESETS, *PROCESSES) and pathlib.Path(name).is_file():
        preset, own_bits = preset_like(name)
        name, bits = preset or name, own_bits if bits is None else bits
    return resolve(name, stats=stats), "" if bits is None else f"root_cnode_bits={bits}"


def resolve(name_or_file, root_cnode_bits=None, stats=False):
    """The Configuration for --config and --root-cnode-bits; raises Failure with the way out. `stats`: the kernel marks which
    way it takes, as it also does in PRESET-stats."""
    arguments, suffix = [], ""
    if name_or_file.endswith(STATS) and name_or_file.removesuffix(STATS) in PRESETS:
        name_or_file, stats = name_or_file.removesuffix(STATS), True
    if stats:
        arguments.append("-DANTIMONO_STATS=ON")
        suffix = STATS
    if root_cnode_bits is not None:
        check_root_cnode_bits(root_cnode_bits)
        arguments.append(f"-DANTIMONO_ROOT_CNODE_BITS={root_cnode_bits}")
        suffix += f"-cnode{root_cnode_bits}"
    if name_or_file in (*PRESETS, *PROCESSES):
        name = name_or_file + suffix
        return Configuration(name, paths.BUILD / name, ("--preset", name_or_file, "-B", paths.BUILD / name, *arguments))
    path = pathlib.Path(name_or_file)
    if not path.is_file():
        raise Failure(f"--config {name_or_file}: neither a preset ({', '.join(PRESETS)}) nor a file. "
                      "seL4's build leaves its configuration in kernel/gen_config/kernel/gen_config.json.")
    check_json(path)
    path = path.resolve()
    name = f"{path.stem}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}{suffix}"
    return Configuration(name, paths.BUILD / name, (
        "--preset", DEFAULT_PRESET, "-B", paths.BUILD / name, f"-DANTIMONO_CONFIG={path}", *arguments))


def check_root_cnode_bits(bits):
    """Raises Failure unless seL4's description of its configuration allows this size."""
    content = tomllib.loads((ABI / "description" / "configuration.toml").read_text(encoding="utf-8"))
    symbol = next(entry for entry in content["symbol"] if entry.get("name") == ROOT_CNODE)
    if not symbol["minimum"] <= bits <= symbol["maximum"]:
        raise Failure(f"--root-cnode-bits {bits}: the root CNode holds 2^{symbol['minimum']} to 2^{symbol['maximum']} "
                      "slots. seL4's own defaults are 12 (pc99) and 13 (sel4test).")


def check_json(path):
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise Failure(f"--config {path}: not JSON ({error}). Give a preset's name or seL4's gen_config.json.") from None
    if not isinstance(content, dict):
        raise Failure(f"--config {path}: holds a JSON {type(content).__name__}, not an object of configuration symbols.")


def preset_like(path):
    """(preset, root CNode's bits): the preset with the configuration symbols of a gen_config.json, None if there is
    none; and the size of the root CNode where it is another than the preset's, the one symbol that does not count."""
    path = pathlib.Path(path)
    check_json(path)
    sys.path.insert(0, str(ABI))
    try:
        from generator import configuration, interface
    finally:
        sys.path.pop(0)
    description = interface.load_description(ABI / "description")

    def symbols(file):
        values = configuration.load(description, file).as_json()
        return values.pop(ROOT_CNODE), values

    try:
        bits, wanted = symbols(path)
    except configuration.ConfigurationError as error:
        raise Failure(f"{path}: no configuration of seL4 16.0.0 for x86_64: {'; '.join(str(error).splitlines())}") from None
    for preset in PRESETS:
        own_bits, found = symbols(ABI / "presets" / f"{preset}.json")
        if found == wanted:
            return preset, None if bits == own_bits else int(bits)
    return None, None
