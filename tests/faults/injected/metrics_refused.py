"""A line of metrics.jsonl is refused by the disk (once, or from then on), or lines are gone: exit code 6, no checkpoint of a
round that has no line, and the resumed run has every line; lost lines are said."""
import json

import preload
import small_run
from tally import Lost

# the n-th write of a line of metrics fails with ENOSPC after half of it: only that one, or all later ones too
SOURCE = r"""
ssize_t write(int file, const void* bytes, size_t count) {
  static int seen = 0;
  static ssize_t (*system_write)(int, const void*, size_t) = 0;
  if (!system_write) system_write = (ssize_t (*)(int, const void*, size_t))dlsym(RTLD_NEXT, "write");
  const char* at = getenv("REFUSE_AT");
  if (at && count > 13 && !memcmp(bytes, "{\"iteration\":", 13)) {
    ++seen;
    if (seen == atoi(at) || (seen > atoi(at) && getenv("REFUSE_ALL"))) {
      errno = ENOSPC;
      return -1;
    }
  }
  return system_write(file, bytes, count);
}
"""


def inject(lab):
    library = preload.build(lab, "refuse", SOURCE)
    config = small_run.config(lab, "small", rounds=20, dimension=30)
    reference = small_run.reference(lab, config)
    for trial in lab.trials(quick=3, full=40):
        with trial:
            place = f"try-{trial.number}"
            run = lab.path(place) / "run"
            refused = {"LD_PRELOAD": library, "REFUSE_AT": str(lab.random.randint(1, 19))}
            if trial.number % 2:
                refused["REFUSE_ALL"] = "1"
            start = lab.finish(place, "run", config, "-o", "run", code=6, environment=refused)
            if "metrics.jsonl" not in start.err:
                raise Lost(f"{refused}: {start.err.strip()[-300:]!r}")
            newest = lab.newest_checkpoint(run)
            if newest and int(newest.stem[10:]) > lab.rounds(run):
                raise Lost(f"{refused}: {newest.name}, but {lab.rounds(run)} lines")
            lab.finish(place, "resume", "run", ranks=lab.random.choice((0, 3)))
            lab.same(run, reference)
            gap(lab, run, place)


def gap(lab, run, place):
    """Lines that somebody took away are missed; the two whose checkpoints are there come back with what these know."""
    lines = (run / "metrics.jsonl").read_text().splitlines(keepends=True)
    first = lab.random.randint(2, 15)
    gone = (first, first + 1, 19, 20)
    (run / "metrics.jsonl").write_text("".join(line for number, line in enumerate(lines, 1) if number not in gone))
    start = lab.finish(place, "resume", "run", "--stop.iterations=22")
    if "lines are missing" not in start.err or f"{first} to {first + 1}" not in start.err:
        raise Lost(f"rounds {first} and {first + 1}: {start.err.strip()!r}")
    found = {line["iteration"]: line for line in map(json.loads, (run / "metrics.jsonl").read_text().splitlines())}
    if list(found) != [round for round in range(1, 23) if round not in (first, first + 1)]:
        raise Lost(f"lines of the rounds {list(found)}")
    for round in (19, 20):
        before = json.loads(lines[round - 1])
        if any(found[round][key] != before[key] for key in ("best_value", "evaluations")) or not found[round]["restored"]:
            raise Lost(f"round {round}: {found[round]} instead of {before}")
