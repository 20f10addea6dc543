"""A Slurm of its own on one machine: a controller and nodes with host names and networks of their own. Needs root.

Everything lives in namespaces (processes, mounts, network, host name) whose first process dies with this one, however it ends:
the kernel then ends daemons, jobs and ranks, and takes networks and mounts away. Nothing of the machine's own Slurm is touched.
"""
import ctypes
import os
import re
import shutil
import signal
import subprocess
import time

from lab import SOURCE, descendants, last_line_of, processes
from tally import Hung, Lost, Unavailable

NETWORK = "10.99.0"
PROGRAMS = ("slurmctld", "slurmd", "sbatch", "srun", "munged", "munge", "unshare", "nsenter", "ip", "mount", "mpirun")

CONTROLLER = """#!/bin/bash
# The first process of the namespaces. slurmd is not started by 'ip netns exec', which hides the control groups from it.
set -e
cd {folder}
mount -t tmpfs none /run
mkdir /run/netns
mount --bind hosts /etc/hosts
hostname control
ip link set lo up
ip link add nodes type bridge
ip addr add {network}.254/24 dev nodes
ip link set nodes up
munged --foreground --force --socket={folder}/munge.socket --key-file={folder}/munge.key --pid-file={folder}/munged.pid \\
  --log-file={folder}/munged.log --seed-file={folder}/munge.seed --num-threads=2 &
slurmctld -D &
for number in {{1..{count}}}; do
  ip netns add n$number
  ip link add v$number type veth peer name eth0 netns n$number
  ip link set v$number master nodes up
  ip -n n$number link set lo up
  ip -n n$number addr add {network}.$number/24 dev eth0
  ip -n n$number link set eth0 up
  nsenter --net=/run/netns/n$number unshare --uts --mount ./node $number &
done
while :; do sleep 1; done # reaps what loses its parent
"""

# The plug-in for PMIx and Open MPI make files whose names differ on different hosts only by the host.
NODE = """#!/bin/sh
set -e
mount -t tmpfs none {folder}/tmp
mount -t tmpfs none /dev/shm
hostname n$1
exec slurmd -D -N n$1
"""

# cred_expire: a job that was requeued waits for twice as long. Seconds between looks at the queue: two.
SETTINGS = """ClusterName=lab
SlurmctldHost=control({network}.254)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdPidFile={folder}/%n.pid
SlurmdLogFile={folder}/%n.log
SlurmdSpoolDir={folder}/spool.%n
StateSaveLocation={folder}/state
TmpFS=/tmp
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=0,sched_min_interval=100000
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=10
MpiDefault=none
{nodes}
PartitionName=all Nodes=ALL Default=YES DefaultTime=10 State=UP
"""

# A program that is there already is all that run_cluster.sh shall find to build.
READY_PROJECT = """cmake_minimum_required(VERSION 3.25)
project(ready LANGUAGES NONE)
set(MPIEXEC_EXECUTABLE "{launcher}" CACHE FILEPATH "")
set(MPIEXEC_NUMPROC_FLAG "-n" CACHE STRING "")
option(OPTEX_TESTS "" ON)
add_custom_command(OUTPUT "${{CMAKE_BINARY_DIR}}/bin/optex"
  COMMAND ${{CMAKE_COMMAND}} -E make_directory "${{CMAKE_BINARY_DIR}}/bin"
  COMMAND ${{CMAKE_COMMAND}} -E create_symlink "{optex}" "${{CMAKE_BINARY_DIR}}/bin/optex")
add_custom_target(optex DEPENDS "${{CMAKE_BINARY_DIR}}/bin/optex")
add_custom_target(installable DEPENDS optex)
"""


def die_with_parent():
    """For a child, before it becomes another program."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Slurm:
    """n1 ... nN, as a context manager."""

    def __init__(self, count, folder, processors=8):
        if os.geteuid() != 0:
            raise Unavailable("needs root, for a Slurm of its own")
        for program in PROGRAMS:
            if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
                raise Unavailable(f"needs the program {program} (Debian: slurm-wlm, munge)")
        if subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", "--net", "--uts", "true"], check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
            raise Unavailable("no namespaces here")
        self.count = count
        self.processors = processors
        self.folder = folder / "slurm"
        if len(str(self.folder)) > 90:
            raise Unavailable(f"a socket in {self.folder} would have too long a name")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM_", "OMPI_MCA_"))}
        self.environment.update(
            SLURM_CONF=str(self.folder / "slurm.conf"),
            PATH=os.environ["PATH"] + ":/usr/sbin:/sbin",
            NO_COLOR="1",
            # more ranks than cores, and a container that forbids to read another process's memory
            OMPI_ALLOW_RUN_AS_ROOT="1",
            OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
            OMPI_MCA_hwloc_base_binding_policy="none",
            OMPI_MCA_mpi_yield_when_idle="1",
            OMPI_MCA_btl_vader_single_copy_mechanism="none",
        )

    def __enter__(self):
        self.write_files()
        with open(self.folder / "controller.log", "wb") as log:
            self.outer = subprocess.Popen(
                ["unshare", "--pid", "--fork", "--kill-child=KILL", "--mount-proc", "--net", "--uts", self.folder / "controller"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment, start_new_session=True,
                preexec_fn=die_with_parent)
        try:
            self.wait_until_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def write_files(self):
        for name in ("state", "tmp"):
            (self.folder / name).mkdir(parents=True)
        names = range(1, self.count + 1)
        nodes = "\n".join(f"NodeName=n{number} NodeAddr={NETWORK}.{number} CPUs={self.processors} RealMemory=1000" for number in names)
        for number in names:
            (self.folder / f"spool.n{number}").mkdir()
        words = {"folder": self.folder, "network": NETWORK, "count": self.count, "nodes": nodes}
        (self.folder / "slurm.conf").write_text(SETTINGS.format(**words))
        (self.folder / "cgroup.conf").write_text("CgroupAutomount=no\nIgnoreSystemd=yes\n")
        hosts = ["127.0.0.1 localhost", f"{NETWORK}.254 control"] + [f"{NETWORK}.{number} n{number}" for number in names]
        (self.folder / "hosts").write_text("\n".join(hosts) + "\n")
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        (self.folder / "mpi.conf").write_text(f"PMIxCliTmpDirBase={self.folder}/tmp\n")
        for name, text in (("controller", CONTROLLER), ("node", NODE)):
            (self.folder / name).write_text(text.format(**words))
            (self.folder / name).chmod(0o755)

    def wait_until_up(self, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            if self.outer.poll() is not None:
                raise Unavailable(f"the private Slurm did not start: {self.last_words()}")
            with_state = [] if self.first() is None else self.command("sinfo", "-h", "-N", "-o", "%t", code=None).split()
            if with_state.count("idle") == self.count:
                return
            if time.monotonic() > deadline:
                raise Hung(f"the private Slurm had {with_state} nodes after {seconds} s: {self.last_words()}")
            time.sleep(0.2)

    def last_words(self):
        return "; ".join(last_line_of(self.folder / name) for name in ("controller.log", "slurmctld.log", "n1.log"))

    def __exit__(self, *_):
        inside = descendants(self.outer.pid)
        self.outer.kill()
        self.outer.wait()
        deadline = time.monotonic() + 20
        while set(inside) & {pid for pid, _, state, _ in processes() if state != "Z"}:
            if time.monotonic() > deadline:
                raise Lost("daemons of the private Slurm are left behind")
            time.sleep(0.05)

    def first(self):
        """The first process of the namespaces, as this machine knows it."""
        return next(iter(descendants(self.outer.pid)), None)

    def inside(self, folder, *command):
        """The command in the namespaces, as the login node of this Slurm."""
        first = self.first()
        if first is None:
            raise Lost(f"the private Slurm has ended: {self.last_words()}")
        return ["nsenter", "-t", str(first), "--pid", "--mount", "--net", "--uts", "--",
                "sh", "-c", 'cd "$0" && exec "$@"', str(folder), *map(str, command)]

    def command(self, *words, folder="/", code=0, seconds=60, environment=None):
        """What it says on stdout; Lost unless it ends with `code` (None: any)."""
        try:
            done = subprocess.run(self.inside(folder, *words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env=dict(self.environment, **(environment or {})), timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            raise Hung(f"{words[0]} had not ended after {seconds} s") from None
        if code is not None and done.returncode != code:
            raise Lost(f"{' '.join(map(str, words))}: exit code {done.returncode}: {done.stderr.decode(errors='replace')[-300:]}")
        return done.stdout.decode(errors="replace")

    # ---- jobs ----

    def submit(self, folder, *words):
        """The job's number. `words`: options and the script."""
        return self.command("sbatch", "--parsable", *words, folder=folder).strip()

    def job(self, number):
        """What Slurm knows of a job, by its own names: JobState, Restarts, ExitCode..."""
        return dict(re.findall(r"(\w+)=(\S*)", self.command("scontrol", "show", "job", "-o", number)))

    def ended(self, number, seconds, said):
        """The job, when it has left the queue for good. `said`: its log."""
        deadline = time.monotonic() + seconds
        while True:
            job = self.job(number)
            if job["JobState"] in ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL"):
                return job
            if time.monotonic() > deadline:
                raise Hung(f"job {number} is {job['JobState']} ({job.get('Reason')}) after {seconds} s ({last_line_of(said)})")
            time.sleep(0.25)


def ready_project(lab, name="project"):
    """The folder of a project with run_cluster.sh, whose build is the program under test. Built."""
    project = lab.path(name)
    shutil.copy(SOURCE / "run_cluster.sh", project)
    shutil.copytree(SOURCE / "scripts", project / "scripts")
    (project / "cmake").mkdir()
    shutil.copy(SOURCE / "cmake" / "debian-packages.txt", project / "cmake")
    (project / "CMakeLists.txt").write_text(READY_PROJECT.format(launcher=shutil.which("mpirun"), optex=lab.optex))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM_", "OPTEX_CMAKE"))}
    done = subprocess.run([project / "run_cluster.sh", "--setup"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, env=environment, timeout=120, check=False)
    if done.returncode != 0:
        raise Lost(f"run_cluster.sh --setup: {done.stderr.decode(errors='replace')[-300:]}")
    return project
