#!/usr/bin/env python3
"""One table of a sweep: a row and a column for each value of two swept keys, a Markdown table on stdout.

    scripts/pivot_table.py runs/history/sweep.csv method.history method.update iterations
    scripts/pivot_table.py runs/kernels/sweep.csv estimator.kernel method.history seconds/iterations
    scripts/pivot_table.py runs/noise/sweep.csv problem.noise.sigma method.name,method.update final_value --where problem.noise.kind=laplace

A cell is the median over all runs that share both values (seeds). With --reached runs that a rule other than
`stop.value` ended count as never arrived; a cell where most never arrived is a dash. Needs Python only.
"""

import argparse
import csv
import math
import statistics
import sys


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        sys.exit(f"{path}: has no runs")
    return rows


def require(path, rows, names):
    for name in names:
        if name not in rows[0]:
            sys.exit(f"{path}: has no column '{name}'; it has {', '.join(rows[0])}")


def number(row, quantity):
    """A column, or the quotient of two; infinity where there is none."""
    parts = [row[name] for name in quantity.split("/")]
    if "" in parts:
        return math.inf
    value = float(parts[0])
    for part in parts[1:]:
        value = value / float(part) if float(part) != 0 else math.inf
    return value


def distinct(rows, names):
    """The combinations of values in the order of the file; a key that does nothing in a run has no value there."""
    return list(dict.fromkeys(tuple(row[name] for name in names) for row in rows))


def label(key):
    return " ".join(part for part in key if part) or "any"


def text(value):
    return "-" if math.isinf(value) or math.isnan(value) else f"{value:.3g}" if value != int(value) else f"{value:g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", help="sweep.csv of a sweep's folder")
    parser.add_argument("row", help="column of the file, or several with commas")
    parser.add_argument("column", help="column of the file, or several with commas")
    parser.add_argument("quantity", help="iterations, evaluations, seconds, final_value, ... or a quotient: seconds/iterations")
    parser.add_argument("--reached", action="store_true", help="only runs that reached stop.value have arrived")
    parser.add_argument("--where", action="append", default=[], metavar="COLUMN=VALUE", help="only such runs")
    asked = parser.parse_args()

    rows = read_rows(asked.table)
    row_names, column_names = asked.row.split(","), asked.column.split(",")
    conditions = [condition.partition("=")[::2] for condition in asked.where]
    require(asked.table, rows, row_names + column_names + asked.quantity.split("/") + [name for name, _ in conditions])
    rows = [row for row in rows if all(row[name] == value for name, value in conditions)]

    columns = distinct(rows, column_names)
    print(f"| {asked.row} \\ {asked.column} |" + "".join(f" {label(key)} |" for key in columns))
    print("|--" * (len(columns) + 1) + "|")
    for row_key in distinct(rows, row_names):
        cells = []
        for column_key in columns:
            found = [row for row in rows if tuple(row[name] for name in row_names) == row_key
                     and tuple(row[name] for name in column_names) == column_key]
            values = [math.inf if row["state"] != "finished" or (asked.reached and row["reason"] != "value")
                      else number(row, asked.quantity) for row in found]
            cells.append(text(statistics.median(values)) if values else "")
        print(f"| {label(row_key)} |" + "".join(f" {cell} |" for cell in cells))


if __name__ == "__main__":
    main()
