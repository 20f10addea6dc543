#!/usr/bin/env python3
"""Holds the documentation against the program: docs_hold.py SOURCE_FOLDER OPTEX.

* Every `optex COMMAND` in a block of code names a command, and every --option behind it is one of that command (or a key of
  the configuration).
* Every error message that docs/cluster.md explains stands in the sources.
* Every link to another file of the project leads to one.
* Blocks marked "sh" run, page by page and in order, in a copy of the folders that they name, with the files that blocks marked
  "file=NAME" hold. What a page needs and does not show stands in such a block within an HTML comment.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

root, optex = Path(sys.argv[1]), sys.argv[2]
pages = sorted([root / "README.md", *root.glob("docs/**/*.md")])
mistakes = []


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=60)


def blocks(page):
    """(information, text, line) of each fenced block."""
    info, lines, start = None, [], 0
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("```"):
            if info is None:
                info, lines, start = line[3:].strip(), [], number
            else:
                yield info, "\n".join(lines) + "\n", start
                info = None
        elif info is not None:
            lines.append(line)


overview = run(optex, "--help").stdout
commands = re.findall(r"^  ([a-z]+) ", overview[overview.index("Commands") : overview.index("Options")], re.M)
helps = {command: run(optex, command, "--help").stdout for command in commands}
keys = {m for m in re.findall(r"^\| `([a-z_0-9]+)`", (root / "docs/configuration.md").read_text(encoding="utf-8"), re.M)}


def check_command(command, rest, where):
    if command not in helps:
        mistakes.append(f"{where}: optex has no command '{command}'")
        return
    for option in re.findall(r"(?<![\w-])(--[a-z][\w.-]*)", rest):
        name = option.rstrip(".")
        if "." in name:
            if name.rsplit(".", 1)[1] not in keys and "problem.options." not in name:
                mistakes.append(f"{where}: there is no key '{name[2:]}'")
        elif not re.search(rf"{re.escape(name)}\b", helps[command]):
            mistakes.append(f"{where}: optex {command} has no option {name}")


checked = 0
for page in pages:
    for info, text, start in blocks(page):
        for offset, line in enumerate(text.splitlines(), 1):
            line = line.split("  #")[0]
            match = re.search(r"(?:^|[ /(';])optex ([a-z]+)\b(.*)", line)
            if match and info.split(" ")[0] in ("", "sh", "console", "bash"):
                check_command(match[1], re.split(r"[|>;&)]", match[2])[0], f"{page.relative_to(root)}:{start + offset}")
                checked += 1
if checked < 20:
    mistakes.append(f"only {checked} commands were found in the documentation: the search is broken")

sources = "".join(re.sub(r'"\s*\n\s*"', "", f.read_text(encoding="utf-8")) for folder in ("src", "apps", "include")
                  for f in sorted((root / folder).rglob("*.[ch]pp")))
sources += "".join(f.read_text(encoding="utf-8") for f in (root / "run_cluster.sh", *(root / "scripts").glob("*.sh")))
cluster = (root / "docs/cluster.md").read_text(encoding="utf-8")
for row in cluster[cluster.index("## Error messages") :].splitlines():
    message = re.match(r"\| `([^`]+)`", row)
    if message and message[1] not in sources and message[1].split(";")[0] not in sources:
        mistakes.append(f"docs/cluster.md: no error says '{message[1]}'")

for page in pages:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:", "mailto:")) and not (page.parent / target).exists():
            mistakes.append(f"{page.relative_to(root)}: the link to {target} leads nowhere")

# A Python that has the module as if it were installed.
venv.create("python", system_site_packages=True, symlinks=True)
site = Path(sysconfig.get_path("purelib", "venv", {"base": "python", "platbase": "python"}))
(site / "optex.pth").write_text(f"{Path(optex).resolve().parent.parent / 'share/optex/python'}\n", encoding="utf-8")
environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
environment["PATH"] = f"{Path('python/bin').resolve()}:{environment['PATH']}"
ran = 0
for page in pages:
    marked = [block for block in blocks(page) if block[0].split(" ")[0] == "sh" or "file=" in block[0]]
    if page.name == "extending.md" or not any(info == "sh" for info, _, _ in marked):
        continue
    folder = Path(str(page.relative_to(root)).replace("/", "-").removesuffix(".md"))
    folder.mkdir()
    for part in ("configs", "docs", "examples", "include", "scripts"):
        shutil.copytree(root / part, folder / part)
    (folder / "build/release").mkdir(parents=True)
    (folder / "build/release/bin").symlink_to(Path(shutil.which("optex")).parent)
    for info, text, start in marked:
        name = re.search(r"file=(\S+)", info)
        if name:
            (folder / name[1]).write_text(text, encoding="utf-8")
            continue
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], capture_output=True, text=True, timeout=300,
                              env=environment, cwd=folder, stdin=subprocess.DEVNULL)
        ran += 1
        if done.returncode != 0:
            mistakes.append(f"{page.relative_to(root)}:{start}: exit code {done.returncode}\n{done.stdout[-500:]}{done.stderr[-1500:]}")
            break
if ran < 15:
    mistakes.append(f"only {ran} blocks of commands were run")

for mistake in mistakes:
    print(mistake)
sys.exit(1 if mistakes else 0)
