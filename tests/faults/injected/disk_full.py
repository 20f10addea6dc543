"""The disk is full at some moment, or a limit on the length of files is met: exit code 6, every checkpoint that is there is
whole, and with room again the run goes on to the same numbers."""
import os
import signal
import subprocess

import small_run
from tally import Lost


def inject(lab):
    config = small_run.config(lab, "small", rounds=60, dimension=2000)
    reference = small_run.reference(lab, config)
    whole = lab.path("whole") / "run"
    largest = max(file.stat().st_size for file in whole.rglob("*") if file.is_file())
    total = sum(file.stat().st_size for file in whole.rglob("*") if file.is_file())
    for trial in lab.trials(quick=4, full=60):
        with trial:
            place = f"try-{trial.number}"
            ranks = lab.random.choice((0, 2))
            disk = lab.path(place) / "disk"
            disk.mkdir()
            size = lab.random.randint(64 << 10, total)
            if trial.number % 2 and mounted(disk, size):
                try:
                    start = lab.finish(place, "run", config, "-o", "disk/run", ranks=ranks, code=None)
                    subprocess.run(["mount", "-o", "remount,size=100m", str(disk)], check=True)
                    go_on(lab, place, config, start, reference, f"a disk of {size} bytes")
                finally:
                    lab.end_all()
                    subprocess.run(["umount", str(disk)], check=False)
            else:
                limit = lab.random.randint(2000, largest)
                before = [] if ranks else ["prlimit", f"--fsize={limit}", "--"]
                # a launcher writes files of its own: there the limit is rank 0's alone
                start = lab.start(place, "run", config, "-o", "disk/run", before=before, ranks=ranks)
                if ranks:
                    lab.wait_for(lambda: start.rank(0) or not start.running(), 30, "rank 0")
                    if start.rank(0):
                        subprocess.run(["prlimit", f"--fsize={limit}", "--pid", str(start.rank(0))], check=False)
                start.end(60)
                go_on(lab, place, config, start, reference, f"files of at most {limit} bytes")


def mounted(folder, size):
    if os.geteuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


def go_on(lab, place, config, start, reference, what):
    run = lab.path(place) / "disk" / "run"
    code = start.process.returncode
    if code not in (0, 6):
        name = f" ({signal.Signals(-code).name})" if code < 0 else ""
        raise Lost(f"{what}: exit code {code}{name}: {start.err.strip()[-300:]!r}")
    for file in sorted((run / "checkpoints").glob("*.h5")):
        lab.finish(place + "-look", "inspect", file, "--verify")
    if code == 0:  # it was large enough
        lab.same(run, reference)
        return
    if "optex: error: " not in start.err:
        raise Lost(f"{what}: nothing said")
    saved = lab.newest_checkpoint(run)
    start = lab.finish(place, "run", config, "-o", "disk/run", *(["--resume"] if run.exists() else []), ranks=3)
    if saved and "resuming after round" not in start.err:
        raise Lost(f"{what}: {saved.name} was not used")
    lab.same(run, reference)
