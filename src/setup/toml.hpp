#pragma once

// toml++ asserts things of its input that a malformed file breaks; in release builds clang even takes them
// for granted. Its parser reports every one of them properly when the assertions are out of the way.
#define TOML_ASSERT(condition) static_assert(true)
#ifdef NDEBUG
#undef NDEBUG
#include <toml++/toml.h>
#define NDEBUG
#else
#include <toml++/toml.h>
#endif
