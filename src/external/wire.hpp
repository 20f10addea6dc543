#pragma once

#include <cstddef>
#include <cstdint>

/// What travels between a rank and its child process through the socket OPTEX_SOCKET, in the machine's byte
/// order (both run on one machine). docs/objectives.md is the description for those who write a child in
/// another language; python/optex is one. Change a layout, raise wire_version.
namespace optex::wire {

inline constexpr std::uint16_t wire_version = 2;
inline constexpr std::uint32_t request_magic = 0x5158504fU;  // "OPXQ"
inline constexpr std::uint32_t answer_magic = 0x4158504fU;   // "OPXA"

enum class Ask : std::uint16_t {
  hello = 1,  ///< followed by text: lines "name=value": seed, precision, then the options; strings as in JSON
  evaluate = 2,  ///< followed by theta
  assess = 3,    ///< followed by theta
  exhibit = 4,   ///< followed by theta; only of a child whose hello says that it can
};

enum class Reply : std::uint16_t {
  hello = 1,       ///< followed by the start, or by nothing
  evaluated = 2,   ///< followed by the gradient
  failed = 3,      ///< followed by text: why
  infeasible = 4,  ///< followed by text: why
  assessed = 5,    ///< followed by text: lines "name value"
  /// One exhibit, `dimension` rows x `shards` columns: text of four lines (name, kind, unit, name of its
  /// truth), then rows x columns doubles; as many of these answers as there are exhibits
  shown = 6,
  all_shown = 7,  ///< nothing follows: that was all
};

/// `count` numbers follow, each of `number_bytes` (8 or 4), or `count` bytes of text with number_bytes = 1.
struct Request {
  std::uint32_t magic;
  std::uint16_t version;
  std::uint16_t kind;
  std::uint64_t count;
  std::uint32_t number_bytes;
  std::uint32_t whole;  ///< 1: all data and no noise
  std::uint64_t seed;
  std::int64_t iteration;
  std::int32_t point;
  std::int32_t batch;
  std::int64_t shard;
  std::uint64_t number;  ///< of this request, from 1; its answer repeats it
};
static_assert(sizeof(Request) == 64);

struct Answer {
  std::uint32_t magic;
  std::uint16_t version;
  std::uint16_t kind;
  std::uint64_t count;
  std::uint32_t number_bytes;
  std::uint32_t flags;     ///< hello: 1 noisy, 2 can assess, 4 can exhibit
  double value;            ///< evaluated: F_shard(theta)
  std::int64_t dimension;  ///< hello; rows of what is shown
  std::int64_t shards;     ///< hello; its columns
  std::uint64_t number;    ///< the request's: an answer to another one is never taken for a gradient
  std::int64_t reserved;
};
static_assert(sizeof(Answer) == 64);

inline constexpr std::uint32_t flag_noisy = 1;
inline constexpr std::uint32_t flag_assesses = 2;
inline constexpr std::uint32_t flag_exhibits = 4;

}  // namespace optex::wire
