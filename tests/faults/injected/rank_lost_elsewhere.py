"""Two hosts under plain mpirun; kill -9, SIGSEGV or SIGABRT of a rank that is not on rank 0's host, one of two there or alone on it.
mpirun then ends the others with SIGTERM; what rank 0 then says is the first cause, not the signal: exit code 7 with the rank and its
host; and the run goes on from its checkpoint."""
import contextlib
import os
import pathlib
import signal

import small_run
from hosts import Hosts
from lab import processes
from tally import Lost

SIGNALS = (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT)


def inject(lab):
    with Hosts(2, lab.folder) as hosts:
        config = small_run.config(lab, "small", rounds=60, seconds=0.02)
        reference = small_run.reference(lab, config)
        for trial in lab.trials(quick=2, full=20):
            with trial:
                one(lab, hosts, f"try-{trial.number}", config, reference, SIGNALS[trial.number % len(SIGNALS)], 1 + trial.number % 2)


def rank_in(lab, folder, number):
    """A rank by its folder: what a daemon of another host starts is no child of the launcher."""
    for pid, _, _, _ in processes():
        with contextlib.suppress(OSError):
            environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            mine = os.readlink(f"/proc/{pid}/exe") == lab.optex and os.readlink(f"/proc/{pid}/cwd") == str(folder)
            if mine and f"OMPI_COMM_WORLD_RANK={number}".encode() in environment:
                return pid
    return None


def one(lab, hosts, place, config, reference, kind, ranks_a_host):
    run = lab.path(place) / "run"
    root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    start = lab.start(place, "run", config, "-o", "run", before=hosts.launcher(ranks_a_host), environment=root)
    rounds = lab.random.randint(2, 15)
    lab.wait_for(lambda: lab.rounds(run) >= rounds or not start.running(), 60, "rounds")
    victim = lab.random.choice((2, 3)) if ranks_a_host == 2 else 1
    process = rank_in(lab, lab.path(place), victim)
    if process is None:
        raise Lost(f"there is no rank {victim}: {start.err[-300:]!r}")
    os.kill(process, kind)
    began = lab.now()
    start.end(60)  # with a code of mpirun's own
    lab.noticed_after(lab.now() - began)
    status = lab.status(run)
    if "did not get there" in status["message"]:  # MPI kept its thread until it was killed
        lab.tally.remark("rank 0 was kept by MPI and told its end beforehand")
    if status["exit_code"] != 7 or f"rank {victim} (h2) has died" not in status["message"]:
        raise Lost(f"{kind.name} of rank {victim}: status.json has {status['exit_code']}, {status['message']!r}")
    lab.finish(place, "resume", "run", ranks=lab.random.choice((0, 3)))
    lab.same(run, reference)
