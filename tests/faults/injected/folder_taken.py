"""The folder of a running run is removed and used by another one, or its checkpoints/ is swapped for a link: exit code 6 that
says so, and nothing of anybody else is written or removed."""
import ctypes
import os
import shutil

import small_run
from tally import Lost


def inject(lab):
    slow = small_run.config(lab, "slow", rounds=4000, dimension=30, seconds=0.002)
    lazy = small_run.config(lab, "lazy", rounds=4000, dimension=30, seconds=1.0)
    small = small_run.config(lab, "small", rounds=12, dimension=30)
    reference = small_run.reference(lab, small)
    for trial in lab.trials(quick=2, full=30):
        with trial:
            place = f"try-{trial.number}"
            run = lab.path(place) / "run"
            take = trial.number % 2
            ranks = lab.random.choice((0, 2)) if trial.number > 2 else 0
            start = lab.start(place, "run", lazy if take else slow, "-o", "run", ranks=ranks)
            lab.wait_for(lambda: lab.rounds(run) >= 1 and lab.newest_checkpoint(run), 60, "a round")
            if take:
                taken(lab, place, run, small, start, reference)
            else:
                swapped(lab, place, run, start)


def exchange(one, other):
    """Two names change places in one step."""
    here, exchanged = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(here, os.fsencode(one), here, os.fsencode(other), exchanged) != 0:
        raise OSError(ctypes.get_errno(), "renameat2")


def taken(lab, place, run, small, start, reference):
    os.rename(run, run.with_name("gone"))
    shutil.rmtree(run.with_name("gone"))
    lab.finish(place + "-second", "run", small, "-o", run)
    code = start.end(60)
    if code != 6 or "was removed, or taken by another run" not in start.err:
        raise Lost(f"exit code {code}: {start.err.strip()[-300:]!r}")
    lab.same(run, reference)
    if lab.status(run)["state"] != "finished" or (run / "errors").exists():
        raise Lost("the first run wrote into the second's folder")


def swapped(lab, place, run, start):
    foreign = lab.path(place) / "foreign"
    foreign.mkdir()
    precious = [foreign / f"iteration-{round:06}.h5" for round in range(0, 4001)]
    for file in precious:
        file.write_text("precious")
    os.symlink(foreign, run / "aside")
    exchange(run / "checkpoints", run / "aside")
    code = start.end(60)
    if code != 6 or "checkpoints" not in start.err:
        raise Lost(f"exit code {code}: {start.err.strip()[-300:]!r}")
    if sorted(foreign.iterdir()) != precious or any(file.read_text() != "precious" for file in precious):
        raise Lost("files of a foreign folder were changed")
    (run / "checkpoints").unlink()
    os.rename(run / "aside", run / "checkpoints")
    lab.finish(place + "-look", "inspect", lab.newest_checkpoint(run), "--verify")
