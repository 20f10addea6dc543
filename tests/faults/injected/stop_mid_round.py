"""USR1 while every evaluation takes longer than anybody wants to wait: within 30 s the round is broken off, what was finished
of it is saved, the exit code is 75, and the run goes on to the numbers of one that nobody stopped. On ranks, and alone, where
rank 0 itself is in the evaluation. TERM does the same at once."""
import os
import re
import signal
import subprocess
import time

import small_run
from slurm_lab import ready_project
from tally import Lost

MORE = """
[problem.noise]
kind = "gaussian"
sigma = 0.1
[parallel]
coordinator_evaluates = false
"""
LIMIT_SECONDS = 30.0

# seconds an evaluation, ranks, signals, points that are finished when the round is broken off
CASES = [
    (7, 3, [signal.SIGUSR1], 2),  # two points on each of two workers: the first is finished, the second is not
    (3600, 0, [signal.SIGUSR1], 0),
    (3600, 0, [signal.SIGTERM], 0),
    # as somebody who is impatient: under run_cluster.sh, because mpirun kills at the second one
    (3600, 3, [signal.SIGTERM, signal.SIGTERM], 0),
    (3600, 3, [signal.SIGINT, signal.SIGINT, signal.SIGINT], 0),
]


def config(lab, name, seconds):
    file = small_run.config(lab, name, rounds=1, seconds=seconds, more=MORE, every="10 iterations", method="data_parallel")
    return file


def inject(lab):
    project = ready_project(lab)
    reference = small_run.reference(lab, config(lab, "quick", 0))
    for trial in lab.trials(quick=4, full=20):
        seconds, ranks, signals, points = CASES[(trial.number - 1) % len(CASES)]
        with trial:
            place = f"try-{trial.number}"
            run = lab.path(place) / "run"
            if len(signals) > 1:
                start = lab.start_cluster(project, place, config(lab, place, seconds), "-o", "run", ranks=ranks)
            else:
                start = lab.start(place, "run", config(lab, place, seconds), "-o", "run", ranks=ranks)
            lab.wait_for(lambda: '"start"' in lab.text(run / "events.jsonl"), 30, "the start")
            began = lab.now()
            for sent in signals:
                os.kill(start.process.pid, sent)
                time.sleep(0.2)
            code = start.end(LIMIT_SECONDS, patience=1)
            lab.noticed_after(lab.now() - began)
            if code != 75 or lab.status(run)["exit_code"] != 75:
                raise Lost(f"{len(signals)} times {sent.name}: exit code {code}: {start.err[-300:]!r}")
            checkpoint = lab.newest_checkpoint(run)
            lab.finish(place + "-look", "inspect", checkpoint, "--verify")
            saved = unfinished_points(run)
            if saved != points:
                raise Lost(f"{saved} finished points were saved, not {points}")
            if seconds < LIMIT_SECONDS:
                lab.finish(place, "resume", "run", ranks=ranks)
                lab.same(run, reference)


def unfinished_points(run):
    file = run / "unfinished-round.h5"
    if not file.exists():
        return 0
    command = ["h5dump", "-H", "-d", "/submission", str(file)]
    listing = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()
    return int(re.search(r"SIMPLE \{ \( (\d+)", listing).group(1))
