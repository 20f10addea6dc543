#pragma once

#include <array>

/// What this binary was built from and with: the part of a run's provenance that is known before it starts.
/// Unknown entries read "unknown", parts that are not built in read "none". Constants: usable at any time.
namespace optex::build {

extern const char* const version;     ///< of OptEx: "0.1.0"
extern const char* const git_commit;  ///< 40 digits, "-dirty" behind them when tracked files were changed
extern const char* const compiler;    ///< "GNU 12.2.0"
extern const char* const build_type;  ///< "Release"
extern const char* const flags;       ///< those that may change the numbers; warnings are left out
extern const char* const system;      ///< where it was built: "Linux x86_64"

extern const char* const eigen;  ///< versions of the headers that were compiled in
extern const char* const fmt;
extern const char* const boost;
extern const char* const nlohmann_json;
extern const char* const tomlplusplus;
extern const char* const zlib;
extern const char* const xxhash;
extern const char* const hdf5;  ///< "1.10.8 serial"; which one is loaded, the library itself says
extern const char* const mpi;   ///< "Open MPI 4.1.4" or "none"; which one is loaded, the library itself says

struct Entry {
  const char* name;
  const char* value;
};
/// All of the above under their names, in that order.
std::array<Entry, 15> entries();

}  // namespace optex::build
