#pragma once

namespace optex {

// Kinds of events that write and read must agree on.
inline constexpr const char* quorum_kind = "quorum";
inline constexpr const char* replay_kind = "replay";

}  // namespace optex
