"""Folders, configurations and HDF5 files that somebody wrote to break a reader, given to every command that reads them: no
crash, no exit code 1, an end after less than ten seconds of processor time, less than 1 GB of memory, no escape sequence on the
terminal. The last column of the table is the most processor time that any of them took."""
import os
import resource
import shutil
import subprocess
import time

import hostile_configs
import hostile_files
import hostile_hdf5
import scenes
import small_run
from lab import PATIENCE
from tally import Hung, Lost, Unavailable

SECONDS, MEMORY = 10.0, 10**9
CODES = {0, 2, 3, 4, 5, 6, 7, 8, 9, 75}


def inject(lab):
    python = hostile_hdf5.python_with_h5py()
    if python is None:
        raise Unavailable("needs h5py")
    good = folders(lab)
    makers = [folder_case, config_case, hdf5_case]
    library = hostile_hdf5.make_all(python, lab.path("hdf5"))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def one(name, number, maker):
        place = lab.path(name)
        words, what = maker(lab, lab.random_of(number), place, good, library)
        watch(lab, place, words, what)

    lab.side_by_side(makers * (15 if lab.quick else 3334), one)


def watch(lab, place, words, what):
    """Starts a command and looks how it ends."""
    began = time.monotonic()
    with open(place / "out.txt", "wb") as out, open(place / "err.txt", "wb") as err:
        started = subprocess.Popen(
            [lab.optex, *words], cwd=place, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=lab.environment, start_new_session=True,
        )
    case = f"{' '.join(words)}: {what}"
    while True:
        pid, status, used = os.wait4(started.pid, os.WNOHANG)
        if pid != 0:
            break
        if time.monotonic() - began > SECONDS * PATIENCE:
            started.kill()
            os.wait4(started.pid, 0)
            started.returncode = -9
            raise Hung(case)
        time.sleep(min(0.05, 0.002 + (time.monotonic() - began) / 20))
    started.returncode = code = os.waitstatus_to_exitcode(status)
    seconds = used.ru_utime + used.ru_stime
    lab.noticed_after(seconds)
    lab.tally.remark(f"ended with {code}")
    said = (place / "out.txt").read_bytes() + (place / "err.txt").read_bytes()
    if code not in CODES:
        raise Lost(f"{case}: exit code {code}: {said[-300:]!r}")
    if code != 0 and not said.strip():
        raise Lost(f"{case}: exit code {code} without a word")
    if seconds > SECONDS:
        raise Lost(f"{case}: {seconds:.0f} s of processor time")
    if used.ru_maxrss * 1024 > MEMORY:
        raise Lost(f"{case}: {used.ru_maxrss / 1024:.0f} MiB")
    if b"\x1b" in said:
        raise Lost(f"{case}: an escape sequence came through")
    if len(said) > 10**6:
        raise Lost(f"{case}: {len(said)} bytes were said")


def folders(lab):
    """One of each kind, whole."""
    good = lab.path("good")
    lab.finish("good", "run", small_run.config(lab, "good", rounds=5, dimension=6), "-o", "run")
    grid = lab.write_config("grid.toml", scenes.GRID + '[sweep]\n"optimizer.learning_rate" = [0.1, 0.2]\n')
    lab.finish("good", "sweep", grid, "-o", "grid")
    lab.finish("good", "compare", lab.write_config("compared.toml", scenes.GRID), "--methods", "vanilla,lbfgs", "--no-tune", "-o", "compared")
    asked = lab.finish("good", "ask", "asked", "--config=" + lab.write_config("outside.toml", scenes.OUTSIDE), "--format=raw")
    number, theta = scenes.questions(asked, good)[0]
    lab.finish("good", *["tell", "asked", *scenes.answer(good, number, theta)[2:]])
    return good


def folder_case(lab, random, place, good, _):
    """A folder in which up to three things are not what they were."""
    readers = {
        "run": (
            ("report", "{}", "-o", "page.html", "--csv", "table.csv"),
            ("watch", "{}", "--once"),
            ("resume", "{}", "--stop.iterations=7"),
            ("run", str(lab.folder / "good.toml"), "-o", "{}", "--resume"),
            ("run", str(lab.folder / "good.toml"), "-o", "{}", "--force"),
            ("inspect", "{}/results.h5", "--verify"),
            ("inspect", "{}/checkpoints/iteration-000005.h5", "--json"),
        ),
        "grid": (
            ("report", "{}", "-o", "page.html", "--svg", "pictures"),
            ("sweep", str(lab.folder / "grid.toml"), "-o", "{}"),
            ("sweep", str(lab.folder / "grid.toml"), "-o", "{}", "--print"),
        ),
        "compared": (
            ("report", "{}", "-o", "page.html"),
            ("compare", str(lab.folder / "compared.toml"), "--methods", "vanilla,lbfgs", "--no-tune", "-o", "{}", "--resume"),
        ),
        "asked": (
            ("ask", "{}", "--format=raw"),
            ("ask", "{}"),
            ("tell", "{}", str(good / "gradient-0"), "--point=1", "--value=1"),
            ("tell", "{}", str(good / "gradient-0"), "--point=0", "--value=1", "--again"),
            ("report", "{}", "-o", "page.html"),
            ("watch", "{}", "--once"),
        ),
    }
    kind = random.choice(sorted(readers))
    shutil.copytree(good / kind, place / kind, symlinks=True)
    done = [hostile_files.change_something(place / kind, random) for _ in range(random.randint(1, 3))]
    words = random.choice(readers[kind])
    return [word.format(kind) for word in words], "; ".join(done)


def config_case(_lab, random, place, _good, _library):
    text, what = hostile_configs.text(random)
    (place / "hostile.toml").write_bytes(text)
    words = random.choice(
        (
            ("config", "hostile.toml", "--resolved"),
            ("check", "hostile.toml"),
            ("run", "hostile.toml", "-o", "run", "--dry-run"),
            ("sweep", "hostile.toml", "-o", "grid", "--print"),
            ("script", "hostile.toml"),
        )
    )
    return list(words), what


def hdf5_case(lab, random, place, good, library):
    """A file of h5py's with a hostile structure, or one with some other bytes."""
    file, what = hostile_hdf5.one(library, good, place / "hostile.h5", random)
    start, sphere = str(lab.folder / "good.toml"), ("--stop.iterations=1", "--log.level=error")
    table = f"--data.source={place / 'hostile.h5'}"
    where = "hostile.h5:/" + random.choice(("start", "solution/theta", "state/theta", "x"))
    shutil.copytree(good / "asked", place / "asked")
    words = random.choice(
        (
            ("inspect", "hostile.h5"),
            ("inspect", "hostile.h5", "--json"),
            ("inspect", "hostile.h5", "--verify"),
            ("run", start, "-o", "run", f"--problem.initial={where}", *sphere),
            ("run", start, "-o", "run", f"--problem.lower={where}", *sphere),
            ("run", start, "-o", "run", f"--problem.scale={where}", *sphere),
            ("run", "table.toml", "-o", "run", table, *sphere),
            ("tell", "asked", "hostile.h5"),
        )
    )
    (place / "table.toml").write_text('[problem]\nname = "softmax"\n[data]\nsource = "x.h5"\nformat = "hdf5"\n[optimizer]\nlearning_rate = 0.1\n')
    return list(words), f"{file}, {what}"
