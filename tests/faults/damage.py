"""Ways to damage a file."""


def flip_bit(path, random):
    """One bit anywhere; says which."""
    content = bytearray(path.read_bytes())
    place, bit = random.randrange(len(content)), random.randrange(8)
    content[place] ^= 1 << bit
    path.write_bytes(content)
    return f"bit {bit} of byte {place} flipped"


def truncate(path, random):
    length = random.randrange(path.stat().st_size)
    with path.open("r+b") as file:
        file.truncate(length)
    return f"cut to {length} bytes"


def zero_page(path, random):
    """A page that never reached the disk."""
    content = bytearray(path.read_bytes())
    start = 4096 * random.randrange((len(content) + 4095) // 4096)
    page = content[start : start + 4096]
    if not any(page):
        return flip_bit(path, random)
    content[start : start + 4096] = bytes(len(page))
    path.write_bytes(content)
    return f"zeros from byte {start} on"


def any_damage(path, random):
    return random.choice((flip_bit, flip_bit, flip_bit, truncate, zero_page))(path, random)
