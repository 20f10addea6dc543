"""A place to break runs in: starts them, alone or on ranks, finds their processes, and compares what they leave."""
import concurrent.futures
import contextlib
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

from tally import Hung, Lost, Trial

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ON_RANKS = SOURCE / "tests" / "support" / "on_ranks"

# Limits are for a machine of one's own; one of which others use most takes so many times as long.
PATIENCE = 3.0

# Columns that tell of time, not of the trajectory.
TIMES = ("seconds", "seconds_in")


def processes():
    """(pid, parent, state, name) of every process of this machine."""
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            text = (entry / "stat").read_text()
            name = text[text.index("(") + 1 : text.rindex(")")]
            fields = text[text.rindex(")") + 2 :].split()
            yield int(entry.name), int(fields[1]), fields[0], name


def descendants(pid):
    """All processes below one, children before grandchildren, without zombies."""
    known = list(processes())
    found, front = [], {pid}
    while front:
        front = {child for child, parent, state, _ in known if parent in front and state != "Z"}
        found += sorted(front)
    return found


def last_line_of(file):
    """What somebody said last, for messages."""
    lines = file.read_text(errors="replace").strip().splitlines() if file.exists() else []
    return lines[-1] if lines else "nothing said"


class Start:
    """A started program. Its lines are in `out` and `err`."""

    def __init__(self, program, command, folder, environment):
        self.program = program
        self.folder = folder
        self.began = time.monotonic()
        with open(folder / "out.txt", "wb") as out, open(folder / "err.txt", "wb") as err:
            self.process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True, env=environment
            )

    @property
    def out(self):
        return (self.folder / "out.txt").read_text(errors="replace")

    @property
    def err(self):
        return (self.folder / "err.txt").read_text(errors="replace")

    def last_line(self):
        return last_line_of(self.folder / "err.txt")

    def running(self):
        return self.process.poll() is None

    def rank(self, number):
        """The process of a rank; None when there is none yet or any more."""
        for pid in [self.process.pid, *descendants(self.process.pid)]:
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{pid}/exe") != self.program:
                    continue
                environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
                own = next((word[21:] for word in environment if word.startswith(b"OMPI_COMM_WORLD_RANK=")), None)
                own = own or next((word[9:] for word in environment if word.startswith(b"PMI_RANK=")), b"0")
                if int(own) == number:
                    return pid
        return None

    def end(self, seconds, what="the run", patience=PATIENCE):
        """The exit code, negative for a signal; Hung when it takes `patience` times longer. 1: when the seconds are promised."""
        try:
            return self.process.wait(seconds * patience)
        except subprocess.TimeoutExpired:
            last = self.last_line()
            self.kill_all()
            raise Hung(f"{what} had not ended after {seconds * patience:g} s ({last})") from None

    def kill_all(self):
        """As if the machine had lost its power."""
        for pid in [self.process.pid, *descendants(self.process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


class Lab:
    """What a fault is given."""

    def __init__(self, optex, folder, quick, seed, tally, jobs=1, tries=None):
        self.optex = str(optex)
        self.folder = folder
        self.quick = quick
        self.random = random.Random(seed)
        self.seed = seed
        self.jobs = jobs
        self.tries = tries
        self.tally = tally
        self.starts_ = []
        self.environment = dict(os.environ, NO_COLOR="1")
        folder.mkdir(parents=True)

    def trials(self, quick, full):
        for number in range(1, (quick if self.quick else full) + 1):
            if self.tries is None or number in self.tries:
                yield Trial(self.tally, number)

    def random_of(self, number):
        """What one try draws, whatever the others draw: --tries NUMBER gives it again."""
        return random.Random(f"{self.seed} {number}")

    def side_by_side(self, cases, one):
        """one(place, number, case) for every case, `jobs` at a time, each a try in a place of its own that is kept only when something
        was wrong with it."""

        def attempt(number, case):
            with Trial(self.tally, number):
                one(f"try-{number}", number, case)
                self.forget(f"try-{number}")
            if self.tally.tries % 500 == 0:
                print(f"{self.tally.name}: {self.tally.summary()} of {len(cases)}", file=sys.stderr, flush=True)

        wanted = [(number, case) for number, case in enumerate(cases, 1) if self.tries is None or number in self.tries]
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            try:
                for done in concurrent.futures.as_completed([pool.submit(attempt, *each) for each in wanted]):
                    done.result()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def noticed_after(self, seconds):
        self.tally.noticed_after(seconds)

    @staticmethod
    def now():
        return time.monotonic()

    @staticmethod
    def is_alive(pid):
        return any(own == pid and state != "Z" for own, _, state, _ in processes())

    def path(self, name):
        """A folder of its own for a run and what is said in it."""
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def forget(self, name):
        """What a try left that nothing was wrong with."""
        shutil.rmtree(self.path(name), ignore_errors=True)

    def let_anybody_in(self, name):
        """Makes a place, and the way to it, usable for a process of another user."""
        place = self.path(name)
        place.chmod(0o777)
        for parent in (self.folder, self.folder.parent):
            parent.chmod(0o755)

    def write_config(self, name, text):
        file = self.folder / name
        file.write_text(text)
        return str(file)

    def start(self, place, *words, ranks=0, before=(), environment=None):
        """`optex WORDS...` in the folder `place`; ranks = 0: without a launcher. `before` goes in front of it all."""
        command = [*before, *([str(ON_RANKS), str(ranks)] if ranks else []), self.optex, *map(str, words)]
        start = Start(self.optex, command, self.path(place), dict(self.environment, **(environment or {})))
        self.starts_.append(start)
        return start

    def start_cluster(self, project, place, *words, ranks, environment=None):
        """`run_cluster.sh --ranks RANKS WORDS...`, whose exit code is the run's, whatever the launcher makes of it. `project`: of
        slurm_lab.ready_project()."""
        command = [str(project / "run_cluster.sh"), "--ranks", str(ranks), *map(str, words)]
        outside = {name: value for name, value in self.environment.items() if not name.startswith(("SLURM_", "OPTEX_CMAKE"))}
        own = {**outside, "OPTEX_LAUNCHER_SECONDS": "5", **(environment or {})}
        start = Start(self.optex, command, self.path(place), own)
        self.starts_.append(start)
        return start

    @staticmethod
    def ends_with(expected, code, start):
        """Lost unless a start has ended with the one code that this fault must give."""
        if code != expected:
            raise Lost(f"exit code {code} instead of {expected}: {start.err[-300:]!r}")

    def finish(self, place, *words, ranks=0, seconds=120, code=0, **rest):
        """As start(), to the end, which must be `code` (None: any)."""
        start = self.start(place, *words, ranks=ranks, **rest)
        found = start.end(seconds)
        if code is not None and found != code:
            last = "; ".join(start.err.strip().splitlines()[-3:])
            raise Lost(f"exit code {found} instead of {code}: optex {' '.join(map(str, words))}: {last}")
        return start

    def end_all(self):
        for start in self.starts_:
            if start.running():
                start.kill_all()
        self.starts_.clear()

    # ---- what runs leave behind ----

    def rounds(self, run):
        """Finished rounds, as metrics.jsonl has them."""
        with contextlib.suppress(OSError):
            return (run / "metrics.jsonl").read_bytes().count(b"\n")
        return 0

    def wait_for(self, condition, seconds, what, said=None):
        """Hung, with the last line of the file `said`, when it takes longer; without one, with that of the latest start."""
        deadline = time.monotonic() + seconds * PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise Hung(f"waited {seconds * PATIENCE:g} s for {what} ({last_line_of(said) if said else self.latest_words()})")
            time.sleep(0.005)

    def latest_words(self):
        if not self.starts_:
            return "nothing was started"
        start = self.starts_[-1]
        state = "running" if start.running() else f"ended with {start.process.returncode}"
        return f"{state}: {start.last_line()}"

    @staticmethod
    def text(file):
        """Of a file that may not be there yet."""
        return file.read_text() if file.exists() else ""

    def status(self, run):
        return json.loads((run / "status.json").read_text())

    def newest_checkpoint(self, run):
        files = sorted((run / "checkpoints").glob("iteration-*.h5"), key=lambda file: int(file.stem[10:]))
        return files[-1] if files else None

    def trajectory(self, run):
        """Everything of a finished run that does not tell of time: equal runs give equal texts."""
        lines = []
        for text in (run / "metrics.jsonl").read_text().splitlines():
            line = json.loads(text)
            lines.append(json.dumps({key: line[key] for key in sorted(line) if key not in TIMES}))
        if not shutil.which("h5dump"):
            raise Lost("h5dump is missing (Debian: hdf5-tools): nothing can be compared")
        solution = run.parent / (run.name + ".theta")
        command = ["h5dump", "-d", "/solution/theta", "-b", "LE", "-o", str(solution), str(run / "results.h5")]
        if subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode != 0:
            raise Lost(f"{run}: results.h5 holds no solution")
        return lines, hashlib.sha256(solution.read_bytes()).hexdigest()

    def same(self, run, reference):
        """Lost unless a run has the very numbers of a reference: trajectory(...) of another one."""
        lines, solution = self.trajectory(run)
        for number, (mine, theirs) in enumerate(zip(lines, reference[0]), start=1):
            if mine != theirs:
                raise Lost(f"other numbers from round {number} on: {mine} instead of {theirs}")
        if len(lines) != len(reference[0]) or solution != reference[1]:
            raise Lost(f"{len(lines)} rounds instead of {len(reference[0])}, or another solution")
