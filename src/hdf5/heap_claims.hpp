#pragma once

#include "optex/files/folder.hpp"

namespace optex::hdf5 {

/// The library asks for as much memory as a heap in a file says that it takes, before it looks at anything
/// else: a few bytes may say gigabytes. Throws IoError where a heap claims more than the file holds. Only
/// files of up to 16 MiB are searched.
void check_heap_claims(const files::Descriptor& file);

}  // namespace optex::hdf5
