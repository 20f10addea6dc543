"""What there is to see of a solution."""

import dataclasses

import numpy as np


@dataclasses.dataclass
class Field:
    """Numbers that people look at: a field, an image, curves or a table.

    values  2-D: a heat map (row 0 at the top), or what `kind` says; 1-D: a curve over the entry's number
    unit    of the values: "W/(m K)"
    truth   what the values should be, of the same shape
    kind    "field", "image" (shades of grey), "curve" (lines over column 0) or "table"
    origin  "upper" or "lower": of a field, where its row 0 is drawn, as for matplotlib's imshow

    NaN is left blank.
    """

    values: object
    unit: str = ""
    truth: object = None
    kind: str = None
    origin: str = "upper"

    @staticmethod
    def of(found):
        return found if isinstance(found, Field) else Field(found)

    def entries(self, name):
        """(four lines of text, array of rows x columns) for this, and for the truth, if it is known."""
        values = _two_dimensional(self.values, name)
        kind = self.kind or ("field" if np.ndim(self.values) == 2 else "curve")
        if kind not in ("field", "image", "curve", "table"):
            raise ValueError(f"kind {kind!r} of {name!r}: must be field, image, curve or table")
        if self.origin not in ("upper", "lower") or (self.origin == "lower" and kind != "field"):
            raise ValueError(f"origin {self.origin!r} of {name!r}: must be upper, or for a field lower")
        if self.origin == "lower":
            kind = "field_lower"
        if self.truth is None:
            return [(_lines(name, kind, self.unit, ""), values)]
        truth = _two_dimensional(self.truth, f"the truth of {name}")
        if truth.shape != values.shape:
            raise ValueError(f"{name!r} has the shape {values.shape}, its truth {truth.shape}")
        of_truth = f"true {name}"
        return [(_lines(of_truth, kind, self.unit, ""), truth), (_lines(name, kind, self.unit, of_truth), values)]


def _lines(*words):
    return "\n".join(" ".join(str(word).split()) for word in words)


def _two_dimensional(numbers, name):
    found = np.asarray(numbers)
    if found.ndim not in (1, 2) or found.size == 0 or not (np.issubdtype(found.dtype, np.number) or found.dtype == bool) \
            or np.iscomplexobj(found):
        raise ValueError(f"{name!r}: a field is a 1-D or 2-D array of real numbers, not {found.ndim}-D of {found.dtype}, {found.size} entries")
    return np.ascontiguousarray(found.reshape(len(found), -1), dtype=np.float64)
