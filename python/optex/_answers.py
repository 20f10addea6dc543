"""Values and gradients as people's functions return them, as the plain numbers that they have to be."""

import numpy as np


def real_value(value, of="value"):
    """A float. Refuses what would only become one by losing something."""
    if value is None:
        raise TypeError(f"the {of} is None; does the function return it?")
    if isinstance(value, (str, bytes)):
        raise TypeError(f"the {of} is a text, {value!r:.60}")
    return float(_plain(value, of))


def real_numbers(numbers, count, dtype=np.float64, of="gradient"):
    """A contiguous array of `count` numbers. Refuses what would only become one by losing something."""
    if numbers is None:
        raise TypeError(f"the {of} is None; does the function return it?")
    plain = np.asarray(_plain(numbers, of))
    if plain.dtype.kind == "O" and any(entry is None for entry in plain.flat):
        raise TypeError(f"the {of} must hold numbers; it holds None")
    found = np.ascontiguousarray(plain, dtype).reshape(-1)
    if found.size != count:
        raise ValueError(f"the {of} has {found.size} numbers, dimension is {count}")
    return found


def _plain(numbers, of):
    if isinstance(numbers, np.ma.MaskedArray):
        raise TypeError(f"the {of} is a masked array, whose mask would be lost; say which number a masked entry is: .filled(0.0)")
    kind = np.asarray(numbers).dtype
    if kind.kind not in "biufcO":  # numpy makes numbers of dates, texts and records, too
        raise TypeError(f"the {of} is made of {kind}, not of numbers")
    if not np.iscomplexobj(numbers):
        return numbers
    if np.any(np.imag(numbers) != 0):
        raise TypeError(f"the {of} is complex with an imaginary part, which would be lost; take .real, or unknowns of twice the length")
    return np.real(numbers)
