#!/usr/bin/env bash
# The installed library as a stranger meets it: a project of its own finds it, builds and runs; the installed program
# brings its Python module and its header for plug-ins along. The prefix is moved first: nothing may remember it.
# shellcheck source=tests/end_to_end/optex_common.sh
source "$(dirname "${BASH_SOURCE[0]}")/optex_common.sh"
build=$1
cmake --install "$build" --prefix "$PWD/first" >install.log 2>&1 || wrong "cmake --install failed: $(tail -n 3 install.log)"
# Whoever built the target `installable` (run_cluster.sh does) has all that is copied, and a build without is told what to do.
if [[ -e $build/build.ninja ]]; then
  ninja -C "$build" -t query installable | sed "s/^ *//" >inputs.txt
  while read -r file; do
    grep -qxF "${file#"$build"/}" inputs.txt || grep -qxF "$file" inputs.txt || wrong "installable does not build $file"
  done < <(find "$build" -name cmake_install.cmake -exec grep -ohE "\"$build/[^\";]*(\.a|/bin/optex)\"" {} + | tr -d '"' | sort -u)
fi
sed "s|liboptex_minimize|liboptex_not_built|g" "$build/cmake_install.cmake" >unfinished.cmake
! cmake -DCMAKE_INSTALL_PREFIX="$PWD/nowhere" -P unfinished.cmake >install.log 2>&1 || wrong "an unfinished build was installed"
expect_text install.log "nothing is installed"
[[ ! -e nowhere ]] || wrong "an unfinished build was installed in part"
# The build's own folder is no installation, though its bin be in PATH.
mkdir -p finds && printf 'cmake_minimum_required(VERSION 3.25)\nproject(finds)\nfind_package(optex QUIET)\nmessage("found: ${optex_DIR}")\n' >finds/CMakeLists.txt
PATH=$build/bin:$PATH cmake -S finds -B finds/build >found.log 2>&1 || wrong "$(tail -n 3 found.log)"
expect_text found.log "found: optex_DIR-NOTFOUND"
mv first moved
prefix=$PWD/moved
for file in bin/optex include/optex/plugin.h include/optex/minimize/minimize.hpp share/optex/python/optex/__init__.py; do
  [[ -e $prefix/$file ]] || wrong "$file is not installed"
done
! find "$prefix/include" -name '*.hpp' -path '*hdf5*' | grep -q . || wrong "the library without HDF5 has headers of it"
! grep -rlE "$OPTEX_SOURCE_DIR|$build" "$prefix/lib" --include='*.cmake' || wrong "the package remembers where it was built"

cp -r "$OPTEX_SOURCE_DIR/examples/cpp" project
# The example of the page, as one more program of it.
page_example objectives.md cpp >project/page.cpp
printf 'add_executable(page page.cpp)\ntarget_link_libraries(page PRIVATE optex::core)\n' >>project/CMakeLists.txt
{
  cmake -S project -B project-build -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="${CXX:-c++}" -DCMAKE_CXX_FLAGS=-O1 &&
    cmake --build project-build
} >project.log 2>&1 || wrong "the project does not build: $(grep -m 3 -iE 'error' project.log)"
! ldd project-build/minimize | grep -qiE 'hdf5|mpi' || wrong "optex::core brings HDF5 or MPI along"

expect_code 0 project-build/minimize
expect_text out.txt "F = 1.000000000"
expect_text out.txt "ended by callback"
expect_code 0 project-build/page
expect_code 0 project-build/ask_tell
expect_text out.txt "F = 1.000000000000 after "
value=$(sed -n 's/^F = \([^ ]*\) .*/\1/p' out.txt)
if ((with_mpi)); then
  expect_code 0 on 4 project-build/minimize_on_ranks
  for rank in 0 1 2; do
    expect_text out.txt "rank $rank: F = $value"
  done
  expect_no_text out.txt "rank 3"
  expect_code 0 on 1 project-build/minimize_on_ranks
  expect_text out.txt "rank 0: F = $value"
fi

# The same without CMake. The files may remember the system's folders, not where they were built.
if command -v pkg-config >/dev/null; then
  PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name optex-core.pc)")
  export PKG_CONFIG_PATH
  ! grep -E "$OPTEX_SOURCE_DIR|$build|/first" "$PKG_CONFIG_PATH"/*.pc || wrong "a .pc file remembers where it was built"
  read -ra flags < <(pkg-config --cflags --libs optex-core) || wrong "pkg-config does not know optex-core"
  expect_code 0 "${CXX:-c++}" -std=c++20 -O1 project/page.cpp -o page "${flags[@]}"
  ! ldd page | grep -qiE 'hdf5|mpi' || wrong "optex-core brings HDF5 or MPI along"
  expect_code 0 ./page
  expect_code 0 pkg-config --atleast-version=0.1 optex-core
  if ((with_mpi)); then
    read -ra flags < <(pkg-config --cflags --libs optex-mpi) || wrong "pkg-config does not know optex-mpi"
    expect_code 0 "${CXX:-c++}" -std=c++20 -O1 project/minimize_on_ranks.cpp -o on_ranks "${flags[@]}"
    expect_code 0 on 4 ./on_ranks
    expect_text out.txt "rank 2: F = $value"
  else
    expect_code 1 pkg-config --exists optex-mpi
  fi
fi

# The installed program, away from its sources.
"${CC:-cc}" -shared -fPIC -O2 -I"$prefix/include" -o well.so "$OPTEX_SOURCE_DIR/examples/plugin/well.c" -lm ||
  wrong "a plug-in does not compile with the installed header"
expect_code 0 "$prefix/bin/optex" run "$OPTEX_SOURCE_DIR/examples/plugin/well.toml" -o plugin --stop.iterations=3
find_python numpy
# Its Python module from the folder of the program: the compiled half stands elsewhere under the prefix.
if [[ -n $python ]] && compgen -G "$prefix/lib/python3*/*-packages/optex/_core*" >/dev/null; then
  PYTHONPATH=$prefix/share/optex/python expect_code 0 "$python" -c 'import numpy, optex; print(optex.minimize(lambda x: (x @ x, 2 * x), numpy.ones(3)).success)'
  expect_text out.txt True
fi
[[ -z $python ]] || expect_code 0 "$prefix/bin/optex" run "$OPTEX_SOURCE_DIR/examples/command/ring.toml" -o command \
  --stop.iterations=3 "--problem.command=$python $OPTEX_SOURCE_DIR/examples/command/ring.py"
