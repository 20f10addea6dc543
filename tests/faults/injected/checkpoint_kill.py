"""kill -9 at random moments of a run that saves every round, alone and on ranks: nothing may be lost but rounds since the
last checkpoint, and the resumed run must have the numbers of one that nobody killed."""
import contextlib
import os
import signal
import subprocess

import small_run
from slurm_lab import ready_project
from tally import Lost

ROUNDS_BEFORE_A_KILL = 60  # at most, so that a run lives through several


def inject(lab):
    config = small_run.config(lab, "small", rounds=400)
    reference = small_run.reference(lab, config)
    project = ready_project(lab)
    run, place, kills = None, None, 0
    trials = list(lab.trials(quick=6, full=200))
    for trial in trials:
        with trial:
            if run is None:
                place, kills = f"killed-{trial.number}", 0
                run = lab.path(place) / "run"
            kill_once(lab, project, config, place, run)
            kills += 1
            if kills == 5 or trial is trials[-1] or finished(run):
                place_, run_, run = place, run, None
                lab.finish(place_, *again(config, run_), ranks=lab.random.choice((0, 2, 3)))
                lab.same(run_, reference)


def again(config, run):
    """A run that was killed before it had a folder starts as if for the first time."""
    return ["run", config, "-o", "run", *(["--resume"] if run.exists() else [])]


def finished(run):
    return (run / "results.h5").exists()


def half_written(run):
    with contextlib.suppress(OSError):
        return any(name.endswith(".partial") for name in os.listdir(run / "checkpoints"))
    return False


def kill_once(lab, project, config, place, run):
    ranks = lab.random.choice((0, 0, 2, 3))
    before = lab.rounds(run)
    if ranks:
        start = lab.start_cluster(project, place, *again(config, run)[1:], ranks=ranks)
    else:
        start = lab.start(place, *again(config, run))
    moment = lab.random.choice(("start", "round", "round", "checkpoint", "checkpoint"))
    if moment == "start":
        with contextlib.suppress(subprocess.TimeoutExpired):
            start.process.wait(lab.random.uniform(0.0, 0.7))
    else:
        target = before + lab.random.randint(1, ROUNDS_BEFORE_A_KILL)
        lab.wait_for(lambda: lab.rounds(run) >= target or not start.running(), 60, "rounds")
    # one rank, whose death the launcher must turn into the end of all; or everything at once
    rank = start.rank(lab.random.randrange(ranks)) if ranks and lab.random.random() < 0.7 else None
    if moment == "checkpoint":
        rank = start.rank(0)
        while start.running() and not half_written(run):
            pass
    if rank:
        with contextlib.suppress(ProcessLookupError):
            os.kill(rank, signal.SIGKILL)
        code = start.end(30, "the launcher of a killed rank")
        lab.ends_with(0 if finished(run) else 7 if ranks else -signal.SIGKILL, code, start)
    start.kill_all()
    if moment != "start" and half_written(run):
        lab.tally.remarks["kills that left a half-written checkpoint behind"] += 1
    newest = lab.newest_checkpoint(run)
    if newest:
        lab.finish(place + "-look", "inspect", newest, "--verify")
    elif lab.rounds(run) > 2:
        raise Lost(f"{lab.rounds(run)} rounds and no checkpoint")
