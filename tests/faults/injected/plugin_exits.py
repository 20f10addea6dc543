"""A plug-in ends the process (exit, _exit, _Exit, quick_exit), or does not come back: exit codes 3 and 7, a word about it, a status
that is not "running", and a run that goes on from its checkpoint to the same numbers. What a process does that it forks is its own
affair."""
import os
import shutil
import subprocess

from lab import SOURCE
from tally import Lost, Unavailable

PLUGIN = """
#include "optex/plugin.h"
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static int calls;
static int create(const optex_settings *s, void **o, char *e, size_t n) { *o = &calls; return OPTEX_OK; }
static int64_t dimension(void *o) { return 30; }
static int value_and_gradient(void *o, const double *t, const optex_sample_key *k, int64_t shard, double *value, double *g,
                              char *e, size_t n) {
  const char *at = getenv("AT");
  if (++calls == (at ? atoi(at) : 0)) {
    const char* how = getenv("HOW");
    if (!strcmp(how, "hangs")) for (;;) pause();
    if (!strcmp(how, "exit()")) exit(0);
    if (!strcmp(how, "_exit()")) _exit(0);
    if (!strcmp(how, "_Exit()")) _Exit(0);
    if (!strcmp(how, "quick_exit()")) quick_exit(0);
    if (fork() == 0) _exit(0);  /* exit() would run the handlers of threads that the copy does not have */
    wait(0);
  }
  *value = 0;
  for (int i = 0; i < 30; ++i) *value += (t[i] - i) * (t[i] - i), g[i] = 2 * (t[i] - i);
  return OPTEX_OK;
}
const optex_plugin *optex_get_plugin(void) {
  static const optex_plugin mine = {OPTEX_PLUGIN_VERSION, sizeof mine, "mine", create, dimension, value_and_gradient};
  return &mine;
}
"""
CONFIG = """
[problem]
name = "plugin"
library = "{library}"
[method]
parallelism = 3
update = "replay"
[optimizer]
learning_rate = 0.01
[stop]
iterations = 12
[checkpoint]
every = "1 iterations"
[failure]
stall_seconds = 2
"""


def inject(lab):
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        raise Unavailable("needs a C compiler")
    source = lab.write_config("mine.c", PLUGIN)
    library = lab.folder / "mine.so"
    subprocess.run([compiler, "-shared", "-fPIC", f"-I{SOURCE / 'include'}", "-o", str(library), source], check=True)
    config = lab.write_config("mine.toml", CONFIG.format(library=library))
    lab.finish("whole", "run", config, "-o", "run")
    reference = lab.trajectory(lab.path("whole") / "run")
    ways = ("_exit()", "hangs", "quick_exit()", "exit()", "_Exit()", "forks")
    for trial in lab.trials(quick=4, full=42):
        with trial:
            place = f"try-{trial.number}"
            run = lab.path(place) / "run"
            how = ways[(trial.number - 1) % len(ways)]
            fault = {"HOW": how, "AT": str(lab.random.randint(4, 30))}
            code = {"hangs": 7, "forks": 0}.get(how, 3)
            start = lab.finish(place, "run", config, "-o", "run", environment=fault, code=code)
            word = {"hangs": "has not come back", "forks": ""}.get(how, f"called {how}")
            if word not in start.err or (word and "mine.so" not in start.err):
                raise Lost(f"no word about it: {start.err[-300:]!r}")
            if lab.status(run)["state"] == "running":
                raise Lost("the status says that it is running")
            lab.finish(place, "resume", "run")
            lab.same(run, reference)
