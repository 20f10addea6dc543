"""Much of everything: thousands of rounds, more shards and ranks than cores, a resume after every round. No memory and no
descriptor may be left over from a round or a start, and the numbers must be those of a short, plain run."""
import contextlib
import math
import os
import pathlib
import resource

import small_run
from tally import Lost

MEBIBYTE = 1 << 20
FLAT = 4 * MEBIBYTE  # the allocator's own ups and downs


def inject(lab):
    loads = [many_rounds, many_shards_and_ranks, many_resumes]
    for trial, load in zip(lab.trials(quick=len(loads), full=len(loads)), loads):
        with trial:
            load(lab)


def note(lab, text):
    lab.tally.notes.append(text)


def resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def many_rounds(lab):
    """Looks at rank 0 whenever a hundredth of the rounds is over."""
    rounds = 1000 if lab.quick else 10_000
    config = small_run.config(lab, "long", rounds=rounds, dimension=50, every="20 iterations")
    start = lab.start("long", "run", config, "-o", "run", "--log.every=1000")
    run = lab.path("long") / "run"
    looks = []
    with contextlib.suppress(OSError):  # it has just ended
        while start.running():
            seen = lab.rounds(run)
            lab.wait_for(lambda: not start.running() or lab.rounds(run) >= seen + rounds // 100, 60, "further rounds")
            looks.append((lab.rounds(run), resident_bytes(start.process.pid), descriptors(start.process.pid)))
    if start.end(10) != 0:
        raise Lost(f"exit code {start.process.returncode}: {start.err.strip().splitlines()[-1:]}")
    settled = [look for look in looks if look[0] >= rounds // 5]
    if len(settled) < 10:
        raise Lost(f"only {len(settled)} looks at the process: too fast to see anything")
    early = max(memory for _, memory, _ in settled[: len(settled) // 4])
    late = max(memory for _, memory, _ in settled[-len(settled) // 4 :])
    # A checkpoint is written by a thread of its own: while it is, its file is open.
    files = [number for _, _, number in settled]
    note(lab, f"{rounds} rounds: {early / MEBIBYTE:.1f} MiB early, {late / MEBIBYTE:.1f} MiB late; "
              f"{min(files)} to {max(files)} descriptors, {len(settled)} looks")
    if late > early + FLAT:
        raise Lost(f"memory grew from {early} to {late} bytes")
    if min(files[-len(files) // 4 :]) > min(files[: len(files) // 4]):
        raise Lost(f"descriptors grew: {files}")


def many_shards_and_ranks(lab):
    """The numbers of one rank, from as many ranks as the machine was never made for."""
    ranks = 8 if lab.quick else 64
    lines = [",".join(f"{math.sin(i * (k + 1)):.6f}" for k in range(10)) + f",{i % 3}" for i in range(600)]
    data = lab.write_config("samples.csv", "\n".join(lines) + "\n")
    config = lab.write_config("shards.toml", f"""
[problem]
name = "softmax"
l2 = 1e-3
[data]
source = "{data}"
format = "csv"
shards = 256
[optimizer]
learning_rate = 0.05
[method]
parallelism = 8
[stop]
iterations = {4 if lab.quick else 40}
""")
    lab.finish("one", "run", config, "-o", "run")
    lab.finish("many", "run", config, "-o", "run", ranks=ranks, seconds=100 if lab.quick else 1800)
    lab.same(lab.path("many") / "run", lab.trajectory(lab.path("one") / "run"))
    note(lab, f"{ranks} ranks on {os.cpu_count()} cores, 256 shards, 8 points: the numbers of one rank")


def many_resumes(lab):
    rounds = 30 if lab.quick else 1000
    whole = small_run.config(lab, "whole", rounds=rounds + 1, dimension=30)
    reference = small_run.reference(lab, whole)
    config = small_run.config(lab, "first", rounds=1, dimension=30)
    lab.finish("resumed", "run", config, "-o", "run")
    run = lab.path("resumed") / "run"
    for target in range(2, rounds + 2):
        lab.finish("resumed", "resume", "run", f"--stop.iterations={target}")
    lab.same(run, reference)
    left = sorted(file.name for file in (run / "checkpoints").iterdir())
    if len(left) != 3:
        raise Lost(f"{len(left)} files among the checkpoints after {rounds} resumes: {left[:5]}")
    partial = [str(file) for file in run.rglob("*.partial")]
    if partial:
        raise Lost(f"temporary files are left: {partial}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    note(lab, f"{rounds} resumes: the numbers of one run; 3 checkpoints; no process above {peak:.0f} MiB")
