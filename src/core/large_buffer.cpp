#include "optex/core/large_buffer.hpp"

#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include <sys/mman.h>

namespace optex {
namespace {

constexpr std::size_t huge_page = std::size_t{1} << 21U;
constexpr std::size_t worth_huge_pages = 2 * huge_page;

}  // namespace

LargeBuffer::LargeBuffer(std::size_t bytes) : size_(bytes) {
  if (bytes == 0) return;
  // Pages are aligned to 4 KiB at least; for 2 MiB there must be room to move the start up.
  const bool huge = bytes >= worth_huge_pages;
  mapped_ = bytes + (huge ? huge_page : 0);
  if (mapped_ < bytes) throw std::bad_alloc();
  mapping_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping_ == MAP_FAILED) {
    mapping_ = nullptr;
    throw std::bad_alloc();
  }
  data_ = mapping_;
  if (!huge) return;
  const auto start = reinterpret_cast<std::uintptr_t>(mapping_);
  data_ = static_cast<char*>(mapping_) + (huge_page - start % huge_page) % huge_page;
#ifdef MADV_HUGEPAGE
  madvise(data_, bytes, MADV_HUGEPAGE);  // a wish: small pages work as well
#endif
}

LargeBuffer::LargeBuffer(const LargeBuffer& other) : LargeBuffer(other.size_) {
  if (size_ > 0) std::memcpy(data_, other.data_, size_);
}

LargeBuffer::LargeBuffer(LargeBuffer&& other) noexcept
    : mapping_(std::exchange(other.mapping_, nullptr)),
      mapped_(std::exchange(other.mapped_, 0)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

LargeBuffer& LargeBuffer::operator=(LargeBuffer other) noexcept {
  std::swap(mapping_, other.mapping_);
  std::swap(mapped_, other.mapped_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

LargeBuffer::~LargeBuffer() {
  if (mapping_ != nullptr) munmap(mapping_, mapped_);
}

}  // namespace optex
