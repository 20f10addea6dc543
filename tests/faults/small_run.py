"""The run that most faults are injected into: small, with a checkpoint after every round, the same at any number of ranks."""

CONFIG = """
[problem]
name = "{problem}"
dimension = {dimension}
{cost}
[method]
parallelism = 4
update = "replay"
[optimizer]
learning_rate = 0.01
[stop]
iterations = {rounds}
[checkpoint]
every = "{every}"
{more}
"""


def config(lab, name, rounds, dimension=200, seconds=0.0, more="", problem="rosenbrock", every="1 iterations"):
    """A configuration file. `seconds`: so long an evaluation sleeps; `more`: further lines of TOML."""
    cost = f'cost = {{ kind = "sleep", seconds = {seconds} }}' if seconds > 0 else ""
    text = CONFIG.format(rounds=rounds, dimension=dimension, cost=cost, more=more, problem=problem, every=every)
    return lab.write_config(name + ".toml", text)


def reference(lab, configuration, place="whole"):
    """The trajectory that nothing disturbed."""
    lab.finish(place, "run", configuration, "-o", "run")
    return lab.trajectory(lab.path(place) / "run")
