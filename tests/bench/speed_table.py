#!/usr/bin/env python3
"""Turns what `speed --benchmark_out=FILE` has written into tables in Markdown.

    tests/bench/speed_table.py speed.json [--rows chain replay ...]

Without --rows all kinds of work are shown: those that move bytes of size d with time and share of the read limit, the
others with their time.
"""

import argparse
import json
import signal

signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def parts_of(name):
    """"chain/d:100/T0:48/f64/N:8/threads:1/iterations:5/manual_time" -> {"row": "chain", "d": "100", ...}"""
    row, *rest = name.split("/")
    parts = {"row": row}
    for part in rest:
        key, _, value = part.partition(":")
        parts[key if value else "precision" if part in ("f64", "f32") else part] = value or part
    return parts


def cell(run):
    text = f"{run['best_ms']:.3g} ms" if run["best_ms"] < 100 else f"{run['best_ms']:.0f} ms"
    return f"{text}, **{run['share']:.2f}**" if "share" in run else text


def power(number):
    mantissa, exponent = f"{int(number):.15e}".split("e")
    return f"1e{int(exponent)}" if float(mantissa) == 1.0 else number


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="JSON from Google Benchmark")
    parser.add_argument("--rows", nargs="+", help="kinds of work, e.g. chain replay")
    arguments = parser.parse_args()
    try:
        with open(arguments.file, encoding="utf-8") as file:
            told = json.load(file)
        runs = [{**run, **parts_of(run["name"])} for run in told["benchmarks"] if "best_ms" in run]
    except (OSError, ValueError, KeyError, TypeError) as error:
        parser.exit(2, f"speed_table.py: {arguments.file}: not what `speed --benchmark_out=FILE` writes: {error}\n")
    rows = arguments.rows or list(dict.fromkeys(run["row"] for run in runs))
    for wanted in rows:
        if not any(run["row"] == wanted for run in runs):
            known = ", ".join(dict.fromkeys(run["row"] for run in runs))
            parser.exit(2, f"speed_table.py: {arguments.file}: no row '{wanted}' (there are {known})\n")

    columns = sorted({(run.get("precision", ""), int(run["threads"])) for run in runs},
                     key=lambda column: (column[0] == "", column[0] != "f64", column))
    for row in rows:
        of_row = [run for run in runs if run["row"] == row]
        present = [c for c in columns if any((r.get("precision", ""), int(r["threads"])) == c for r in of_row)]
        sizes = list(dict.fromkeys((run["d"], run.get("T0", ""), run.get("N", "")) for run in of_row))
        names = ["d"] + ["T0"] * bool(sizes[0][1]) + ["N"] * bool(sizes[0][2])
        print(f"\n`{row}`\n")
        heads = [f"{precision + ', ' if precision else ''}{threads} thread{'s' * (threads > 1)}"
                 for precision, threads in present]
        print("| " + " | ".join(names + heads) + " |")
        print("|" + "--|" * (len(names) + len(heads)))
        for size in sizes:
            cells = [power(size[0])] + [part for part in size[1:] if part]
            for column in present:
                found = [run for run in of_row if (run["d"], run.get("T0", ""), run.get("N", "")) == size
                         and (run.get("precision", ""), int(run["threads"])) == column]
                cells.append(cell(found[0]) if found else "")
            print("| " + " | ".join(cells) + " |")
    left_out = [f"{key.removeprefix('left out: ')} ({text})" for key, text in told["context"].items()
                if key.startswith("left out: ")]
    for text in left_out:
        print(f"\nLeft out: {text}")


if __name__ == "__main__":
    main()
