"""A history that is spread over four ranks, and one of those that hold slices dies (kill -9) or stops (SIGSTOP), at a random moment
of a run that saves every round: the run ends, names it, and goes on from its checkpoint on other ranks, spread or not, with the
numbers of one that nobody disturbed and that was not spread."""
import os
import signal

import small_run
from slurm_lab import ready_project
from tally import Lost

RANKS = 4
ROUNDS = 30
DIMENSION = 270_000  # four segments of 65,536 coordinates, the least that a rank holds, and a bit
STALL_SECONDS = 3.0
LAUNCHER_SECONDS = 15.0  # what a launcher may need on a busy machine to end what is left
SHORT = ["--method.history=6", "--checkpoint.keep=2"]
SPREAD = "--parallel.spread_history=true"
CASES = [
    (1, signal.SIGKILL),
    (3, signal.SIGSTOP),  # behind rank 2 in the tree of sums
    (3, signal.SIGKILL),
    (0, signal.SIGKILL),
    (1, signal.SIGSTOP),
    (2, signal.SIGSTOP),
]


def inject(lab):
    config = small_run.config(lab, "long", rounds=ROUNDS, dimension=DIMENSION, more=f"[failure]\nstall_seconds = {STALL_SECONDS}")
    lab.finish("whole", "run", config, "-o", "run", *SHORT, seconds=300)
    reference = lab.trajectory(lab.path("whole") / "run")
    project = ready_project(lab)
    for trial in lab.trials(quick=2, full=42):
        who, how = CASES[(trial.number - 1) % len(CASES)]
        with trial:
            try:
                one(lab, project, f"try-{trial.number}", config, reference, who, how)
            except Lost as lost:
                raise Lost(f"{how.name} of rank {who}: {lost}") from None


def one(lab, project, place, config, reference, who, how):
    run = lab.path(place) / "run"
    start = lab.start_cluster(project, place, config, "-o", "run", *SHORT, SPREAD, ranks=RANKS)
    rounds = lab.random.randint(3, ROUNDS - 5)  # so that there is a checkpoint
    lab.wait_for(lambda: lab.rounds(run) >= rounds or not start.running(), 120, "rounds")
    victim = start.rank(who)
    if victim is None:
        raise Lost(f"no process: {start.err[-300:]!r}")
    os.kill(victim, how)
    began = lab.now()
    code = start.end(2 * STALL_SECONDS + LAUNCHER_SECONDS)
    lab.noticed_after(lab.now() - began)
    lab.ends_with(7, code, start)
    # In a sum rank 0 waits for rank 2, which may be waiting for rank 3, and says so.
    if f"rank {who} (" not in start.err and f"waiting itself, for rank {who})" not in start.err:
        raise Lost(f"it is not named: {start.err[-300:]!r}")
    # One that was woken ends by itself when its launcher is gone.
    lab.wait_for(lambda: not lab.is_alive(victim), 10, "the end of the rank that was lost")
    newest = lab.newest_checkpoint(run)
    if newest is None:
        raise Lost(f"{lab.rounds(run)} rounds and no checkpoint")
    lab.finish(place + "-look", "inspect", newest, "--verify")
    ranks = lab.random.choice((0, 2, 3, 5))
    spread = f"--parallel.spread_history={'true' if lab.random.random() < 0.7 else 'false'}"
    lab.finish(place, "resume", "run", spread, ranks=ranks, seconds=300)
    lab.same(run, reference)
