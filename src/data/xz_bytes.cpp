#include <new>

#include "byte_decoder.hpp"
#include "compressed_file.hpp"
#include <lzma.h>

namespace optex {
namespace {

const char* const xz_kind = "xz";
constexpr std::uint64_t most_memory = std::uint64_t{1} << 30;  // `xz -9` asks for 65 MiB

const char* reason(lzma_ret code) {
  switch (code) {
    case LZMA_MEMLIMIT_ERROR:
      return "it asks for more than 1 GiB of memory";
    case LZMA_FORMAT_ERROR:
      return "not its format";
    case LZMA_OPTIONS_ERROR:
      return "made with options that this library does not know";
    default:
      return "its content is corrupt";
  }
}

class XzBytes final : public ByteDecoder {
 public:
  explicit XzBytes(const std::filesystem::path& path) : file_(path) {
    if (lzma_stream_decoder(&stream_, most_memory, LZMA_CONCATENATED) != LZMA_OK) throw std::bad_alloc();
  }
  XzBytes(const XzBytes&) = delete;
  XzBytes& operator=(const XzBytes&) = delete;
  ~XzBytes() override { lzma_end(&stream_); }

  std::size_t read(std::span<std::uint8_t> buffer) override {
    stream_.next_out = buffer.data();
    stream_.avail_out = buffer.size();
    while (stream_.avail_out > 0 && !ended_) {
      if (stream_.avail_in == 0) {
        const std::span<std::uint8_t> input = file_.next();
        stream_.next_in = input.data();
        stream_.avail_in = input.size();
      }
      const lzma_ret code = lzma_code(&stream_, stream_.avail_in == 0 ? LZMA_FINISH : LZMA_RUN);
      if (code == LZMA_STREAM_END)
        ended_ = true;
      else if (code == LZMA_BUF_ERROR)
        file_.breaks_off(xz_kind);
      else if (code == LZMA_MEM_ERROR)
        throw std::bad_alloc();
      else if (code != LZMA_OK)
        file_.damaged(xz_kind, reason(code));
      file_.require_reasonable(static_cast<double>(stream_.total_out), xz_kind);
    }
    return buffer.size() - stream_.avail_out;
  }

 private:
  CompressedFile file_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ByteDecoder> open_xz(const std::filesystem::path& path) {
  return std::make_unique<XzBytes>(path);
}

}  // namespace optex
