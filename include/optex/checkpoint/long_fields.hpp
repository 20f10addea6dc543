#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace optex {

/// The members of RunState, history aside, that have an entry, or in each column one, for every coordinate:
/// what ranks hold by slices. A member that grows with d gets its line here (a test compares sizes).
inline constexpr std::array<std::string_view, 34> long_fields = {"/state/theta",
                                                                 "/state/best_theta",
                                                                 "/state/best_gradient",
                                                                 "/state/ring",
                                                                 "/state/average",
                                                                 "/state/secants/steps",
                                                                 "/state/secants/changes",
                                                                 "/state/base_theta",
                                                                 "/state/base_gradient",
                                                                 "/state/direction",
                                                                 "/state/diagonal/entries",
                                                                 "/state/good_theta",
                                                                 "/state/outstanding/theta",
                                                                 "/optimizer/moments",
                                                                 "/history/origin",
                                                                 "/state/surrogate/model/residual",
                                                                 "/state/surrogate/pairs/steps/rows",
                                                                 "/state/surrogate/pairs/changes/rows",
                                                                 "/state/surrogate/pairs/middles/rows",
                                                                 "/state/surrogate/pairs/anchor",
                                                                 "/state/surrogate/pairs/mask",
                                                                 "/state/surrogate/guard/theta",
                                                                 "/state/surrogate/guard/base_gradient",
                                                                 "/state/surrogate/guard/direction",
                                                                 "/state/surrogate/guard/diagonal/entries",
                                                                 "/state/surrogate/diagonal/entries",
                                                                 "/state/surrogate/guard/best_theta",
                                                                 "/state/surrogate/guard/best_gradient",
                                                                 "/state/surrogate/guard/secants/steps",
                                                                 "/state/surrogate/guard/secants/changes",
                                                                 "/state/surrogate/chain/theta",
                                                                 "/state/surrogate/chain/moments",
                                                                 "/state/surrogate/chain/thetas",
                                                                 "/state/surrogate/chain/gradients"};

inline bool is_long(std::string_view path) {
  return std::find(long_fields.begin(), long_fields.end(), path) != long_fields.end();
}

}  // namespace optex
