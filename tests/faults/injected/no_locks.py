"""A file system that knows no locks, and a folder that another run holds: the first is said and harmless, the second exit
code 6."""
import shutil
import subprocess

import small_run
from tally import Lost, Unavailable

# every way to lock a file fails as on a network file system without a lock server
SOURCE = r"""
#include <errno.h>
#include <fcntl.h>
int flock(int file, int operation) { (void)file; (void)operation; errno = ENOLCK; return -1; }
int lockf(int file, int operation, long length) { (void)file; (void)operation; (void)length; errno = ENOLCK; return -1; }
"""


def inject(lab):
    if not shutil.which("cc"):
        raise Unavailable("no C compiler")
    source = lab.path("library") / "no_locks.c"
    library = source.with_suffix(".so")
    source.write_text(SOURCE)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    config = small_run.config(lab, "small", rounds=20)
    reference = small_run.reference(lab, config)
    slow = small_run.config(lab, "slow", rounds=1000, seconds=0.05)
    for trial in lab.trials(quick=1, full=10):
        with trial:
            place = f"try-{trial.number}"
            run = lab.path(place) / "run"
            start = lab.finish(place, "run", config, "-o", "run", environment={"LD_PRELOAD": str(library)})
            if "knows no locks" not in start.err:
                raise Lost(f"nothing said: {start.err.strip()!r}")
            lab.same(run, reference)

            place += "-held"
            held = lab.path(place) / "run"
            start = lab.start(place, "run", slow, "-o", "run")
            lab.wait_for(lambda: lab.rounds(held) >= 1, 30, "a round")
            second = lab.finish(place + "-second", "resume", held, code=6)
            if "another run is at work in it" not in second.err:
                raise Lost(f"nothing said: {second.err.strip()!r}")
            start.kill_all()
