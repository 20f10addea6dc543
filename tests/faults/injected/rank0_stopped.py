"""Rank 0 stops (SIGSTOP). The others give it up after twice failure.stall_seconds and a minute: exit code 7, rank and host named,
nothing left behind, and the run goes on from its checkpoint."""
import os
import signal

import small_run
from tally import Lost, Unavailable

STALL_SECONDS = 2
PATIENCE_SECONDS = 2 * STALL_SECONDS + 60
LAUNCHER_SECONDS = 20


def inject(lab):
    if lab.quick:
        raise Unavailable("a try takes more than a minute")
    more = f"[failure]\nstall_seconds = {STALL_SECONDS}"
    config = small_run.config(lab, "small", rounds=40, seconds=0.02, more=more)
    reference = small_run.reference(lab, config)
    for trial in lab.trials(quick=0, full=5):
        with trial:
            place = f"try-{trial.number}"
            run = lab.path(place) / "run"
            start = lab.start(place, "run", config, "-o", "run", ranks=3)
            rounds = lab.random.randint(2, 20)
            lab.wait_for(lambda: lab.rounds(run) >= rounds or not start.running(), 60, "rounds")
            os.kill(start.rank(0), signal.SIGSTOP)
            began = lab.now()
            code = start.end(PATIENCE_SECONDS + LAUNCHER_SECONDS)
            lab.noticed_after(lab.now() - began)
            if code != 7 or "rank 0 (" not in start.err:
                raise Lost(f"exit code {code}: {start.err[-300:]!r}")
            lab.finish(place, "resume", "run", ranks=2)
            lab.same(run, reference)
