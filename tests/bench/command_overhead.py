"""What a call of a program beside a rank costs: python3 command_overhead.py OPTEX [DIMENSION].

The objective only hands theta back as its own gradient. One rank, vanilla gradient descent: a round is one call. The same
without messages (the plug-in interface would be 0) is what `seconds_in.evaluate` of a round cannot go below.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

PROGRAM = """
import optex
optex.serve(lambda theta: (0.5, theta), dimension=DIMENSION)
"""
CONFIG = """
[problem]
name = "command"
command = ["PYTHON", "identity.py"]
precision = "PRECISION"
[optimizer]
name = "sgd"
learning_rate = 0.01
[method]
name = "vanilla"
[stop]
iterations = 60
[checkpoint]
every = "1000 iterations"
"""


def main():
    optex = pathlib.Path(sys.argv[1]).resolve()
    dimension = int(float(sys.argv[2])) if len(sys.argv) > 2 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "identity.py").write_text(PROGRAM.replace("DIMENSION", str(dimension)))
        for precision in ("f64", "f32"):
            (place / "c.toml").write_text(CONFIG.replace("PYTHON", sys.executable).replace("PRECISION", precision))
            subprocess.run([optex, "run", "c.toml", "-o", precision, "--log.level=error"], cwd=place, check=True,
                           stdout=subprocess.DEVNULL)
            lines = (place / precision / "metrics.jsonl").read_text().splitlines()
            calls = [1e3 * json.loads(line)["seconds_in"]["evaluate"] for line in lines][5:]
            print(f"d = {dimension}, {precision}: {statistics.median(calls):.2f} ms a call (median of {len(calls)}, "
                  f"fastest {min(calls):.2f}, slowest {max(calls):.2f})")


if __name__ == "__main__":
    main()
