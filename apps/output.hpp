#pragma once

#include "optex/setup/help.hpp"

#include <string_view>

namespace optex::app {

/// This process's rank as the launcher tells it (Open MPI, PMIx, PMI, Slurm), -1 without a launcher. Known
/// before MPI_Init, so that help and usage errors appear once.
int launcher_rank();

/// Number of ranks as the launcher tells it; 1 without a launcher.
int launcher_size();

/// True on the one rank that may print.
inline bool is_speaker() { return launcher_rank() <= 0; }

/// Text to stdout. Throws IoError when it cannot be written (a full disk), not when nobody reads any more.
void print(std::string_view text);

/// Lines that hold what files, folders and other people say, to stdout: printable, without our own colours.
void print_foreign(std::string_view lines);

/// "optex: error: " before each line, to stderr.
void print_error(std::string_view lines);
/// "optex: " before one line, to stderr.
void print_note(std::string_view line);

/// Bold only on a terminal, without NO_COLOR and without a launcher; as wide as the terminal, between 60 and
/// 110 columns.
TextStyle terminal_style();

}  // namespace optex::app
