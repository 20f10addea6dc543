#pragma once

#include <string>

namespace optex {

/// The script that draws the interactive charts; empty in a build without it.
std::string chart_bundle();

}  // namespace optex
