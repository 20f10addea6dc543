# For Spack 1.0 and later, in a copy of the project:
#   spack repo add packaging/spack/spack_repo/optex && spack dev-build optex@main
from spack_repo.builtin.build_systems.cmake import CMakePackage, generator

from spack.package import *


class Optex(CMakePackage):
    """MPI-distributed optimisation with predicted gradients."""

    license("Apache-2.0")

    version("main")

    variant("mpi", default=True, description="The distributed runtime")
    variant("checks", default=False, description="Build the tests")

    generator("ninja")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("eigen")
    depends_on("fmt")
    depends_on("boost+program_options")
    depends_on("nlohmann-json")
    depends_on("tomlplusplus")
    depends_on("xxhash")
    depends_on("random123")
    depends_on("zlib-api")
    depends_on("bzip2")
    depends_on("xz")
    depends_on("hdf5~mpi")
    depends_on("mpi", when="+mpi")
    depends_on("googletest+gmock", when="+checks", type="build")

    conflicts("%gcc@:10", msg="C++20 needs g++ 11 or later")

    def cmake_args(self):
        return [
            self.define_from_variant("OPTEX_MPI", "mpi"),
            self.define_from_variant("OPTEX_TESTS", "checks"),
            self.define("OPTEX_FAST_BUILD", True),
            # The interactive charts of reports are fetched with npm, which a build of Spack has no business with.
            self.define("OPTEX_REPORT_CHARTS", "OFF"),
        ]
