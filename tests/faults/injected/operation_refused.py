"""The disk refuses the k-th operation on files of run, resume, ask, tell, sweep, compare and report, and in another try that and
all later ones: no space (after half of a write) and a bad disk in turns, a bad disk and a stale handle where
something is read. Exit code 6 with a word about it, or 0 with everything there; the
same command then goes on to the very numbers, every line of metrics included, of one that nothing disturbed."""
import errno

import operations
import scenes
from tally import Lost

NO_SPACE, BAD_DISK, STALE = errno.ENOSPC, errno.EIO, errno.ESTALE


def inject(lab):
    library = operations.library(lab)
    cases = []
    for scene in scenes.prepared(lab):
        place = scene.new_place(f"{scene.name}-counted")
        done = operations.count(lab, library, place, scene.words, lab.path(place) / scene.below, reads=True)
        own = []
        for number, what in enumerate(done, 1):
            reads = what.split()[0] in ("open_to_read", "read")
            faults = (BAD_DISK, STALE) if reads else (NO_SPACE, BAD_DISK)
            own += [(scene, number, faults[(number + on) % 2], bool(on), what) for on in (0, 1)]
        cases += lab.random.sample(own, 2) if lab.quick else own
    lab.side_by_side(cases, lambda place, _, case: refused(lab, library, place, *case))


def refused(lab, library, place, scene, number, fault, on, what):
    try:
        scene.new_place(place)
        folder = lab.path(place)
        broken = operations.breaking(library, folder / scene.below, number, fault, from_then_on=on, reads=True)
        start = lab.start(place, *scene.words, environment=broken)
        code = start.end(30)
        if code not in (0, 6):
            raise Lost(f"exit code {code}: {start.err[-300:]!r}")
        if code == 6 and not start.err.strip():
            raise Lost("exit code 6 without a word")
        lab.tally.remark(f"ended with {code}")
        scene.still_whole(folder)
        if scene.runs and not on and scenes.state_of(folder / scene.below) == "running":
            raise Lost("the status says that it is running")
        scene.after(place)
        scene.same(place)
    except Lost as lost:
        kind = errno.errorcode[fault] + (" from then on" if on else "")
        raise Lost(f"{scene.name}, {kind} at operation {number} ({what}): {lost}") from None
