# spack repo add packaging/spack && spack dev-build optex@main      (in a copy of the project)
from spack.package import *


class Optex(CMakePackage):
    """MPI-distributed optimisation with predicted gradients."""

    maintainers = []
    license("Apache-2.0")

    version("main")

    variant("mpi", default=True, description="The distributed runtime")
    variant("tests", default=False, description="Build the tests")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("ninja", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("eigen")
    depends_on("fmt")
    depends_on("boost+program_options")
    depends_on("nlohmann-json")
    depends_on("tomlplusplus")
    depends_on("xxhash")
    depends_on("random123")
    depends_on("zlib-api")
    depends_on("hdf5~mpi")
    depends_on("mpi", when="+mpi")
    depends_on("googletest+gmock", when="+tests", type="build")

    generator("ninja")

    def cmake_args(self):
        return [
            self.define_from_variant("OPTEX_MPI", "mpi"),
            self.define_from_variant("OPTEX_TESTS", "tests"),
            self.define("OPTEX_FAST_BUILD", True),
        ]
