"""kill -9 at the k-th operation on files (before it, or after half of a write) of run, resume, ask, tell, sweep, compare and
report: what is there afterwards is whole, the same command goes on, and leads to the very numbers of one that nothing
disturbed."""
import operations
import scenes
from tally import Lost


def inject(lab):
    library = operations.library(lab)
    cases = []
    for scene in scenes.prepared(lab):
        place = scene.new_place(f"{scene.name}-counted")
        done = operations.count(lab, library, place, scene.words, lab.path(place) / scene.below)
        own = [(scene, number, "kill", what) for number, what in enumerate(done, 1)]
        own += [(scene, number, "torn", what) for number, what in enumerate(done, 1) if what.startswith("write ")]
        cases += [lab.random.choice(own)] if lab.quick else own
    lab.side_by_side(cases, lambda place, _, case: broken_off(lab, library, place, *case))


def broken_off(lab, library, place, scene, number, fault, what):
    try:
        scene.new_place(place)
        folder = lab.path(place)
        start = lab.start(place, *scene.words, environment=operations.breaking(library, folder / scene.below, number, fault))
        code = start.end(30)
        if code == 0:
            lab.tally.remark("ended before that operation came")
        elif code != -9:
            raise Lost(f"exit code {code}: {start.err[-300:]!r}")
        scene.still_whole(folder)
        scene.after(place)
        scene.same(place)
    except Lost as lost:
        raise Lost(f"{scene.name}, {fault} at operation {number} ({what}): {lost}") from None
