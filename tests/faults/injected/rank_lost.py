"""Ranks that die (kill -9, a crash, an abort) or stop (SIGSTOP), one or two at once, rank 0 or others, under run_cluster.sh. With
failure.lost_rank = "abort" the run ends with 7, names them, leaves a checkpoint, and goes on from it; with "continue" it goes on without
them and ends with 0, also when the rank had nothing to do and nobody missed it before the end. The numbers stay."""
import os
import re
import signal

import small_run
from slurm_lab import ready_project
from tally import Lost

RANKS = 5
ROUNDS = 70
STALL_SECONDS = 3.0
LAUNCHER_SECONDS = 15.0  # what a launcher may need on a busy machine to end what is left
FAULT = """[failure]
stall_seconds = 3
lost_rank = "{policy}"
"""

# who, how, policy
CASES = [
    ((1,), signal.SIGKILL, "abort"),
    ((2,), signal.SIGSTOP, "abort"),
    ((2,), signal.SIGKILL, "continue"),
    ((3,), signal.SIGSEGV, "abort"),
    ((3, 4), signal.SIGSTOP, "continue"),
    ((1, 3), signal.SIGKILL, "continue"),
    ((1, 4), signal.SIGSTOP, "abort"),
    ((0,), signal.SIGKILL, "abort"),
    ((0,), signal.SIGABRT, "abort"),
    ((2, 3), signal.SIGKILL, "abort"),
    ((4,), signal.SIGSTOP, "continue"),
]
IDLE = 3  # of four ranks with two points a round


def inject(lab):
    configs = {
        policy: small_run.config(lab, policy, rounds=ROUNDS, seconds=0.02, more=FAULT.format(policy=policy))
        for policy in ("abort", "continue")
    }
    reference = small_run.reference(lab, configs["abort"])
    project = ready_project(lab)
    idle(lab, project)
    for trial in lab.trials(quick=5, full=55):
        who, how, policy = CASES[(trial.number - 1) % len(CASES)]
        with trial:
            try:
                one(lab, project, f"try-{trial.number}", configs[policy], reference, who, how, policy)
            except Lost as lost:
                raise Lost(f"{how.name} of {who}, {policy}: {lost}") from None


def idle(lab, project):
    """A rank dies that owes nothing. What is left must leave by itself: the launcher is not ended by run_cluster.sh here."""
    config = small_run.config(lab, "idle", rounds=40, seconds=0.05, points=2, more=FAULT.format(policy="continue"))
    reference = small_run.reference(lab, config, "whole-idle")
    for trial in lab.trials(quick=1, full=10):
        with trial:
            place = f"idle-{trial.number}"
            run = lab.path(place) / "run"
            patient = {"OPTEX_LAUNCHER_SECONDS": "600"}
            start = lab.start_cluster(project, place, config, "-o", "run", ranks=4, environment=patient)
            lab.wait_for(lambda run=run, start=start: lab.rounds(run) >= 3 or not start.running(), 60, "rounds")
            victim = start.rank(IDLE)
            if victim is None:
                raise Lost(f"no process of {IDLE}: {start.err[-300:]!r}")
            os.kill(victim, signal.SIGKILL)
            lab.ends_with(0, start.end(30), start)
            if f"rank {IDLE} " not in start.err or "the run was over" not in start.err:
                raise Lost(f"no word of rank {IDLE}: {start.err[-300:]!r}")
            lab.same(run, reference)


def one(lab, project, place, config, reference, who, how, policy):
    run = lab.path(place) / "run"
    start = lab.start_cluster(project, place, config, "-o", "run", ranks=RANKS)
    rounds = lab.random.randint(2, 12)  # long before the end, which comes soon where this process has to wait
    lab.wait_for(lambda: lab.rounds(run) >= rounds or not start.running(), 60, "rounds")
    victims = [start.rank(rank) for rank in who]
    if None in victims:
        raise Lost(f"no process of {who}: {start.err[-300:]!r}")
    for victim in victims:
        os.kill(victim, how)
    began = lab.now()
    if policy == "continue":
        lab.wait_for(lambda: "silent" in start.err or not start.running(), STALL_SECONDS + 30, "a word about the lost rank")
        lab.noticed_after(lab.now() - began)
        lab.ends_with(0, start.end(120), start)
        if lab.status(run)["exit_code"] != 0 or lab.rounds(run) != ROUNDS:
            raise Lost(f"status {lab.status(run)['state']} {lab.status(run)['message']!r}")
        events = (run / "events.jsonl").read_text()
        if events.count('"lost-rank"') != len(who):
            raise Lost(f"{len(who)} ranks were lost, the events tell of {events.count('lost-rank')}")
        lab.same(run, reference)
        return
    code = start.end(STALL_SECONDS + LAUNCHER_SECONDS)
    lab.noticed_after(lab.now() - began)
    lab.ends_with(7, code, start)
    if how == signal.SIGSTOP and lab.status(run)["exit_code"] != 7:
        raise Lost(f"status.json has exit code {lab.status(run)['exit_code']}")
    # one that was stopped when it had done its work of this round owes nothing, and need not be named
    named = {int(rank) for rank in re.findall(r"rank (\d+) \([^)]*\) (?:has been silent|is as silent|has died|was ended)", start.err)}
    if not named or not named <= set(who):
        raise Lost(f"ranks {sorted(named)} are named: {start.err[-300:]!r}")
    for victim in victims:
        if os.path.exists(f"/proc/{victim}") and lab.is_alive(victim):
            raise Lost("a rank is left behind")
    lab.finish(place, "resume", "run", ranks=lab.random.choice((0, 2, 3)))
    lab.same(run, reference)
