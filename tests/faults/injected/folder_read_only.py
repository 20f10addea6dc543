"""The folder of the checkpoints can no longer be written from some round on: exit code 6 that names the file, the last
checkpoint is whole, and the run goes on when the folder can be written again."""
import os

import small_run
from tally import Lost

NOBODY = 65534


def inject(lab):
    config = small_run.config(lab, "small", rounds=200, dimension=100)
    reference = small_run.reference(lab, config)
    # root may write anywhere
    before = ["setpriv", f"--reuid={NOBODY}", "--clear-groups", "--"] if os.geteuid() == 0 else []
    for trial in lab.trials(quick=2, full=30):
        with trial:
            place = f"try-{trial.number}"
            run = lab.path(place) / "run"
            lab.let_anybody_in(place)
            start = lab.start(place, "run", config, "-o", "run", before=before)
            rounds = lab.random.randint(1, 100)
            lab.wait_for(lambda: lab.rounds(run) >= rounds or not start.running(), 60, "rounds")
            (run / "checkpoints").chmod(0o555)
            code = start.end(60)
            (run / "checkpoints").chmod(0o777)
            if code != 6 or "checkpoints/" not in start.err:
                raise Lost(f"exit code {code}: {start.err.strip()[-300:]!r}")
            lab.finish(place + "-look", "inspect", lab.newest_checkpoint(run), "--verify")
            lab.finish(place, "resume", "run", ranks=2)
            lab.same(run, reference)
