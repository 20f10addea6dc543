#!/usr/bin/env python3
"""Writes the small IDX files beside it; the tests know the same formulas.

pixel p of sample s = (7 s + 3 p + s p) mod 256, label = s mod 4; 40 training samples of 4 x 3 pixels, s = 0 .. 39, and
10 test samples, s = 100 .. 109. Two files are compressed, two are not.
"""
import gzip
import pathlib
import struct

FOLDER = pathlib.Path(__file__).parent / "formula"


def idx(dimensions, content):
    return struct.pack(f">BBBB{len(dimensions)}I", 0, 0, 8, len(dimensions), *dimensions) + bytes(content)


def write(prefix, first, count, compress_images):
    samples = range(first, first + count)
    pixels = idx((count, 4, 3), [(7 * s + 3 * p + s * p) % 256 for s in samples for p in range(12)])
    labels = idx((count,), [s % 4 for s in samples])
    for name, content, compress in ((f"{prefix}-images-idx3-ubyte", pixels, compress_images),
                                    (f"{prefix}-labels-idx1-ubyte", labels, not compress_images)):
        path = FOLDER / (name + ".gz" * compress)
        path.write_bytes(gzip.compress(content, mtime=0) if compress else content)


FOLDER.mkdir(exist_ok=True)
write("train", 0, 40, True)
write("t10k", 100, 10, False)
