#pragma once

#include <string>

namespace optex {

/// The script that draws the interactive charts; empty in a build without it.
std::string chart_bundle();

/// Its SHA-256 in base64, by which a page allows it and no other; empty without it.
std::string chart_bundle_sha256();

}  // namespace optex
