#!/usr/bin/env python3
"""Draws the fields of a heat_inversion run: plot_heat_inversion.py RUN/results.h5 [MORE/results.h5 ...] -o PICTURE.png

Needs h5py and matplotlib (Debian: python3-h5py python3-matplotlib). The true field, the start, and what each run
recovered, on one colour scale (log10 of the conductivity); crosses are heaters, dots are sensors.
"""
import argparse
import json
import os
import sys

try:
    import h5py
    import matplotlib
    import numpy as np
except ImportError as error:
    sys.exit(f"plot_heat_inversion.py: {error}; on Debian: apt-get install python3-h5py python3-matplotlib")

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


def read(path):
    try:
        with h5py.File(path) as file:
            if "/problem/true_conductivity" not in file:
                sys.exit(f"plot_heat_inversion.py: {path}: is not the results.h5 of a heat_inversion run")
            fields = {name: file["/problem/" + name][...] for name in file["/problem"]}
            return fields, json.loads(file.attrs["measures"]), len(file["/metrics/iteration"])
    except OSError as error:
        sys.exit(f"plot_heat_inversion.py: {path}: {error}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", nargs="+", help="results.h5 of one or more runs on the same problem")
    parser.add_argument("-o", "--output", default="heat_inversion.png")
    options = parser.parse_args()

    runs = [read(path) for path in options.results]
    first = runs[0][0]
    panels = [("true field", first["true_conductivity"]), ("start", first["start_conductivity"])]
    for path, (fields, measures, rounds) in zip(options.results, runs):
        name = os.path.basename(os.path.dirname(os.path.abspath(path)))
        error = measures.get("reconstruction_error", float("nan"))
        panels.append((f"{name}, {rounds} rounds\nerror {error:.3f}", fields["conductivity"]))
    low, high = (np.log10(panels[0][1]).min(), np.log10(panels[0][1]).max())
    figure, axes = plt.subplots(1, len(panels), figsize=(3.1 * len(panels) + 0.8, 3.5), constrained_layout=True)
    for axis, (title, field) in zip(axes, panels):
        image = axis.imshow(np.log10(field), origin="lower", extent=(0, 1, 0, 1), vmin=low, vmax=high, cmap="viridis")
        axis.set_title(title, fontsize=10)
        axis.set_xticks([0, 1])
        axis.set_yticks([0, 1])
    axes[1].plot(*first["sensors"].T, ".", color="white", markersize=2)
    axes[1].plot(*first["sources"].T, "x", color="red", markersize=5)
    figure.colorbar(image, ax=axes, label="log10 conductivity", shrink=0.9)
    figure.savefig(options.output, dpi=90)
    print(options.output)


if __name__ == "__main__":
    main()
