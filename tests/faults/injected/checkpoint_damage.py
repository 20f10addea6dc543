"""Single bits, cut ends and lost pages of the newest checkpoint (sometimes of all): each is found, said aloud, and the one
before it serves; with none left exit code 5."""
import shutil

import small_run
from damage import any_damage
from tally import Lost


def inject(lab):
    reference = small_run.reference(lab, small_run.config(lab, "whole", rounds=14, dimension=30))
    config = small_run.config(lab, "part", rounds=11, dimension=30)
    lab.finish("part", "run", config, "-o", "run")
    part = lab.path("part") / "run"
    checkpoints = sorted(file.name for file in (part / "checkpoints").glob("*.h5"))
    for trial in lab.trials(quick=30, full=1000):
        place = lab.path("try")
        run = place / "run"
        shutil.rmtree(run, ignore_errors=True)
        shutil.copytree(part, run)
        with trial:
            if trial.number % 20 == 0:
                all_damaged(lab, run, checkpoints)
                continue
            newest = run / "checkpoints" / checkpoints[-1]
            what = any_damage(newest, lab.random)
            found = lab.finish("look", "inspect", newest, "--verify", code=None).process.returncode
            start = lab.finish("try", "resume", "run", "--stop.iterations=14")
            said = newest.name in start.err and "unusable" in start.err
            if found != 5 or not said:
                raise Lost(f"{what}: inspect --verify gives {found}, resume says {start.err.strip()!r}")
            try:
                lab.same(run, reference)
            except Lost as lost:
                raise Lost(f"{what}: {lost}") from None


def all_damaged(lab, run, checkpoints):
    for name in checkpoints:
        any_damage(run / "checkpoints" / name, lab.random)
    start = lab.finish("try", "resume", "run", "--stop.iterations=14", code=5)
    for name in checkpoints:
        if name not in start.err:
            raise Lost(f"nothing said of {name}: {start.err.strip()!r}")
