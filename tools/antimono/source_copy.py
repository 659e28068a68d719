# SPDX-License-Identifier: GPL-2.0-only
"""A copy of the source to damage: what tries mutants and deliberate defects works in one, never in the checkout."""
import contextlib
import shutil
import subprocess

from antimono import build, paths
from antimono.report import Failure

#: What is copied; the rest of a checkout takes no part in a build.
PARTS = ("CMakeLists.txt", "CMakePresets.json", "LICENSES", "abi", "cmake", "frame", "kernel", "libsel4", "tests", "tools",
         "user")
#: How much is shown of what a tool said.
SHOWN = 3000


class SourceCopy:
    """The copy in `root`. `binary` may lie inside it; what is there is left alone."""

    def __init__(self, root, binary):
        self.root, self.binary = root, binary

    def refresh(self):
        """Brings the copy up to date; files that are the same keep their time, so little is built again."""
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *PARTS], cwd=paths.ROOT, text=True,
                                capture_output=True, check=False)
        if listed.returncode != 0:
            raise Failure(f"git does not say which files belong to the source: {listed.stderr.strip()}")
        wanted = {name for name in listed.stdout.splitlines() if (paths.ROOT / name).is_file()}
        for path in self.root.rglob("*") if self.root.is_dir() else ():
            if path.is_file() and self.binary not in path.parents and str(path.relative_to(self.root)) not in wanted:
                path.unlink()
        for name in wanted:
            target = self.root / name
            if not target.is_file() or target.read_bytes() != (paths.ROOT / name).read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(paths.ROOT / name, target)

    def restore(self, names):
        """Files as they are in the checkout."""
        for name in names:
            shutil.copyfile(paths.ROOT / name, self.root / name)

    @contextlib.contextmanager
    def patched(self, patch):
        """The copy with a patch of `seeded` applied. What it touches comes back as it was here: the checkout may have gone on."""
        before = {name: (self.root / name).read_bytes() for name in patch.touched() if (self.root / name).is_file()}
        self.tool(["git", "apply", patch.path], f"applying {paths.shown(patch.path)}")
        try:
            yield
        finally:
            for name, content in before.items():
                (self.root / name).write_bytes(content)

    def tool(self, command, what):
        done = subprocess.run([str(part) for part in command], cwd=self.root, text=True, capture_output=True, check=False,
                              env=dict(build.environment(), GIT_CEILING_DIRECTORIES=str(self.root.parent)))
        if done.returncode != 0:
            raise Failure(f"{what} failed:\n{(done.stdout + done.stderr)[-SHOWN:]}")

    @staticmethod
    def compile(build_dir, *targets):
        """None if it builds, else what the compiler said."""
        done = subprocess.run(["ninja", "-C", str(build_dir), *targets], text=True, capture_output=True, check=False,
                              errors="replace", env=build.environment())
        return None if done.returncode == 0 else done.stdout + done.stderr
