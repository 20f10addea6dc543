"""Four hosts with two ranks each; the link of one is cut in the middle of the run. With failure.lost_rank = "abort" the run ends
with both ranks and their host named, and goes on from its checkpoint on other ranks; with "continue" it goes on without
them. The launcher does not notice that the run is over: run_cluster.sh's watch (scripts/supervise.sh) ends it."""
import contextlib
import os
import signal

import small_run
from hosts import Hosts
from lab import SOURCE, descendants
from tally import Lost

STALL_SECONDS = 2
LAUNCHER_SECONDS = 3
FAULT = """[failure]
stall_seconds = 2
lost_rank = "{policy}"
"""
# watch_launcher() beside the launcher, as run_cluster.sh has it
WATCHED = """
source {source}/scripts/setup.sh && source {source}/scripts/supervise.sh
program_name=watch
optex=$1 run_folder=$2
shift 2
a_start_comes
setsid "$@" </dev/null &
launcher=$!
watch_launcher $launcher "$optex" &
wait $launcher
wait
exit "$(exit_code_of_run)"
"""


def inject(lab):
    with Hosts(4, lab.folder) as hosts:
        configs = {
            policy: small_run.config(lab, policy, rounds=30, seconds=0.02, more=FAULT.format(policy=policy))
            for policy in ("abort", "continue")
        }
        reference = small_run.reference(lab, configs["abort"])
        for trial in lab.trials(quick=2, full=20):
            with trial:
                policy = ("abort", "continue")[trial.number % 2]
                one(lab, hosts, f"try-{trial.number}", configs[policy], reference, policy)


def one(lab, hosts, place, config, reference, policy):
    run = lab.path(place) / "run"
    script = WATCHED.format(source=SOURCE)
    before = ["bash", "-c", script, "watch", lab.optex, str(run), *hosts.launcher(2)]
    left = []
    start = lab.start(place, "run", config, "-o", "run", before=before,
                      environment={"OPTEX_LAUNCHER_SECONDS": str(LAUNCHER_SECONDS), "OMPI_ALLOW_RUN_AS_ROOT": "1",
                                   "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"})
    try:
        rounds = lab.random.randint(2, 15)
        lab.wait_for(lambda: lab.rounds(run) >= rounds or not start.running(), 60, "rounds")
        if not start.running():
            raise Lost(f"it ended before anything was cut: {start.err[-300:]!r}")
        left = descendants(start.process.pid)
        hosts.cut(3)
        began = lab.now()
        lab.wait_for(lambda: "silent" in start.err or not start.running(), STALL_SECONDS + 30, "a word about the lost host")
        lab.noticed_after(lab.now() - began)
        code = start.end(90)
    finally:
        hosts.join(3)
        end_lost_host(left)
    if "(h3)" not in start.err:
        raise Lost(f"the host is not named: {start.err[-300:]!r}")
    if policy == "continue":
        if code != 0 or (run / "events.jsonl").read_text().count('"lost-rank"') != 2:
            raise Lost(f"exit code {code}: {start.err[-300:]!r}")
        lab.same(run, reference)
        return
    if code != 7:
        raise Lost(f"exit code {code}: {start.err[-300:]!r}")
    lab.finish(place, "resume", "run", ranks=lab.random.choice((0, 3)))
    lab.same(run, reference)


def end_lost_host(left):
    """What nobody could reach while its link was cut."""
    for pid in left:
        with contextlib.suppress(OSError):
            if "h3" in open(f"/proc/{pid}/cmdline").read() or os.readlink(f"/proc/{pid}/exe").endswith("optex"):
                os.kill(pid, signal.SIGKILL)
