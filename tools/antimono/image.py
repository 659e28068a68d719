# SPDX-License-Identifier: GPL-2.0-only
"""antimono image: a bootable ISO file."""
import pathlib

from antimono import build, config, images, packages
from antimono.report import say

HELP = "make a bootable ISO for BIOS and UEFI"
DESCRIPTION = """\
Makes one ISO file that boots the kernel and a root task on BIOS and UEFI machines, from a CD or a USB stick.
"""
EPILOG = """\
examples:
  ./antimono image                        build/sim-debug/hello.iso with the bundled hello program
  ./antimono image my-task -o task.iso    with your own root task
  ./antimono image my-task --root-cnode-bits 16
                                          with a root CNode of 2^16 slots, by the kernel's command line
  sudo dd if=task.iso of=/dev/sdX bs=4M   onto a USB stick (check the device name twice)
"""


def add_arguments(parser):
    parser.add_argument("image", nargs="?", metavar="IMAGE", help="bundled name or ELF file (default: hello)")
    parser.add_argument("-o", "--output", metavar="FILE", help="ISO file (default: in the build directory)")
    parser.add_argument("--kernel-args", default="", metavar="TEXT", help="kernel command line")
    config.add_arguments(parser)


def run(options):
    packages.ensure("build", "image")
    configuration, arguments = config.to_boot(options)
    build.build(configuration, build.targets_for(options.image))
    image = images.find(options.image, configuration)
    output = pathlib.Path(options.output or configuration.build_dir / f"{image.stem}.iso")
    images.make_iso(output, configuration.kernel, [image], " ".join(filter(None, (arguments, options.kernel_args))))
    say(f"{output}: boots {image.name} on BIOS and UEFI")
    return 0
