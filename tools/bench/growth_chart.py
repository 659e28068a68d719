# SPDX-License-Identifier: GPL-2.0-only
"""growth_chart.py RESULT.json PREFIX: the curves of `antimono bench --growth`, ours and seL4's, a file PREFIX-KIND.svg for
each kind. Both axes are logarithmic and the same for all curves of a kind."""
import json
import pathlib
import sys
import textwrap

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "antimono"  # the same figures make the same file
matplotlib.rcParams["svg.fonttype"] = "none"
from matplotlib import pyplot  # noqa: E402

COLUMNS = 5
UNITS = {"capabilities": "capabilities", "threads": "threads", "levels": "levels of the capability space",
         "pages": "pages mapped"}


def draw(kind, ours, sel4, title, file):
    rows = (len(ours) + COLUMNS - 1) // COLUMNS
    columns = min(COLUMNS, len(ours))
    figure, grid = pyplot.subplots(rows, columns, figsize=(2.3 * columns + 0.4, 1.55 * rows + 0.8), sharex=True,
                                   sharey=True, squeeze=False)
    cells = list(grid.flat)
    for axes, (curve, points) in zip(cells, ours.items()):
        other = sel4.get(curve, {})
        axes.loglog([int(size) for size in other], other.values(), color="#8a8a8a", marker="o", markersize=2,
                    linewidth=1, label="seL4 16.0.0")
        axes.loglog([int(size) for size in points], points.values(), color="#3b7a57", marker="o", markersize=2,
                    linewidth=1.2, label="Antimono")
        axes.set_title("\n".join(textwrap.wrap(curve, 34)), fontsize=6.5)
        axes.tick_params(labelsize=6)
        axes.minorticks_off()
        axes.grid(True, linewidth=0.3)
    for axes in cells[len(ours):]:
        axes.set_visible(False)
    figure.legend(*cells[0].get_legend_handles_labels(), loc="upper right", fontsize=7, ncol=2)
    figure.suptitle(f"Instructions per operation over {UNITS.get(kind, kind)}. {title}", fontsize=8, x=0.01, ha="left")
    figure.tight_layout(rect=(0, 0, 1, 0.98))
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


def main():
    result = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    for kind, curves in result["ours"].items():
        draw(kind, curves, result["sel4"].get(kind, {}), result["title"],
             f"{sys.argv[2]}-{kind.replace(' ', '-')}.svg")


if __name__ == "__main__":
    main()
