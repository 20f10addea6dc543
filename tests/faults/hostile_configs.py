"""Configurations that nobody would write."""

GOOD = """[run]
name = "x"
[problem]
name = "rosenbrock"
dimension = 20
lower = -2.0
upper = 2.0
[problem.noise]
kind = "gaussian"
sigma = 0.1
[method]
update = "replay"
parallelism = 4
[optimizer]
name = "adam"
learning_rate = 0.01
schedule = "cosine"
[stop]
iterations = 10
[checkpoint]
every = "1 iterations"
keep = 3
[sweep]
"optimizer.learning_rate" = [0.01, 0.1]
"""
WORDS = ("0", "-1", "1e400", "nan", "inf", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1_000", "0x7fffffffffffffff", "true", "\"\"",
         "\"\\u001b[31m\"", "\"\\u0000\"", "\"../../../x\"", "\"/dev/zero\"", "[]", "[[[[]]]]", "{}", "{a = 1}", "1979-05-27T07:32:00Z", "\"x.h5:/y\"",
         "\"/dev/zero:/x\"", "'''", "\"\"\"", "\"999999999999 iterations\"", "\"1e30 min\"", "1e-320", "1e308", "[0.1, \"a\", 1979-05-27]",
         "\"" + "x" * 70_000 + "\"")
KEYS = ("problem.name", "problem.dimension", "problem.library", "problem.command", "data.source", "data.format", "data.shards", "method.name", "method.update",
        "method.parallelism", "method.history", "method.ring", "estimator.kernel", "estimator.lengthscale", "optimizer.name", "checkpoint.every",
        "checkpoint.keep", "stop.seconds", "stop.iterations", "run.name", "run.output", "problem.initial", "problem.scale", "log.every", "failure.quorum",
        "sweep.seeds", "sweep.\"stop.iterations\"", "parallel.threads", "failure.stall_seconds")


def text(random):
    """Bytes, and in words what was done."""
    how = random.choice(HOWS)
    content = how(random)
    return content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"), how.__name__


def other_value(random):
    lines = GOOD.splitlines()
    for _ in range(random.randint(1, 4)):
        place = random.randrange(len(lines))
        if "=" in lines[place]:
            lines[place] = lines[place].split("=")[0] + "= " + random.choice(WORDS)
    return "\n".join(lines)


def more_keys(random):
    """A table is named once in TOML: dotted keys stand in front of all of them."""
    keys = [f"{random.choice(KEYS)} = {random.choice(WORDS)}" for _ in range(random.randint(1, 6))]
    return "\n".join(keys) + "\n" + (GOOD if random.random() < 0.5 else "")


def problem_of_words(random):
    name = random.choice(("softmax", "mlp", "dqn", "heat_inversion", "char_lm", "logistic", "plugin", "external", "quadratic"))
    lines = [f'{key} = {random.choice(WORDS)}' for key in random.sample(("dimension", "hidden", "l2", "cells", "library", "environment", "width"), 2)]
    return f'[problem]\nname = "{name}"\n' + "\n".join(lines) + "\n[data]\nsource = " + random.choice(WORDS) + "\n"


def changed_bytes(random):
    content = bytearray(GOOD.encode())
    for _ in range(random.randint(1, 20)):
        place = random.randrange(len(content))
        if random.random() < 0.5:
            content[place] = random.randrange(256)
        else:
            content[place:place] = random.choice((b"[", b'"', b"'''", b"=", b"\r", b"\0", b"\xff", b"#", b"{", b".", b"\xe2\x80\xa8", b"\\"))
    return bytes(content)


def deep(random):
    many = random.choice((40, 60, 1000, 200_000))
    return random.choice(("a." * many + "a = 1", "a = " + "[" * many, "a = " + "{a=" * many, "[" + "a." * many + "a]", "x = " + "[" * many + "]" * many))


def wide(random):
    many = random.choice((1000, 100_000, 400_000))
    return random.choice(
        (
            lambda: "\n".join(f"k{i} = {i}" for i in range(many)),
            lambda: "\n".join(f"[t{i}]" for i in range(many)),
            lambda: "x = [" + "1," * many + "]",
            lambda: "[sweep]\n" + '"stop.iterations" = [' + ",".join(str(i + 1) for i in range(many)) + "]\n",
            lambda: "[sweep]\n" + "".join(f'"{key}" = [1, 2, 3, 4, 5, 6, 7, 8, 9]\n' for key in KEYS[:20]),
            lambda: '"' + "k" * many + '" = 1',
            lambda: "#" * many,
            lambda: "\n" * many + "[",
        )
    )()


def other_encoding(random):
    return GOOD.encode(random.choice(("utf-16", "utf-32", "utf-8-sig", "utf-16-be", "cp037")))


def noise(random):
    return random.randbytes(random.choice((0, 1, 1000, 100_000)))


HOWS = (other_value, other_value, other_value, more_keys, more_keys, problem_of_words, changed_bytes, changed_bytes, deep, wide, other_encoding, noise)
