"""What a real Slurm (slurm_lab.py) does to runs: a job array makes a sweep; srun with PMIx starts one run, without it copies that refuse;
scancel in the middle of a round leaves a checkpoint; programs beside the ranks are MPI programs of their own, on the nodes of the job, under a
step and without one. And this Slurm itself is gone with the process that started it, even by kill -9."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

import small_run
from lab import processes
from slurm_lab import Slurm, ready_project
from tally import Lost

RANKS = 4
SECONDS = 120
STARTS_ONE_AND_WAITS = """
import pathlib, sys, time
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from slurm_lab import Slurm
with Slurm(2, pathlib.Path(sys.argv[2])) as slurm:
    slurm.submit("/", "-n", "2", "-o", "/dev/null", "--wrap", "srun sleep 1000")
    while "sleep" not in slurm.command("ps", "-e", "-o", "comm"):
        time.sleep(0.1)
    print("up", flush=True)
    time.sleep(1000)
"""


def inject(lab):
    cases = [parallel_objective, array, with_pmix, without_pmix, cancelled, cancelled_with_usr1, killed_with_its_parent]
    config = small_run.config(lab, "whole", rounds=12)
    slow = small_run.config(lab, "slow", rounds=12, seconds=0.5)
    reference = small_run.reference(lab, config)
    project = ready_project(lab)
    with Slurm(RANKS, lab.folder) as slurm:
        for trial in lab.trials(quick=len(cases), full=10 * len(cases)):
            with trial:
                case = cases[(trial.number - 1) % len(cases)]
                try:
                    case(Try(lab, slurm, lab.path(f"try-{trial.number}"), project, config, slow, reference))
                except Lost as lost:
                    raise Lost(f"{case.__name__}: {lost}") from None


class Try:
    def __init__(self, lab, slurm, place, project, config, slow, reference):
        self.lab = lab
        self.slurm = slurm
        self.place = place
        self.project = project
        self.config = config
        self.slow = slow
        self.reference = reference
        self.run = place / "run"

    def same(self):
        self.lab.same(self.run, self.reference)

    def job(self, *words):
        """Started with run_cluster.sh. Its number, once it has some rounds behind it."""
        said = self.place / "job.txt"
        job = self.slurm.submit(self.place, "-N", RANKS, "-n", RANKS, "-o", said, self.project / "run_cluster.sh", self.slow,
                                "-o", self.run, *words)
        rounds = self.lab.random.randint(2, 5)
        self.lab.wait_for(lambda: self.lab.rounds(self.run) >= rounds, SECONDS, f"rounds of job {job}", said=said)
        return job


PARALLEL = """
import json, os, sys
import numpy as np
from mpi4py import MPI
import optex
comm = MPI.COMM_WORLD
try:
    from petsc4py import PETSc
except ImportError:
    PETSc = None
def value_and_gradient(theta):
    if PETSc is None:
        mine = np.array_split(2 * theta, comm.size)[comm.rank]
        return comm.allreduce(float(mine @ mine)) / 4, np.concatenate(comm.allgather(mine))
    x = PETSc.Vec().createMPI(theta.size, comm=comm)
    begin, end = x.getOwnershipRange()
    x.array[:] = theta[begin:end]
    scatter, whole = PETSc.Scatter.toAll(x)
    scatter.scatter(2 * x, whole)
    return x.dot(x), whole.array.copy()
comm.barrier()
if comm.rank == 0:
    told = json.dumps([comm.size, os.environ.get("OMPI_MCA_btl_tcp_eager_limit"), "PETSc" if PETSc else "mpi4py"])
    open(f"told-{os.environ['OPTEX_WORKER']}-{optex.options()['case']}.json", "w").write(told)
optex.serve(value_and_gradient, 12, initial_point=np.linspace(1, 2, 12), comm=comm)
"""


def parallel_objective(one):
    """optex alone in a job of two nodes, its program on both of them; and a step of two ranks, each with a program on its own node."""
    python = next((python for python in ("/usr/bin/python3", sys.executable)
                   if subprocess.run([python, "-c", "import numpy, mpi4py"], capture_output=True, check=False).returncode == 0), None)
    if python is None:
        one.lab.tally.remarks["times without mpi4py: MPI programs beside the ranks were not tried"] += 1
        return
    (one.place / "parallel.py").write_text(PARALLEL)
    for case, launcher, step in (("alone", "", ""), ("step", "--host $OPTEX_HOSTS --oversubscribe ", "srun --mpi=pmix -N 2 -n 2 ")):
        if step and "pmix" not in one.slurm.command("srun", "--mpi=list", code=None):
            continue
        command = ["sh", "-c", f"exec mpirun -n 2 {launcher}{python} parallel.py"]
        config = one.place / f"{case}.toml"
        config.write_text(f"""[problem]
name = "command"
command = {json.dumps(command)}
[problem.options]
case = "{case}"
[optimizer]
learning_rate = 0.05
[method]
parallelism = 4
[stop]
iterations = 5
""")
        said = one.place / f"{case}.txt"
        job = one.slurm.submit(one.place, "-N", 2, "-n", 2, "--ntasks-per-node=1", "-o", said, "--export=ALL,OMPI_MCA_btl_tcp_eager_limit=65000",
                               "--wrap", f"{step}'{one.lab.optex}' run {config} -o {case}")
        end = one.slurm.ended(job, SECONDS, said)
        if end["JobState"] != "COMPLETED":
            raise Lost(f"{case}: job {end['JobState']}: {said.read_text()[-500:]!r}")
        told = json.loads((one.place / f"told-0-{case}.json").read_text())
        if told[:2] != [2, "65000"]:
            raise Lost(f"{case}: the program has {told[0]} ranks, and OMPI_MCA_btl_tcp_eager_limit={told[1]}")
        one.lab.tally.remarks[f"times an MPI program with {told[2]} beside the ranks, {case}"] += 1
    if (one.place / "step").exists():
        one.lab.same(one.place / "step", one.lab.trajectory(one.place / "alone"))


def array(one):
    """optex sweep --index, as docs/cluster.md has it."""
    grid = one.lab.write_config(f"{one.place.name}-grid.toml", pathlib.Path(one.config).read_text() + """
[run]
name = "grid"
[sweep]
"optimizer.learning_rate" = [0.005, 0.01, 0.02]
""")
    job = one.slurm.submit(one.place, "--array=0-2", "-o", one.place / "job-%a.txt", "--wrap",
                           f"'{one.lab.optex}' sweep '{grid}' --index $SLURM_ARRAY_TASK_ID")
    for index in range(3):
        end = one.slurm.ended(f"{job}_{index}", SECONDS, one.place / f"job-{index}.txt")
        if end["JobState"] != "COMPLETED":
            raise Lost(f"task {index} {end['JobState']}: {(one.place / f'job-{index}.txt').read_text()[-300:]!r}")
    one.lab.finish(one.place, "sweep", grid, seconds=30)  # finds all of them done
    table = (one.place / "runs" / "grid" / "sweep.csv").read_text().splitlines()
    if len(table) != 4:
        raise Lost(f"the sweep's table has {len(table)} lines: {table[:2]}")
    one.lab.same(one.place / "runs" / "grid" / "learning_rate=0.01", one.reference)


def with_pmix(one):
    if "pmix" not in one.slurm.command("srun", "--mpi=list", code=None):
        one.lab.tally.remarks["times without srun --mpi=pmix: this Slurm has no plug-in for it"] += 1
        return
    one.slurm.command("srun", "--mpi=pmix", "-N", RANKS, "-n", RANKS, one.lab.optex, "run", one.config, "-o", one.run)
    hosts = sorted(json.loads((one.run / "provenance.json").read_text())["hosts"])
    if hosts != [f"n{number}" for number in range(1, RANKS + 1)]:
        raise Lost(f"the run had ranks on {hosts}")
    one.same()


def without_pmix(one):
    words = one.slurm.inside(one.place, "srun", "--mpi=none", "-N", RANKS, "-n", RANKS, one.lab.optex, "run", one.config, "-o", one.run)
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, env=one.slurm.environment, timeout=SECONDS, check=False)
    said = done.stderr.decode(errors="replace")
    if done.returncode != 8 or "srun --mpi=pmix" not in said:
        raise Lost(f"exit code {done.returncode}: {said[-300:]!r}")
    if one.run.exists():
        raise Lost("copies that do not know of each other made a run's folder")


def cancelled(one):
    """At most the round that was under way is lost."""
    job = one.job()
    rounds = one.lab.rounds(one.run)
    one.slurm.command("scancel", job)
    began = one.lab.now()
    one.slurm.ended(job, SECONDS, one.place / "job.txt")
    one.lab.wait_for(lambda: one.slurm.command("squeue", "-h", "-j", job, code=None).strip() == "", SECONDS, "the end of its processes", said=one.place / "job.txt")
    one.lab.noticed_after(one.lab.now() - began)
    kept = int(re.search(r"iteration-0*(\d+)", one.lab.newest_checkpoint(one.run).name).group(1))
    if kept < rounds - 1:
        raise Lost(f"{rounds} rounds were finished, the checkpoint is of round {kept}")
    one.lab.finish(one.place, "resume", one.run, ranks=one.lab.random.choice((0, 3)))
    one.same()


def cancelled_with_usr1(one):
    """The job is checkpointed and comes back by itself."""
    job = one.job()
    one.slurm.command("scancel", "-b", "-s", "USR1", job)
    end = one.slurm.ended(job, SECONDS, one.place / "job.txt")
    if end["JobState"] != "COMPLETED" or end["Restarts"] != "1":
        raise Lost(f"job {end['JobState']} after {end['Restarts']} restarts: {(one.place / 'job.txt').read_text()[-300:]!r}")
    one.same()


def killed_with_its_parent(one):
    own = subprocess.Popen([sys.executable, "-c", STARTS_ONE_AND_WAITS, pathlib.Path(__file__).parents[1], one.place],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        if own.stdout.readline() != b"up\n":
            raise Lost("it did not start")
        mark = str(one.place).encode()
        left = [pid for pid in living() if mark in environment_of(pid) and pid != own.pid]
        if len(left) < 6:  # munged, slurmctld, two of slurmd, the job and its step
            raise Lost(f"only {len(left)} processes")
    finally:
        os.kill(own.pid, signal.SIGKILL)
        own.wait()
    one.lab.wait_for(lambda: not set(left) & set(living()), 20, f"the end of {len(left)} daemons and jobs")


def living():
    return [pid for pid, _, state, _ in processes() if state != "Z"]


def environment_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""
