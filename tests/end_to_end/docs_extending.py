#!/usr/bin/env python3
"""Does what docs/extending.md says to a copy of the sources: docs_extending.py PAGE TREE.

Blocks marked "file=PATH" become files; each hunk of a "diff" block must fit its file at exactly one place.
"""

import re
import sys
from pathlib import Path

page, tree = Path(sys.argv[1]).read_text(encoding="utf-8"), Path(sys.argv[2])


def apply(path, hunk):
    before = [line[1:] for line in hunk if line[0] in " -"]
    after = [line[1:] for line in hunk if line[0] in " +"]
    lines = path.read_text(encoding="utf-8").splitlines()
    places = [i for i in range(len(lines) - len(before) + 1) if lines[i : i + len(before)] == before]
    if len(places) != 1:
        sys.exit(f"docs/extending.md: a change of {path.relative_to(tree)} fits {len(places)} places:\n" + "\n".join(hunk))
    lines[places[0] : places[0] + len(before)] = after
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


changes = 0
for info, text in re.findall(r"^```([^\n]*)\n(.*?)^```", page, re.M | re.S):
    if "file=" in info:
        path = tree / re.search(r"file=(\S+)", info)[1]
        path.write_text(text, encoding="utf-8")
    elif info == "diff":
        for part in re.split(r"^--- ", text, flags=re.M)[1:]:
            path = tree / re.search(r"^\+\+\+ b/(.*)$", part, re.M)[1]
            for hunk in re.split(r"^@@.*\n", part, flags=re.M)[1:]:
                apply(path, hunk.splitlines())
                changes += 1
if changes < 5:
    sys.exit("docs/extending.md: its changes were not found")

for path in set(re.findall(r"`((?:src|include|tests|docs)/[\w/.]+)`", page)):
    if not (tree / path).exists():
        sys.exit(f"docs/extending.md: there is no {path}")
