"""The newest checkpoint is whole but cannot be read just now (a stale handle, a bad disk, no permission, no descriptor left):
exit code 6 that names it, nothing is touched, no older one is taken in its place; readable again, the run goes on to the same
numbers."""
import hashlib

import preload
import small_run
from tally import Lost

# open and read of a file whose name holds BREAK_NAME fail with BREAK_ERRNO; BREAK_CALL chooses which of the two
SOURCE = r"""
static int hit(const char* path) { const char* name = getenv("BREAK_NAME"); return path && name && strstr(path, name); }
static int is_call(const char* call) { const char* wanted = getenv("BREAK_CALL"); return wanted && !strcmp(wanted, call); }
static int broken[4096];
static int opened(int file, const char* path) {
  if (file >= 0 && file < 4096) broken[file] = hit(path);
  return file;
}
#define OPEN(name)                                                                                        \
  int name(const char* path, int flags, ...) {                                                            \
    va_list rest; va_start(rest, flags); int mode = va_arg(rest, int); va_end(rest);                      \
    if (hit(path) && is_call("open")) { errno = atoi(getenv("BREAK_ERRNO")); return -1; }                 \
    return opened(((int (*)(const char*, int, ...))dlsym(RTLD_NEXT, #name))(path, flags, mode), path);    \
  }
#define OPENAT(name)                                                                                      \
  int name(int folder, const char* path, int flags, ...) {                                                \
    va_list rest; va_start(rest, flags); int mode = va_arg(rest, int); va_end(rest);                      \
    if (hit(path) && is_call("open")) { errno = atoi(getenv("BREAK_ERRNO")); return -1; }                 \
    return opened(((int (*)(int, const char*, int, ...))dlsym(RTLD_NEXT, #name))(folder, path, flags, mode), path); \
  }
#define PREAD(name, offset_type)                                                                          \
  ssize_t name(int file, void* bytes, size_t count, offset_type offset) {                                 \
    if (file >= 0 && file < 4096 && broken[file] && is_call("read")) {                                    \
      errno = atoi(getenv("BREAK_ERRNO")); return -1; }                                                   \
    return ((ssize_t (*)(int, void*, size_t, offset_type))dlsym(RTLD_NEXT, #name))(file, bytes, count, offset); \
  }
OPEN(open) OPEN(open64) OPENAT(openat) OPENAT(openat64) PREAD(pread, off_t) PREAD(pread64, off64_t)
int close(int file) {
  if (file >= 0 && file < 4096) broken[file] = 0;
  return ((int (*)(int))dlsym(RTLD_NEXT, "close"))(file);
}
"""

ERRORS = {"ESTALE": 116, "EIO": 5, "EACCES": 13, "EMFILE": 24}


def content(run):
    """Of everything that a resumed run could spoil; the log of events may have a line more."""
    return {
        str(file.relative_to(run)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in run.rglob("*")
        if file.is_file() and file.name not in ("events.jsonl", ".optex-lock")
    }


def inject(lab):
    library = preload.build(lab, "unreadable", SOURCE)
    reference = small_run.reference(lab, small_run.config(lab, "whole", rounds=14, dimension=30))
    config = small_run.config(lab, "part", rounds=11, dimension=30)
    for trial in lab.trials(quick=4, full=40):
        with trial:
            place = f"try-{trial.number}"
            lab.finish(place, "run", config, "-o", "run")
            run = lab.path(place) / "run"
            newest = lab.newest_checkpoint(run)
            before = content(run)
            word = sorted(ERRORS)[trial.number % len(ERRORS)]
            call = ("open", "read")[trial.number % 2] if word in ("ESTALE", "EIO") else "open"
            broken = {"LD_PRELOAD": library, "BREAK_NAME": newest.name, "BREAK_CALL": call, "BREAK_ERRNO": str(ERRORS[word])}
            start = lab.finish(place, "resume", "run", "--stop.iterations=14", code=6, environment=broken)
            if newest.name not in start.err or "--force" in start.err:
                raise Lost(f"{word} at {call}: {start.err.strip()!r}")
            changed = [name for name, digest in content(run).items() if before.get(name) != digest]
            if changed or len(content(run)) != len(before):
                raise Lost(f"{word} at {call}: touched {changed}")
            lab.finish(place, "resume", "run", "--stop.iterations=14", ranks=lab.random.choice((0, 2)))
            lab.same(run, reference)
