#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace optex {

/// XXH3 (128 bit, seed 0) of the parts one after the other, as 32 hexadecimal digits: tells apart two data
/// sets, does not defend against anyone. The same on every machine; as `cat parts | xxhsum -H128` prints it.
std::string content_hash(std::initializer_list<std::span<const std::uint8_t>> parts);

}  // namespace optex
