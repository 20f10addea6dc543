"""Builds and installs the module: pip install ./python

Its compiled half comes out of the project's own CMake build, of which this folder is a part. Needs what building OptEx needs
(docs/building.md), pybind11 and Python's headers.
"""

import pathlib
import shutil
import subprocess
import sys

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

here = pathlib.Path(__file__).resolve().parent


def pybind11_options():
    """pybind11 as pip installs it; Debian's is found without help."""
    try:
        import pybind11
    except ImportError:
        return []
    folder = pathlib.Path(pybind11.get_cmake_dir())
    return [f"-Dpybind11_DIR={folder}"] if folder.is_dir() else []


class CMakeBuild(build_ext):
    """Runs CMake in place of a compiler."""

    def build_extension(self, ext):
        target = pathlib.Path(self.get_ext_fullpath(ext.name)).resolve()
        build = pathlib.Path(self.build_temp).resolve()
        build.mkdir(parents=True, exist_ok=True)
        generator = ["-G", "Ninja"] if shutil.which("ninja") else []
        subprocess.run(
            ["cmake", *generator, "-S", str(here.parent), "-B", str(build), "-DCMAKE_BUILD_TYPE=Release", "-DOPTEX_FAST_BUILD=ON",
             "-DOPTEX_MPI=OFF", "-DOPTEX_TESTS=OFF", "-DOPTEX_REPORT_CHARTS=OFF", "-DOPTEX_PYTHON=ON",
             f"-DPython_EXECUTABLE={sys.executable}", *pybind11_options()], check=True)
        subprocess.run(["cmake", "--build", str(build), "--target", "optex_python", "--parallel"], check=True)
        built, = (build / "share" / "optex" / "python" / "optex").glob("_core*.so")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(built, target)


def version():
    for line in (here.parent / "CMakeLists.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("project(optex VERSION "):
            return line.split()[2]
    raise SystemExit("setup.py: the project's CMakeLists.txt names no version")


setup(
    name="optex",
    version=version(),
    description="Minimisation with expensive gradients, several of them side by side",
    license="Apache-2.0",
    python_requires=">=3.9",
    install_requires=["numpy"],
    packages=["optex"],
    ext_modules=[Extension("optex._core", sources=[])],
    cmdclass={"build_ext": CMakeBuild},
)
