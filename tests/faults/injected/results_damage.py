"""Damage of results.h5: whoever reads it refuses it: inspect --verify with 5, a start from its solution with 6."""
import shutil

import small_run
from damage import any_damage
from tally import Lost


def inject(lab):
    config = small_run.config(lab, "small", rounds=5, dimension=30)
    lab.finish("whole", "run", config, "-o", "run")
    whole = lab.path("whole") / "run" / "results.h5"
    damaged = lab.path("look") / "results.h5"
    from_it = ["-o", "run", "--force", f"--problem.initial={damaged}:/solution/theta"]
    shutil.copy(whole, damaged)
    lab.finish("look", "run", config, *from_it)
    for trial in lab.trials(quick=20, full=500):
        with trial:
            shutil.copy(whole, damaged)
            what = any_damage(damaged, lab.random)
            code = lab.finish("verify", "inspect", damaged, "--verify", code=None).process.returncode
            if code != 5:
                raise Lost(f"{what}: inspect --verify ended with {code}")
            start = lab.finish("look", "run", config, *from_it, code=None)
            used = start.process.returncode
            if used != 6 or "results.h5" not in start.err:
                raise Lost(f"{what}: a start from it ended with {used}: {start.err.strip()!r}")
