#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include <bzlib.h>
#include <lzma.h>

namespace optex::test {

/// `text` as one stream of bzip2.
inline std::string bzip2(std::string text) {
  std::string out(text.size() + text.size() / 100 + 600, '\0');
  auto size = static_cast<unsigned>(out.size());
  if (BZ2_bzBuffToBuffCompress(out.data(), &size, text.data(), static_cast<unsigned>(text.size()), 9, 0, 0) !=
      BZ_OK)
    throw std::runtime_error("bzip2");
  out.resize(size);
  return out;
}

/// `text` as one stream of xz.
inline std::string xz(const std::string& text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  if (lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr,
                              reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                              reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size()) != LZMA_OK)
    throw std::runtime_error("xz");
  out.resize(size);
  return out;
}

}  // namespace optex::test
