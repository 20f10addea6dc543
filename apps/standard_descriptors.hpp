#pragma once

namespace optex::app {

/// Opens on /dev/null what of stdin, stdout and stderr is closed. Otherwise the next file that is opened, one
/// of a run's own, would get that number, and every line for the terminal would go into it.
void open_standard_descriptors();

}  // namespace optex::app
