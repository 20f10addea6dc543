#include <algorithm>
#include <limits>
#include <new>

#include "byte_decoder.hpp"
#include "compressed_file.hpp"
#include <bzlib.h>

namespace optex {
namespace {

const char* const bzip2_kind = "bzip2";

/// The library's stream, which lives for one of the streams that a file may hold.
class Stream {
 public:
  Stream() {
    if (BZ2_bzDecompressInit(&state, 0, 0) != BZ_OK) throw std::bad_alloc();
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { BZ2_bzDecompressEnd(&state); }

  bz_stream state{};
};

class Bzip2Bytes final : public ByteDecoder {
 public:
  explicit Bzip2Bytes(const std::filesystem::path& path) : file_(path) {}

  std::size_t read(std::span<std::uint8_t> buffer) override {
    std::size_t total = 0;
    while (total < buffer.size()) {
      if (input_.empty()) input_ = file_.next();
      if (!stream_) {
        if (input_.empty()) return total;
        stream_ = std::make_unique<Stream>();
      }
      const std::size_t made = decode(buffer.subspan(total));
      total += made;
      made_ += static_cast<double>(made);
      file_.require_reasonable(made_, bzip2_kind);
    }
    return total;
  }

 private:
  std::size_t decode(std::span<std::uint8_t> out) {
    constexpr std::size_t most = std::numeric_limits<int>::max();
    const auto wanted = static_cast<unsigned>(std::min(out.size(), most));
    bz_stream& state = stream_->state;
    state.next_in = reinterpret_cast<char*>(input_.data());
    state.avail_in = static_cast<unsigned>(input_.size());
    state.next_out = reinterpret_cast<char*>(out.data());
    state.avail_out = wanted;
    const int code = BZ2_bzDecompress(&state);
    const std::size_t made = wanted - state.avail_out;
    const bool starved = input_.empty() && made == 0;
    input_ = input_.last(state.avail_in);
    if (code == BZ_STREAM_END) {
      stream_.reset();
      return made;
    }
    if (code == BZ_MEM_ERROR) throw std::bad_alloc();
    if (code != BZ_OK)
      file_.damaged(bzip2_kind, code == BZ_DATA_ERROR ? "a checksum is wrong" : "not its format");
    if (starved) file_.breaks_off(bzip2_kind);
    return made;
  }

  CompressedFile file_;
  std::span<std::uint8_t> input_;  // not yet decoded
  std::unique_ptr<Stream> stream_;
  double made_ = 0.0;  // bytes
};

}  // namespace

std::unique_ptr<ByteDecoder> open_bzip2(const std::filesystem::path& path) {
  return std::make_unique<Bzip2Bytes>(path);
}

}  // namespace optex
