#!/usr/bin/env python3
"""Writes configs/data/documents{,-test}.svm.gz: word counts of made-up documents of two kinds, in LIBSVM's sparse format.

Words are drawn from a vocabulary of 3000 by Zipf's law; each kind prefers other words, mildly. The same bytes every time.
"""
import bisect
import gzip
import itertools
import pathlib
import random

WORDS, LENGTH = 3000, 40


def documents(count, weights, draw):
    lines = []
    for _ in range(count):
        kind = draw.random() < 0.5
        total = list(itertools.accumulate(weights[kind]))
        counts = {}
        for _ in range(draw.randint(LENGTH // 2, 3 * LENGTH // 2)):
            word = 1 + bisect.bisect(total, draw.random() * total[-1])
            counts[word] = counts.get(word, 0) + 1
        lines.append(("+1" if kind else "-1") + "".join(f" {word}:{counts[word]}" for word in sorted(counts)))
    return "\n".join(lines) + "\n"


def main():
    draw = random.Random(2024)
    # How much more one kind uses a word than the other, as a factor both ways.
    preference = [1.0 + 1.2 * draw.random() ** 3 for _ in range(WORDS)]
    weights = {True: [], False: []}
    for rank in range(WORDS):
        zipf = 1.0 / (rank + 10)
        sign = draw.random() < 0.5
        weights[True].append(zipf * (preference[rank] if sign else 1.0 / preference[rank]))
        weights[False].append(zipf * (1.0 / preference[rank] if sign else preference[rank]))
    folder = pathlib.Path(__file__).resolve().parent.parent / "configs" / "data"
    folder.mkdir(exist_ok=True)
    for name, count in (("documents", 2000), ("documents-test", 500)):
        text = documents(count, weights, draw)
        (folder / f"{name}.svm.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
