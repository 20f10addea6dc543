#include "optex/build_info.hpp"

#include <cstddef>

#include <Eigen/Core>
#include <boost/version.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <toml++/toml.h>
#include <xxhash.h>
#include <zlib.h>

namespace optex::build {
namespace {

// "major.minor.patch", each below 1000, made by the compiler so that the constants need no initialisation
// order.
using VersionText = std::array<char, 12>;
constexpr VersionText dotted(int major, int minor, int patch) {
  VersionText text{};
  std::size_t length = 0;
  for (const int part : {major, minor, patch}) {
    if (length > 0) {
      text[length++] = '.';
    }
    for (const int power : {100, 10, 1}) {
      if (part >= power || power == 1) {
        text[length++] = static_cast<char>('0' + part / power % 10);
      }
    }
  }
  return text;
}

constexpr VersionText eigen_version = dotted(EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
constexpr VersionText fmt_version = dotted(FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100);
constexpr VersionText boost_version =
    dotted(BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100);
constexpr VersionText json_version =
    dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH);
constexpr VersionText toml_version = dotted(TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH);
constexpr VersionText xxhash_version = dotted(XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE);

}  // namespace

// The build system defines what only it knows; git_commit stands in a file of its own, which alone is
// compiled again after a commit.
constinit const char* const version = OPTEX_BUILD_VERSION;
constinit const char* const compiler = OPTEX_BUILD_COMPILER;
constinit const char* const build_type = OPTEX_BUILD_TYPE;
constinit const char* const flags = OPTEX_BUILD_FLAGS;
constinit const char* const system = OPTEX_BUILD_SYSTEM;
constinit const char* const eigen = eigen_version.data();
constinit const char* const fmt = fmt_version.data();
constinit const char* const boost = boost_version.data();
constinit const char* const nlohmann_json = json_version.data();
constinit const char* const tomlplusplus = toml_version.data();
constinit const char* const zlib = ZLIB_VERSION;
constinit const char* const xxhash = xxhash_version.data();
constinit const char* const hdf5 = OPTEX_BUILD_HDF5;
constinit const char* const mpi = OPTEX_BUILD_MPI;

std::array<Entry, 15> entries() {
  return {{{"version", version},
           {"git_commit", git_commit},
           {"compiler", compiler},
           {"build_type", build_type},
           {"flags", flags},
           {"system", system},
           {"eigen", eigen},
           {"fmt", fmt},
           {"boost", boost},
           {"nlohmann_json", nlohmann_json},
           {"tomlplusplus", tomlplusplus},
           {"zlib", zlib},
           {"xxhash", xxhash},
           {"hdf5", hdf5},
           {"mpi", mpi}}};
}

}  // namespace optex::build
