"""Ranks that die (kill -9) or stop (SIGSTOP), one or two at once, rank 0 or others. With failure.lost_rank = "abort" the run
ends, names them, leaves a checkpoint, and goes on from it; with "continue" it goes on without them. The numbers stay."""
import os
import re
import signal

import small_run
from tally import Hung, Lost

RANKS = 5
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
    ((3, 4), signal.SIGSTOP, "continue"),
    ((1, 3), signal.SIGKILL, "continue"),
    ((1, 4), signal.SIGSTOP, "abort"),
    ((0,), signal.SIGKILL, "abort"),
    ((2, 3), signal.SIGKILL, "abort"),
    ((4,), signal.SIGSTOP, "continue"),
]


def inject(lab):
    configs = {
        policy: small_run.config(lab, policy, rounds=40, seconds=0.02, more=FAULT.format(policy=policy))
        for policy in ("abort", "continue")
    }
    reference = small_run.reference(lab, configs["abort"])
    for trial in lab.trials(quick=4, full=45):
        who, how, policy = CASES[(trial.number - 1) % len(CASES)]
        with trial:
            try:
                one(lab, f"try-{trial.number}", configs[policy], reference, who, how, policy)
            except Lost as lost:
                raise Lost(f"{how.name} of {who}, {policy}: {lost}") from None


def end_of_launcher(lab, start, run, how):
    """Its exit code. mpirun of Open MPI 4.1 may not end over a rank that was stopped, although the run has; run_cluster.sh
    ends it then, and so does end(). There is no code then."""
    try:
        return start.end(STALL_SECONDS + LAUNCHER_SECONDS)
    except Hung:
        if how != signal.SIGSTOP or lab.status(run)["exit_code"] != 7:
            raise
        return None


def one(lab, place, config, reference, who, how, policy):
    run = lab.path(place) / "run"
    # Open MPI ends all ranks when one dies, unless it is told not to
    alone = {"OMPI_MCA_orte_abort_on_non_zero_status": "0"} if policy == "continue" else {}
    start = lab.start(place, "run", config, "-o", "run", ranks=RANKS, environment=alone)
    rounds = lab.random.randint(2, 25)
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
        start.end(120)
        status = lab.status(run)
        if status["exit_code"] != 0 or lab.rounds(run) != 40:
            raise Lost(f"status {status['state']} {status['message']!r}")
        events = (run / "events.jsonl").read_text()
        if events.count('"lost-rank"') != len(who):
            raise Lost(f"{len(who)} ranks were lost, the events tell of {events.count('lost-rank')}")
        lab.same(run, reference)
        return
    code = end_of_launcher(lab, start, run, how)
    lab.noticed_after(lab.now() - began)
    # The run's own word: mpirun of Open MPI 4.1 may crash over a rank that was stopped, and gives a code of its own then
    if how == signal.SIGSTOP and lab.status(run)["exit_code"] != 7:
        raise Lost(f"status.json has not exit code 7; the launcher gave {code}")
    if code == 0:
        raise Lost("exit code 0")
    if how == signal.SIGSTOP:
        # one that had done its work of this round when it stopped owes nothing, and need not be named
        named = {int(rank) for rank in re.findall(r"rank (\d+) \([^)]*\) (?:has been|is as) silent", start.err)}
        if not named or not named <= set(who):
            raise Lost(f"ranks {sorted(named)} are named: {start.err[-300:]!r}")
    for victim in victims:
        if os.path.exists(f"/proc/{victim}") and lab.is_alive(victim):
            raise Lost("a rank is left behind")
    lab.finish(place, "resume", "run", ranks=lab.random.choice((0, 2, 3)))
    lab.same(run, reference)
