"""HDF5 files with structures that break readers, and changed bytes in good ones. Made once by a Python that has h5py."""
import shutil
import subprocess
import sys

MAKE = r'''
import sys, numpy as np, h5py
folder = sys.argv[1]
def make(name, build, **options):
    with h5py.File(f"{folder}/{name}.h5", "w", **options) as file:
        build(file)
NAMES = ("start", "x", "y", "solution/theta", "state/theta", "number", "value", "gradient")
def all_of(shape, dtype, **options):
    def build(file):
        for name in NAMES:
            file.create_dataset(name, shape=shape, dtype=dtype, **options)
    return build
make("claims_1e12", all_of((10**12,), "f8"))
make("claims_1e12_chunked", all_of((10**12,), "f8", chunks=(1000,)))
make("claims_2d", all_of((2**31, 2**31), "f8", chunks=(1, 1000)))
make("rank_0", all_of((), "f8"))
make("rank_9", all_of((1,) * 9, "f8"))
make("empty", all_of((0,), "f8"))
make("unlimited", all_of((6,), "f8", chunks=(6,), maxshape=(None,)))
make("huge_chunk", all_of((2**28,), "f8", chunks=(2**28,)))
make("strings", all_of((6,), "S10"))
make("long_strings", all_of((3,), h5py.string_dtype()))
make("compound", all_of((6,), np.dtype([("a", "f8"), ("b", "i4")])))
make("half", all_of((6,), "f2"))
make("long_double", all_of((6,), "g"))
make("complex", all_of((6,), "c16"))
make("big_endian", all_of((6,), ">f8"))
make("opaque", all_of((6,), "V7"))
make("references", all_of((6,), h5py.ref_dtype))
make("enums", all_of((6,), h5py.enum_dtype({"a": 1, "b": 2})))
make("arrays", all_of((6,), np.dtype("(3,)f8")))
def bomb(file):
    for name in NAMES:
        file.create_dataset(name, data=np.zeros(2**24), chunks=(2**22,), compression="gzip", compression_opts=9, shuffle=True)
make("bomb", bomb)
def nans(file):
    for name in NAMES:
        file[name] = np.array([np.nan, np.inf, -np.inf, 1e308, -0.0, 5e-324])
make("nans", nans)
def loops(file):
    for name in NAMES:
        file[name] = h5py.SoftLink("/" + name)
make("soft_loop", loops)
def outside(file):
    for name in NAMES:
        file[name] = h5py.ExternalLink("/etc/passwd", "/x")
make("external", outside)
def hard_loop(file):
    group = file.create_group("solution")
    group["theta"] = group
    file["x"] = group
    file["start"] = file["/"]
make("hard_loop", hard_loop)
def deep(file):
    group = file
    for _ in range(500):
        group = group.create_group("g")
    file["solution"] = group
make("deep", deep)
def many(file):
    for number in range(5000):
        file.attrs.create(f"a{number:05}", number) if number < 1000 else file.create_group(f"g{number:05}")
make("many", many, libver="latest")
def attributes(file):
    file.attrs["format"] = "optex-checkpoint"
    file.attrs["format_version"] = "x"
    file.attrs["iteration"] = np.arange(5)
    file.attrs["dimension"] = -1
    file.attrs["config_hash"] = "\x1b[31m" * 1000
    file["state/theta"] = np.zeros(6)
make("attributes", attributes)
def results(file):
    file.attrs["format"] = "optex-results"
    file.attrs["status"] = "\x1b]0;title\x07"
    file.attrs["reason"] = h5py.Empty("f8")
    file["solution/theta"] = np.zeros(6)
    file["metrics/\x1b[31mred"] = np.zeros(6)
    file["metrics/value"] = np.zeros((2, 2))
make("results", results)
def virtual(file):
    layout = h5py.VirtualLayout(shape=(6,), dtype="f8")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(6,))
    for name in NAMES:
        file.create_virtual_dataset(name, layout)
make("virtual", virtual)
def data_outside(file):
    for name in NAMES:
        file.create_dataset(name, shape=(6,), dtype="f8", external=[("/dev/zero", 0, 48)])
make("data_outside", data_outside)
def table(file):
    file["x"] = np.random.default_rng(1).random((40, 3))
    file["y"] = np.arange(40) % 2
    file["start"] = np.zeros(6)
    file["number"], file["value"], file["gradient"] = [0, 1], [1.0, 2.0], np.zeros((2, 3))
make("good", table)
make("good_chunked", lambda file: [file.create_dataset(name, data=np.ones((40, 3)), chunks=(7, 2), compression="gzip", fletcher32=True) for name in NAMES])
def answers(number, value, gradient):
    def build(file):
        file["number"], file["value"], file["gradient"] = number, value, gradient
    return build
make("answers_far", answers([2**62, -1], [1.0, 2.0], np.zeros((2, 3))))
make("answers_twice", answers([0, 0], [1.0, 2.0], np.zeros((2, 3))))
make("answers_short", answers([0, 1], [1.0], np.zeros((1, 3))))
make("answers_wide", answers([0], [1.0], np.zeros((1, 10**6))))
make("answers_floats", answers([0.5, 1.5], [1.0, np.nan], np.full((2, 3), np.nan)))
'''


def python_with_h5py():
    for name in ("/usr/bin/python3", sys.executable):
        if shutil.which(name) and subprocess.run([name, "-c", "import h5py"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return name
    return None


def make_all(python, folder):
    script = folder / "make.py"
    script.write_text(MAKE)
    subprocess.run([python, str(script), str(folder)], check=True)
    return sorted(folder.glob("*.h5"))


def one(library, good, target, random):
    """(name, what was done): a file as it was made, one of a run's, or one of both with other bytes."""
    of_runs = sorted(good.glob("*/results.h5")) + sorted(good.glob("*/checkpoints/*.h5"))
    source = random.choice(library if random.random() < 0.8 else of_runs)
    content = bytearray(source.read_bytes())
    what = "as it was made"
    if random.random() < 0.5 and len(content) < 10**7:
        what = "cut" if random.random() < 0.2 else "other bytes"
        if what == "cut":
            content = content[: random.randrange(len(content))]
        else:
            # Structures stand near the beginning; most of the rest is numbers.
            reach = len(content) if random.random() < 0.3 else min(len(content), 4096)
            for _ in range(random.choice((1, 1, 3, 30))):
                content[random.randrange(reach)] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
    target.write_bytes(content)
    return source.name, what
