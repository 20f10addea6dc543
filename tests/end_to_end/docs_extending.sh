#!/usr/bin/env bash
# The worked example of docs/extending.md: fits the sources, compiles with the project's warnings, and passes its test.
# shellcheck source=tests/end_to_end/expectations.sh
source "$(dirname "${BASH_SOURCE[0]}")/expectations.sh"
build=$1
mkdir tree
cp -r "$OPTEX_SOURCE_DIR"/{include,src,docs,tests,configs} tree
expect_code 0 python3 "$(dirname "${BASH_SOURCE[0]}")/docs_extending.py" "$OPTEX_SOURCE_DIR/docs/extending.md" tree

read -ra includes < <(pkg-config --cflags eigen3 fmt 2>/dev/null || echo -isystem /usr/include/eigen3)
compiler=("${CXX:-c++}" -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -Itree/include -Itree/tests
  "${includes[@]/#-I/-isystem}")
expect_code 0 "${compiler[@]}" -fsyntax-only tree/src/setup/optimizer_components.cpp
for file in tree/tests/unit/optimizers/update_rules_test.cpp tree/src/optimizers/*.cpp; do
  expect_code 0 "${compiler[@]}" -c -o "$(basename "$file" .cpp).o" "$file"
done
expect_code 0 "${compiler[@]}" -o rules ./*.o "$build/src/core/liboptex_core.a" -lgtest_main -lgtest -pthread
expect_code 0 ./rules --gtest_filter='*lion*'
expect_text out.txt "FiveStepsByHand/lion"
