"""Jobs of a real Slurm (slurm_lab.py) that are too short for their run: run_cluster.sh gets USR1 before the limit, the run is
checkpointed, the job is requeued and goes on; where requeueing is forbidden, the next job of `optex script --chain` goes on, and those
that find nothing to do end at once. No job counts as failed, no log ends in the launcher's page about a crash. The numbers are those of a run that nothing stopped."""
import re
import shutil

import small_run
from slurm_lab import Slurm, ready_project
from tally import Lost

RANKS = 4
ROUNDS = 35
JOBS_OF_CHAIN = 8
# Slurm counts in minutes, and looks every 30 s whether a signal is due within the next 30 s: so it comes 30 s after the start at the latest.
SHORT = ("--time=1", "--signal=B:USR1@50")
SECONDS = 240


def inject(lab):
    project = ready_project(lab)
    reference = small_run.reference(lab, small_run.config(lab, "undisturbed", rounds=ROUNDS))
    config = small_run.config(lab, "limited", rounds=ROUNDS, seconds=1.0)
    with Slurm(RANKS, lab.folder) as slurm:
        chain = None
        for trial in lab.trials(quick=2, full=20):
            with trial:
                if trial.number % 2 == 1:  # both wait most of the time: they run side by side
                    place = lab.path(f"try-{trial.number + 1}")
                    chain = place, submit_chain(lab, slurm, place, config)
                    place = lab.path(f"try-{trial.number}")
                    requeued(lab, slurm, place, project, config)
                else:
                    place, jobs = chain
                    follow(lab, slurm, place, jobs)
                lab.same(place / "run", reference)


def requeued(lab, slurm, place, project, config):
    said = place / "job.txt"
    text = too_late = "ask for more time"
    while too_late in text:  # where a start takes half a minute: an honest answer, but not to the question here
        shutil.rmtree(place / "run", ignore_errors=True)
        job = slurm.submit(place, "-N", RANKS, "-n", RANKS, *SHORT, "-o", said, project / "run_cluster.sh", config, "-o", place / "run")
        end = slurm.ended(job, SECONDS, said)
        text = said.read_text()
        said.unlink()
    restarts = int(end["Restarts"])
    if end["JobState"] != "COMPLETED" or restarts < 1:
        raise Lost(f"job {end['JobState']} after {restarts} restarts: {text[-300:]!r}")
    if text.count("back in the queue") != restarts:
        raise Lost(f"{restarts} restarts, and the log tells of {text.count('back in the queue')}: {text[-300:]!r}")
    look_at_log(text)
    lab.tally.remarks["restarts of a job that was requeued"] += restarts


def look_at_log(text):
    for word in ("non-zero", "terminated normally", "MPI_ABORT", "BAD TERMINATION"):
        if word in text:
            raise Lost(f"the launcher speaks of a crash: {text[-500:]!r}")


def submit_chain(lab, slurm, place, config):
    script = lab.finish(place, "script", config, "--for=slurm", f"--ranks={RANKS}", f"--chain={JOBS_OF_CHAIN}", "--run.output=.",
                        "--run.name=run")
    (place / "job.sh").write_text(script.out)
    said = slurm.command("bash", "job.sh", "-N", RANKS, *SHORT, "-o", "job-%j.txt", folder=place)
    return re.findall(r"Submitted batch job (\d+)", said)


def follow(lab, slurm, place, jobs):
    if len(jobs) != JOBS_OF_CHAIN:
        raise Lost(f"{len(jobs)} jobs were submitted, not {JOBS_OF_CHAIN}")
    codes, idle, handed_on = [], 0, 0
    for job in jobs:
        said = place / f"job-{job}.txt"
        end = slurm.ended(job, SECONDS, said)
        codes.append(end["ExitCode"])
        text = said.read_text()
        look_at_log(text)
        idle += "nothing is left to do" in text
        handed_on += re.search(r"stopped .*after round \d+.*; the state is saved; the next job of the chain goes on from there", text) is not None
    worked = len(jobs) - idle
    if worked < 2 or idle < 1 or handed_on != worked - 1 or codes != ["0:0"] * len(jobs):
        raise Lost(f"jobs ended with {codes}, {idle} of them had nothing to do, {handed_on} handed on")
    lab.tally.remarks["jobs of a chain that went on"] += worked - 1
