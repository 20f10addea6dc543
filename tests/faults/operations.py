"""Counts what a program does to files below a folder, and breaks the k-th of it (LD_PRELOAD)."""
import preload

# OP_BELOW: the folder. OP_LOG: a file that gets a line an operation. OP_AT: which one is broken, counted from 1; OP_FAULT:
# "kill" (before it), "torn" (after half of a write), or an errno; OP_ALL: those after it fail as well. OP_READS: opening for
# reading and reading count, too.
SOURCE = r"""
#include <signal.h>
#include <stdio.h>
#include <sys/uio.h>
#define AT_CWD (-100)
#define NEXT(name, type) ((type)dlsym(RTLD_NEXT, name))
static int seen;                     /* operations so far */
static char full[4096];              /* a file's next write fails: the disk took half of the one before */

static void place_of(int folder, const char* name, char* out, size_t size) {
  char link[64], base[2048] = "";
  ssize_t length = 0;
  if (!strncmp(name, "/proc/self/fd/", 14)) { folder = atoi(name + 14); name = ""; }
  if (name[0] != '/') {
    if (folder == AT_CWD) { if (syscall(SYS_getcwd, base, sizeof base) < 0) base[0] = 0; }
    else {
      snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
      length = syscall(SYS_readlinkat, AT_CWD, link, base, sizeof base - 1);
      base[length > 0 ? length : 0] = 0;
    }
  }
  snprintf(out, size, "%s%s%s", base, base[0] && name[0] ? "/" : "", name);
}
static int is_below(const char* path) {
  const char* below = getenv("OP_BELOW");
  return below && !strncmp(path, below, strlen(below)) && (path[strlen(below)] == '/' || !path[strlen(below)]);
}
/* 0: go on; -1: errno is set, the operation fails; 1: only half of it is done; does not return when it kills */
static int broken(const char* what, int folder, const char* name, int is_write) {
  char path[4096], line[4400];
  const char* at = getenv("OP_AT"), *fault = getenv("OP_FAULT"), *log = getenv("OP_LOG");
  const int errno_before = errno;
  place_of(folder, name, path, sizeof path);
  if (!is_below(path)) { errno = errno_before; return 0; }
  const int mine = __sync_add_and_fetch(&seen, 1);
  if (log) {
    const int file = (int)syscall(SYS_openat, AT_CWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    const int length = snprintf(line, sizeof line, "%s %s\n", what, path + strlen(getenv("OP_BELOW")));
    if (syscall(SYS_write, file, line, length) < 0) abort();
    syscall(SYS_close, file);
  }
  errno = errno_before;
  if (!at || !fault) return 0;
  const int mark = atoi(at);
  if (!strcmp(fault, "kill") || !strcmp(fault, "torn")) {
    if (mine != mark) return 0;
    if (!strcmp(fault, "torn") && is_write) return 1;
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  }
  if (mine != mark && !(getenv("OP_ALL") && mine > mark)) return 0;
  errno = atoi(fault);
  return -1;
}
static int opens(int folder, const char* name, int flags) {
  if (flags & (O_CREAT | O_WRONLY | O_RDWR | O_TRUNC)) return broken("open", folder, name, 0);
  return getenv("OP_READS") ? broken("open_to_read", folder, name, 0) : 0;
}
#define MODE int mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, int); va_end(rest); }
#define OPEN(name) int name(const char* path, int flags, ...) { MODE                                          \
  if (opens(AT_CWD, path, flags)) return -1;                                                                  \
  return NEXT(#name, int (*)(const char*, int, ...))(path, flags, mode); }
#define OPENAT(name) int name(int folder, const char* path, int flags, ...) { MODE                            \
  if (opens(folder, path, flags)) return -1;                                                                  \
  return NEXT(#name, int (*)(int, const char*, int, ...))(folder, path, flags, mode); }
OPEN(open) OPEN(open64) OPENAT(openat) OPENAT(openat64)
#define FOPEN(name) FILE* name(const char* path, const char* mode) {                                          \
  if (strpbrk(mode, "wa+") ? broken("open", AT_CWD, path, 0) : getenv("OP_READS") ? broken("open_to_read", AT_CWD, path, 0) : 0) return 0; \
  return NEXT(#name, FILE* (*)(const char*, const char*))(path, mode); }
FOPEN(fopen) FOPEN(fopen64)

#define WRITE(name, parameters, arguments)                                                                    \
  ssize_t name parameters {                                                                                   \
    ssize_t (*next) parameters = NEXT(#name, ssize_t (*) parameters);                                         \
    if (file >= 0 && file < 4096 && full[file]) { full[file] = 0; errno = ENOSPC; return -1; }                \
    const int how = broken("write", file, "", 1);                                                             \
    if (!how) return next arguments;                                                                          \
    const int halves = how == 1 || errno == ENOSPC;                                                           \
    if (!halves || count < 2) { if (how == 1) syscall(SYS_kill, syscall(SYS_getpid), SIGKILL); return -1; }   \
    count /= 2;                                                                                               \
    const ssize_t done = next arguments;                                                                      \
    if (how == 1) syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);                                            \
    if (file < 4096) full[file] = 1;                                                                          \
    return done; }
WRITE(write, (int file, const void* bytes, size_t count), (file, bytes, count))
WRITE(pwrite, (int file, const void* bytes, size_t count, off_t at), (file, bytes, count, at))
WRITE(pwrite64, (int file, const void* bytes, size_t count, off64_t at), (file, bytes, count, at))
ssize_t writev(int file, const struct iovec* pieces, int count) {
  if (broken("write", file, "", 0)) return -1;
  return NEXT("writev", ssize_t (*)(int, const struct iovec*, int))(file, pieces, count);
}
#define READ(name, parameters, arguments) ssize_t name parameters {                                           \
  if (getenv("OP_READS") && broken("read", file, "", 0)) return -1;                                           \
  return NEXT(#name, ssize_t (*) parameters) arguments; }
READ(read, (int file, void* bytes, size_t count), (file, bytes, count))
READ(pread, (int file, void* bytes, size_t count, off_t at), (file, bytes, count, at))
READ(pread64, (int file, void* bytes, size_t count, off64_t at), (file, bytes, count, at))

#define ON_FILE(name, word, parameters, arguments) int name parameters {                                      \
  if (broken(word, file, "", 0)) return -1;                                                                   \
  return NEXT(#name, int (*) parameters) arguments; }
ON_FILE(ftruncate, "truncate", (int file, off_t size), (file, size))
ON_FILE(ftruncate64, "truncate", (int file, off64_t size), (file, size))
ON_FILE(fsync, "sync", (int file), (file))
ON_FILE(fdatasync, "sync", (int file), (file))
ON_FILE(fchmod, "chmod", (int file, mode_t mode), (file, mode))
#define ON_NAME(name, word, parameters, arguments, folder) int name parameters {                              \
  if (broken(word, folder, path, 0)) return -1;                                                               \
  return NEXT(#name, int (*) parameters) arguments; }
ON_NAME(unlink, "unlink", (const char* path), (path), AT_CWD)
ON_NAME(remove, "unlink", (const char* path), (path), AT_CWD)
ON_NAME(rmdir, "unlink", (const char* path), (path), AT_CWD)
ON_NAME(unlinkat, "unlink", (int folder, const char* path, int flags), (folder, path, flags), folder)
ON_NAME(mkdir, "mkdir", (const char* path, mode_t mode), (path, mode), AT_CWD)
ON_NAME(mkdirat, "mkdir", (int folder, const char* path, mode_t mode), (folder, path, mode), folder)
ON_NAME(rename, "rename", (const char* path, const char* to), (path, to), AT_CWD)
ON_NAME(renameat, "rename", (int folder, const char* path, int other, const char* to), (folder, path, other, to), folder)
ON_NAME(linkat, "link", (int folder, const char* path, int other, const char* to, int flags), (folder, path, other, to, flags), folder)
"""


def library(lab):
    return preload.build(lab, "operations", SOURCE)


def breaking(library, below, number, fault, from_then_on=False, reads=False):
    """The environment in which the operation `number` below a folder meets its fault: "kill", "torn", or an errno."""
    words = {"LD_PRELOAD": library, "OP_BELOW": str(below), "OP_AT": str(number), "OP_FAULT": str(fault)}
    words.update({"OP_ALL": "1"} if from_then_on else {})
    words.update({"OP_READS": "1"} if reads else {})
    return words


def count(lab, library, place, words, below, reads=False):
    """What a command does below a folder, a line "WHAT NAME" each, when nothing breaks it."""
    log = lab.path(place) / "operations.txt"
    environment = {"LD_PRELOAD": library, "OP_BELOW": str(below), "OP_LOG": str(log), **({"OP_READS": "1"} if reads else {})}
    lab.finish(place, *words, environment=environment)
    return log.read_text().splitlines()
