"""Writes tables in the ways of Python's csv, pandas and numpy: write_tables.py FOLDER SEED.

FOLDER/list names them; NAME.wanted holds the samples, features and numbers, sample by sample with its label.
A first line of nothing but column numbers has to be called a header (data.header): NAME begins with "headed".
"""

import bz2
import csv
import gzip
import io
import lzma
import random
import sys

try:
    import numpy
except ImportError:
    numpy = None
try:
    import pandas
except ImportError:
    pandas = None

folder, seed = sys.argv[1], int(sys.argv[2])
draw = random.Random(seed)
awkward = ["a,b", "a;b", "a|b", "a b", 'say "x"', "two\nlines", "\u00e9t\u00e9", " blank ", "it's", "#1", "x#y", "1st", "'q'"]
plain = ["alpha", "beta", "_gamma", "x1", "delta_2", "Eps"]


def number():
    kind = draw.randrange(6)
    if kind == 0:
        return float(draw.randrange(-9, 10))
    if kind == 1:
        return draw.choice([0.0, 1e-310, 5e-324, 1.7976931348623157e308, -1e200, 1e-170])
    return draw.uniform(-1, 1) * 10.0 ** draw.randrange(-5, 6)


def table():
    samples, features = draw.randrange(3, 7), draw.randrange(1, 5)
    labels = [0, 1, 2] + [draw.randrange(3) for _ in range(samples - 3)]
    return [[number() for _ in range(features)] + [label] for label in labels]


def names(width, odd):
    chosen = [draw.choice(awkward if odd else plain) for _ in range(width - 1)]
    return chosen + ["label"]


def with_csv(rows):
    """One of the dialects that csv.writer has, above and beside which pandas puts what it does."""
    width = len(rows[0])
    head = draw.choice(["none", "plain", "odd", "numbered", "index", "numbered index", "separator"])
    delimiter = draw.choice([",", ",", ";", "\t", "|", " "])
    out = io.StringIO(newline="")
    ends = draw.choice(["\n", "\r\n", "\r"])
    if head == "odd" and ends == "\r":
        ends = "\r\n"  # csv would leave a line end within a name unquoted, and read two rows itself
    writer = csv.writer(
        out,
        delimiter=delimiter,
        quotechar=draw.choice(['"', '"', "'"]) if head != "odd" else '"',
        quoting=draw.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        lineterminator=ends,
    )
    show = draw.choice([lambda x: x, lambda x: "%.17g" % x, lambda x: "%.16E" % x])
    body = [[show(x) for x in row[:-1]] + [draw.choice([row[-1], float(row[-1])])] for row in rows]
    title = None
    if head in ("plain", "separator"):
        title = names(width, False)
    elif head == "odd":
        title = names(width, True)
    elif head == "numbered":
        title = [str(k) for k in range(width - 1)] + ["label"]
    elif head == "index":
        title = [""] + names(width, False)
    elif head == "numbered index":
        title = [""] + [str(k) for k in range(width)]
    if "index" in head:
        body = [[i] + row for i, row in enumerate(body)]
    if head == "separator" and delimiter != " ":
        title += [""]
        body = [row + [""] for row in body]
    if head == "none" and body[0][0] == 0:
        body[0][0] = rows[0][0] = 0.5  # not taken for column numbers
    if title:
        writer.writerow(title)
    writer.writerows(body)
    return out.getvalue().encode("utf-8-sig" if draw.random() < 0.2 else "utf-8")


def with_numpy(rows):
    out = io.StringIO()
    delimiter = draw.choice([" ", ",", "\t", ";"])
    options = draw.choice(
        [{}, {"header": "written by numpy"}, {"header": delimiter.join(plain[: len(rows[0])]), "comments": ""}, {"footer": "end"}]
    )
    numpy.savetxt(out, numpy.array(rows), delimiter=delimiter, newline=draw.choice(["\n", "\r\n"]), **options)
    return out.getvalue().encode()


def with_pandas(rows):
    """What DataFrame.to_csv does by itself and with its options; True beside it when the first line is column numbers."""
    width = len(rows[0])
    frame = pandas.DataFrame([row[:-1] for row in rows])
    named = draw.choice(["not", "plain", "odd"])
    if named != "not":
        frame.columns = [names(width, named == "odd")[0] + "_%d" % k for k in range(width - 1)]
    kind = draw.choice(["int64", "int64", "float64", "category", "Int64", "int8"])
    frame[width - 1 if named == "not" else "label"] = pandas.Series([row[-1] for row in rows], dtype=kind)
    if draw.random() < 0.2 and all(row[0] in (0.0, 1.0) for row in rows):
        frame.isetitem(0, frame.iloc[:, 0].astype(bool))
    if draw.random() < 0.2:
        frame.index = draw.sample(range(100), len(rows))
    index, header = draw.random() < 0.5, draw.random() < 0.8
    if not header and (index or rows[0][0] == 0):
        index, header = False, True  # nothing says that numbers in front are no feature, nor that a line is no header
    options = {
        "sep": draw.choice([",", ",", ";", "\t", "|"]),
        "quoting": draw.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        "float_format": draw.choice([None, None, "%.17g", "%.16e"]),
        "lineterminator": draw.choice(["\n", "\r\n"]),
    }
    made = frame.to_csv(index=index, header=header, **options).encode(draw.choice(["utf-8", "utf-8", "utf-8-sig"]))
    return made, header and not index and named == "not"


packers = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
listed = []
for i in range(300):
    rows = table()
    numbered = False
    if numpy and i % 4 == 0:
        made = with_numpy(rows)
    elif pandas and i % 4 == 1:
        made, numbered = with_pandas(rows)
    else:
        made = with_csv(rows)
    name = ("headed-%d.csv" if numbered else "table-%d.csv") % i
    if draw.random() < 0.3:
        packer = draw.choice(list(packers))
        name, made = name + packer, packers[packer](made)
    with open("%s/%s" % (folder, name), "wb") as file:
        file.write(made)
    with open("%s/%s.wanted" % (folder, name), "w") as file:
        file.write("%d %d\n" % (len(rows), len(rows[0]) - 1))
        for row in rows:
            file.write(" ".join("%.17g" % x for x in row) + "\n")
    listed.append(name)
with open(folder + "/list", "w") as file:
    file.write("\n".join(listed) + "\n")
