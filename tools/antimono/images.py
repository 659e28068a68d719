# SPDX-License-Identifier: GPL-2.0-only
"""Root-task images: the bundled ones by name, others by path; and bootable ISO files with one."""
import pathlib
import shlex
import shutil
import tempfile

from antimono import elf
from antimono.process import run_logged
from antimono.report import Failure

DEFAULT_IMAGE = "hello"


def bundled(configuration):
    """Names of the bundled root tasks that are built."""
    if not configuration.images.is_dir():
        return []
    return sorted(path.name for path in configuration.images.iterdir() if path.is_file())


def find(name_or_path, configuration):
    """The image's path; raises Failure that lists what there is."""
    name = name_or_path or DEFAULT_IMAGE
    if "/" not in name and (configuration.images / name).is_file():
        return configuration.images / name
    path = pathlib.Path(name)
    if not path.exists():
        names = ", ".join(bundled(configuration)) or "none built yet"
        raise Failure(f"{name}: no such file, and no bundled image of that name (bundled: {names}).")
    elf.explain_unless_image(path)
    return path


GRUB_CONFIG = """\
set timeout=0
set default=0
insmod all_video
menuentry "Antimono" {{
    multiboot2 /boot/kernel.elf {arguments}
{modules}
    echo "Starting the kernel."
    boot
}}
"""


def make_iso(output, kernel, modules, arguments=""):
    """Writes a hybrid ISO (BIOS and UEFI, CD and disk) that boots the kernel by GRUB and multiboot 2."""
    with tempfile.TemporaryDirectory(prefix="antimono-iso-") as directory:
        boot = pathlib.Path(directory) / "boot"
        (boot / "grub").mkdir(parents=True)
        shutil.copyfile(kernel, boot / "kernel.elf")
        lines = []
        for index, module in enumerate(modules):
            shutil.copyfile(module, boot / f"module{index}")
            lines.append(f"    module2 /boot/module{index} {shlex.quote(pathlib.Path(module).name)}")
        (boot / "grub" / "grub.cfg").write_text(
            GRUB_CONFIG.format(arguments=arguments, modules="\n".join(lines)), encoding="utf-8")
        run_logged(["grub-mkrescue", "-o", output, directory, "--", "-volid", "ANTIMONO"], "make ISO",
                   f"iso-{pathlib.Path(output).name}")
