"""The folder of a running run is removed and used by another one, or its checkpoints/ is swapped for a link to a foreign folder
between the writing of a checkpoint and the removal of an old one: exit code 6 that says so, and nothing of anybody else is written
or removed."""
import os
import shutil

import preload
import small_run
from tally import Lost

# once a checkpoint of the name SWAP_AT has its name, checkpoints/ of SWAP_RUN becomes aside/, and foreign/ stands there
SWAP = r"""
#include <stdio.h>
static void swap_after(const char* name) {
  const char *at = getenv("SWAP_AT"), *run = getenv("SWAP_RUN");
  char from[4096], to[4096];
  if (!at || !run || !strstr(name, at)) return;
  snprintf(from, sizeof from, "%s/checkpoints", run);
  snprintf(to, sizeof to, "%s/aside", run);
  if (syscall(SYS_rename, from, to) != 0 || symlink("../foreign", from) != 0) abort();
}
int renameat(int folder, const char* name, int other, const char* to) {
  const int result = ((int (*)(int, const char*, int, const char*))dlsym(RTLD_NEXT, "renameat"))(folder, name, other, to);
  if (result == 0) swap_after(to);
  return result;
}
int rename(const char* name, const char* to) {
  const int result = ((int (*)(const char*, const char*))dlsym(RTLD_NEXT, "rename"))(name, to);
  if (result == 0) swap_after(to);
  return result;
}
"""


def inject(lab):
    lazy = small_run.config(lab, "lazy", rounds=4000, dimension=30, seconds=1.0)
    small = small_run.config(lab, "small", rounds=12, dimension=30)
    library = preload.build(lab, "swap", SWAP)
    reference = small_run.reference(lab, small)
    for trial in lab.trials(quick=2, full=30):
        with trial:
            place = f"try-{trial.number}"
            run = lab.path(place) / "run"
            take = trial.number % 2
            ranks = lab.random.choice((0, 2)) if trial.number > 2 else 0
            if take:
                start = lab.start(place, "run", lazy, "-o", "run", ranks=ranks)
                lab.wait_for(lambda: lab.rounds(run) >= 1 and lab.newest_checkpoint(run), 60, "a round")
                taken(lab, place, run, small, start, reference)
            else:
                swapped(lab, place, run, small, library, ranks)


def taken(lab, place, run, small, start, reference):
    os.rename(run, run.with_name("gone"))
    shutil.rmtree(run.with_name("gone"))
    lab.finish(place + "-second", "run", small, "-o", run)
    code = start.end(60)
    if code != 6 or "was removed, or taken by another run" not in start.err:
        raise Lost(f"exit code {code}: {start.err.strip()[-300:]!r}")
    lab.same(run, reference)
    if lab.status(run)["state"] != "finished" or (run / "errors").exists():
        raise Lost("the first run wrote into the second's folder")


def swapped(lab, place, run, small, library, ranks):
    """Four checkpoints or more: three are kept."""
    foreign = lab.path(place) / "foreign"
    foreign.mkdir()
    precious = [foreign / f"iteration-{round:06}.h5" for round in range(0, 4001)]
    for file in precious:
        file.write_text("precious")
    last = f"iteration-{lab.random.randint(4, 11):06}.h5"
    swap = {"LD_PRELOAD": library, "SWAP_AT": last, "SWAP_RUN": str(run)}
    start = lab.finish(place, "run", small, "-o", "run", ranks=ranks, environment=swap, code=6)
    if "checkpoints" not in start.err:
        raise Lost(f"no word about it: {start.err.strip()[-300:]!r}")
    if sorted(foreign.iterdir()) != precious or any(file.read_text() != "precious" for file in precious):
        raise Lost("files of a foreign folder were changed")
    (run / "checkpoints").unlink()
    os.rename(run / "aside", run / "checkpoints")
    if lab.newest_checkpoint(run).name != last:
        raise Lost(f"{lab.newest_checkpoint(run).name} is the newest instead of {last}")
    lab.finish(place + "-look", "inspect", lab.newest_checkpoint(run), "--verify")
