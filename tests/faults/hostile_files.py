"""Things in a run's folder that are not what a run wrote."""
import json
import os
import shutil
import socket

import damage

NAMES = ("\x1b[31mred", "=cmd()", "a\nb", "\udcff\udcfe", "iteration-99999999999999999999.h5", "iteration--00001.h5", "iteration-000009.h5",
         "rank-0000.txt", ".iteration-000003.h5.partial", "x" * 200, "<script>alert(1)<", "\u202egnp")
VALUES = (None, True, -1, 0, 1e308, -1e308, 2**63, -(2**63) - 1, 10**40, "", "x" * 100_000, "\x1b]0;title\x07", "\ud800", "<script>", [], {}, [[]],
          "nan", 1.5, "../../etc/passwd")


def pipe(path, random):
    path.unlink()
    os.mkfifo(path)


def folder(path, random):
    path.unlink()
    path.mkdir()


def link_to_itself(path, random):
    path.unlink()
    os.symlink(path.name, path)


def link_elsewhere(path, random):
    path.unlink()
    os.symlink(random.choice(("/dev/zero", "/etc/passwd", "/nowhere", "..", "/dev/tty", "/proc/self/mem", "/dev/stdin")), path)


def socket_there(path, random):
    path.unlink()
    name = f"/tmp/optex-hostile-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(name)  # the name of a socket is short
    shutil.move(name, path)


def huge(path, random):
    with open(path, "r+b") as file:
        file.truncate(random.choice((2**33, 2**40)))


def empty(path, random):
    path.write_bytes(b"")


def noise(path, random):
    path.write_bytes(random.randbytes(random.choice((1, 100, 5000))))


def damaged(path, random):
    if path.stat().st_size > 0:
        damage.any_damage(path, random)


def deep(path, random):
    path.write_text(random.choice(("[", '{"a":', "a.", "[[", "{'")) * random.choice((1000, 300_000)) + "\n")


def long_line(path, random):
    path.write_text('{"iteration":1,"value":' + "1" * random.choice((1000, 5_000_000)) + "}\n")


def other_values(path, random):
    """Of JSON, one value or more of another kind."""
    lines = []
    for text in path.read_text(errors="replace").splitlines():
        try:
            page = json.loads(text)
        except ValueError:
            page = None
        if isinstance(page, dict) and page:
            for key in random.sample(sorted(page), min(len(page), random.randint(1, 3))):
                page[key] = random.choice(VALUES)
            if random.random() < 0.2:
                page[random.choice(VALUES[9:14] + NAMES)] = random.choice(VALUES)
            text = json.dumps(page)
        lines.append(text)
    if len(lines) > 3 and lines[0] == "{":  # a page, not lines
        page = json.loads(path.read_text())
        for key in random.sample(sorted(page), 2):
            page[key] = random.choice(VALUES)
        lines = [json.dumps(page)]
    path.write_text("\n".join(lines) + "\n")


def repeated(path, random):
    content = path.read_bytes()
    path.write_bytes(content * max(1, min(20_000, 3_000_000 // max(1, len(content)))))


def gone(path, random):
    path.unlink()


OF_FILES = (pipe, folder, link_to_itself, link_elsewhere, socket_there, huge, empty, noise, damaged, deep, long_line, other_values,
            other_values, other_values, repeated, gone)


def change_something(top, random):
    """One of the files, or one more; says which."""
    try:
        return one_change(top, random)
    except (OSError, RecursionError) as problem:  # what an earlier change has made of it is too much for this one
        return f"({problem})"


def one_change(top, random):
    if random.random() < 0.15:
        return more(top, random)
    files = sorted(path for path in top.rglob("*") if path.is_file() and not path.is_symlink() and path.stat().st_size < 10**8)
    if not files:
        return more(top, random)
    path = random.choice(files)
    how = random.choice(OF_FILES)
    try:
        how(path, random)
    except ValueError as problem:
        return f"({problem})"
    return f"{path.relative_to(top)}: {how.__name__}"


def more(top, random):
    kind = random.choice(("name", "name", "many", "folder_link", "nested"))
    places = [top, *(path for path in top.iterdir() if path.is_dir() and not path.is_symlink())]
    place = random.choice(places)
    if kind == "name":
        path = place / random.choice(NAMES)
        if not path.exists() and not path.is_symlink():
            if random.random() < 0.5:
                path.mkdir()
                for file in [file for file in top.iterdir() if file.is_file()]:
                    shutil.copy(file, path)
            else:
                path.write_bytes(random.randbytes(50))
    elif kind == "many":
        for number in range(3000):
            (place / f"iteration-{number:06}.h5").touch()
    elif kind == "folder_link" and place != top:
        shutil.rmtree(place)
        os.symlink(random.choice(("..", "/", "/proc/self", "/nowhere", place.name)), place)
    else:
        deep_folder = place
        for _ in range(40):
            deep_folder = deep_folder / "runs"
        deep_folder.mkdir(parents=True, exist_ok=True)
        os.symlink("../..", deep_folder / "round")
    return f"{kind} in {place.name}"
