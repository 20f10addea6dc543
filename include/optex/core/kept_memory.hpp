#pragma once

namespace optex {

/// From now on this process keeps the memory that it frees instead of giving it back to the system: vectors
/// of the problem's dimension come and go every round, and fresh pages cost more than filling them. Does
/// nothing with other C libraries than glibc. To be called once, at the start of a program.
void keep_freed_memory();

}  // namespace optex
