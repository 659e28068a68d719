# SPDX-License-Identifier: GPL-2.0-only
"""chart.py RESULT.json CHART.svg: each row of `antimono bench` as a bar, its share of what the operation takes on seL4."""
import json
import pathlib
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "antimono"  # the same figures make the same file
matplotlib.rcParams["svg.fonttype"] = "none"
from matplotlib import pyplot  # noqa: E402


def main():
    result = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    rows = [(name, figure, result["sel4"][name]) for name, figure in result["rows"].items() if result["sel4"].get(name)]
    rows.reverse()
    figure, axes = pyplot.subplots(figsize=(10, 0.22 * len(rows) + 1.2))
    ratios = [ours / sel4 for _, ours, sel4 in rows]
    axes.barh([name for name, _, _ in rows], ratios, height=0.7,
              color=["#3b7a57" if ratio <= 0.8 else "#c9a227" if ratio <= 1 else "#b03a2e" for ratio in ratios])
    axes.axvline(1, color="black", linewidth=0.8)
    for place, (_, ours, sel4) in enumerate(rows):
        axes.text(ratios[place] + 0.01, place, f"{ours:.0f} / {sel4:.0f}", va="center", fontsize=7)
    axes.set_xlim(0, max([1.15, *[ratio + 0.15 for ratio in ratios]]))
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.tick_params(axis="y", labelsize=7)
    axes.set_xlabel("instructions per operation, as a share of seL4 16.0.0's (ours / seL4's beside the bar)", fontsize=8)
    axes.set_title(result["title"], fontsize=9)
    figure.tight_layout()
    figure.savefig(sys.argv[2], metadata={"Date": None})


if __name__ == "__main__":
    main()
