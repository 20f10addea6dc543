"""What is counted of a fault, and the table of all."""
import collections
import threading


class Lost(Exception):
    """A promise was broken in this try: a checkpoint lost, a wrong number, a wrong exit code, no word about it."""


class Hung(Exception):
    """Something did not end in its time."""


class Unavailable(Exception):
    """This fault cannot be injected here, and why."""


class Trial:
    """One try: `with trial:` counts it, and goes on with the next when it is lost or hangs."""

    def __init__(self, tally, number):
        self.number = number
        self.tally_ = tally

    def __enter__(self):
        with self.tally_.lock:
            self.tally_.tries += 1
        return self

    def __exit__(self, kind, error, _):
        if kind is None:
            return False
        if not issubclass(kind, (Lost, Hung)):
            return False
        with self.tally_.lock:
            if issubclass(kind, Hung):
                self.tally_.hung += 1
            else:
                self.tally_.lost += 1
            self.tally_.notes.append(f"{'hung' if issubclass(kind, Hung) else 'lost'} in try {self.number}: {error}")
        return True


class Tally:
    def __init__(self, name):
        self.name = name
        self.tries = 0
        self.lost = 0
        self.hung = 0
        self.worst_notice = None  # seconds from the fault to the end of the run or to its first word about it
        self.notes = []
        self.remarks = collections.Counter()  # what else was seen how often
        self.unavailable = None
        self.interrupted = False
        self.lock = threading.Lock()  # tries may be made side by side

    def noticed_after(self, seconds):
        with self.lock:
            self.worst_notice = max(seconds, self.worst_notice or 0.0)

    def remark(self, what):
        with self.lock:
            self.remarks[what] += 1

    def cells(self):
        if self.unavailable is not None:
            return [self.name, "-", "-", "-", f"not here: {self.unavailable}"]
        notice = "-" if self.worst_notice is None else f"{self.worst_notice:.1f} s"
        return [self.name, str(self.tries), str(self.lost), str(self.hung), notice]

    def summary(self):
        _, tries, lost, hung, notice = self.cells()
        return notice if self.unavailable is not None else f"{tries} tries, {lost} lost, {hung} hung, worst {notice}"


def table(tallies):
    """Markdown, with columns that line up."""
    rows = [["fault", "tries", "lost", "hung", "worst time to notice"]] + [tally.cells() for tally in tallies]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
