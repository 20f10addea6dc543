"""Nobody reads what is said any more: with stderr's reader gone the run goes on to its end; when the terminal hangs up it ends
as with TERM, saved, exit code 75; with nohup it goes on."""
import contextlib
import os
import pty
import signal
import subprocess

import small_run
from tally import Hung, Lost


def ended(process, what):
    try:
        return process.wait(90)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise Hung(f"{what}: had not ended") from None


def inject(lab):
    config = small_run.config(lab, "small", rounds=60, dimension=30, seconds=0.005)
    reference = small_run.reference(lab, config)
    ways = (deaf, hang_up, no_hang_up)
    for trial in lab.trials(quick=3, full=30):
        with trial:
            place = f"try-{trial.number}"
            way = ways[(trial.number - 1) % len(ways)]
            code, wanted = way(lab, place, [lab.optex, "run", config, "-o", "run", "--log.every=1"])
            run = lab.path(place) / "run"
            if code != wanted:
                raise Lost(f"{way.__name__}: exit code {code} instead of {wanted}")
            state = lab.status(run)["state"]
            if state != ("finished" if wanted == 0 else "stopped"):
                raise Lost(f"{way.__name__}: status.json says {state}")
            lab.finish(place, "resume", "run", ranks=2)
            lab.same(run, reference)


def deaf(lab, place, command):
    process = subprocess.Popen(
        command, cwd=lab.path(place), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=lab.environment
    )
    process.stderr.readline()
    process.stderr.close()
    process.stdout.close()
    return ended(process, "without a reader"), 0


def on_terminal(lab, place, command):
    ours, theirs = pty.openpty()

    def lead():
        os.setsid()
        import fcntl
        import termios

        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        command, cwd=lab.path(place), stdin=theirs, stdout=theirs, stderr=theirs, env=lab.environment, preexec_fn=lead
    )
    os.close(theirs)
    run = lab.path(place) / "run"
    lab.wait_for(lambda: lab.rounds(run) >= 5, 60, "rounds")
    os.close(ours)  # the kernel tells the session with SIGHUP
    return process


def hang_up(lab, place, command):
    return ended(on_terminal(lab, place, command), "after the terminal hung up"), 75


def no_hang_up(lab, place, command):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = on_terminal(lab, place, command)
    finally:
        with contextlib.suppress(TypeError):
            signal.signal(signal.SIGHUP, before)
    return ended(process, "with nohup"), 0
