"""The run that most faults are injected into: small, with a checkpoint after every round, the same at any number of ranks."""

CONFIG = """
[problem]
name = "rosenbrock"
dimension = {dimension}
{cost}
[method]
parallelism = {points}
{method}
[optimizer]
learning_rate = 0.01
[stop]
iterations = {rounds}
[checkpoint]
every = "{every}"
keep = {keep}
{more}
"""


def config(lab, name, rounds, dimension=200, seconds=0.0, more="", every="1 iterations", method=None, keep=3, points=4):
    """A configuration file. `seconds`: so long an evaluation sleeps; `more`: further lines of TOML; `method`: another one than
    optex with replay."""
    cost = f'cost = {{ kind = "sleep", seconds = {seconds} }}' if seconds > 0 else ""
    rule = f'name = "{method}"' if method else 'update = "replay"'
    text = CONFIG.format(rounds=rounds, dimension=dimension, cost=cost, more=more, every=every, method=rule, keep=keep, points=points)
    return lab.write_config(name + ".toml", text)


def reference(lab, configuration, place="whole"):
    """The trajectory that nothing disturbed."""
    lab.finish(place, "run", configuration, "-o", "run")
    return lab.trajectory(lab.path(place) / "run")
