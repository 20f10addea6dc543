#!/usr/bin/env bash
# What is missing is installed only when that is allowed, and a second start does no set-up work again.
# shellcheck source=tests/end_to_end/run_cluster_project.sh
source "$(dirname "${BASH_SOURCE[0]}")/run_cluster_project.sh"
[[ -n ${OPTEX_MPIEXEC:-} ]] || exit 77
run=project/run_cluster.sh
config=project/configs/success.toml
configurations() { wc -l <project/configured.txt; }

# Everything is there: nothing is installed, whatever dpkg thinks of it.
stub apt-get 'echo "apt-get $*" >>"$(dirname "$0")/installed.txt"'
stub dpkg-query 'exit 1'
expect_code 0 "$run" --ranks 1 "$config"
expect_text out.txt "size 1 arguments run $config"
[[ $(configurations) == 1 ]] || wrong "configured $(configurations) times"
expect_code 0 "$run" --ranks 1 "$config"
[[ $(configurations) == 1 ]] || wrong "a second start configured again"
[[ ! -e stubs/installed.txt ]] || wrong "installed without need"

# A changed source is built again, without a configuration.
sed -i 's/^source/echo changed; source/' project/optex.sh
expect_code 0 "$run" --ranks 1 "$config"
expect_text out.txt "changed"
[[ $(configurations) == 1 ]] || wrong "a changed source led to a configuration"

# Other modules in the environment lead to a new configuration.
OPTEX_CMAKE_FLAGS=-DSOMETHING=1 expect_code 0 "$run" --setup
expect_text err.txt "Ready: "
expect_text err.txt "Without optex.minimize: "
mkdir -p project/build/release/share/optex/python/optex && touch project/build/release/share/optex/python/optex/_core.so
OPTEX_CMAKE_FLAGS=-DSOMETHING=1 expect_code 0 "$run" --setup
expect_text err.txt "export PYTHONPATH=$PWD/project/build/release/share/optex/python"
[[ $(configurations) == 2 ]] || wrong "other options did not lead to a configuration"

# --setup does not run; a broken build says so.
expect_no_text out.txt "size"
cp project/CMakeLists.txt good.txt
echo 'add_custom_command(TARGET optex COMMAND false)' >>project/CMakeLists.txt
expect_code 8 "$run" "$config"
expect_text err.txt "the build failed: "
cp good.txt project/CMakeLists.txt

# Two starts at once: the second one says what it waits for, and does not wait for ever.
flock project/build/release/.lock sleep 5 &
OPTEX_LOCK_SECONDS=2 expect_code 8 "$run" --setup
expect_text err.txt "waiting for another build in"
expect_text err.txt "did not end within 2 s"
wait

# tests/run installs what its purposes need, though CMake got by: here without h5dump, node and any module of Python.
mkdir -p project/tests tools
cp -r "$OPTEX_SOURCE_DIR/tests/run" "$OPTEX_SOURCE_DIR/tests/support" project/tests/
find /usr/bin /usr/sbin /usr/local/bin -mindepth 1 -exec ln -sf -t tools {} +
rm -f tools/h5dump tools/node tools/npm
stub id 'echo 0'
with_all_tools=$PATH
PATH=$PWD/stubs:$PWD/tools
expect_code 0 project/tests/run --yes
for package in hdf5-tools nodejs npm; do
  expect_text stubs/installed.txt " $package"
done
expect_no_text stubs/installed.txt libeigen3-dev # CMake got by
expect_no_text stubs/installed.txt libgtest-dev
# And a test names the tool that it lacks: what cannot be compared is not different.
(source "$OPTEX_SOURCE_DIR/tests/end_to_end/optex_common.sh" && echo "went on") >out.txt 2>err.txt
expect_text err.txt "h5dump is missing"
expect_no_text out.txt "went on"
"$OPTEX_SOURCE_DIR/tests/same_numbers" "$(type -P true)" "$(type -P true)" >out.txt 2>err.txt
expect_text err.txt "h5dump is missing"
expect_no_text out.txt "different"
PATH=$with_all_tools
rm stubs/installed.txt

# CMake does not get by: packages are named, and installed only when that was allowed.
rm -r project/build
stub cmake 'exit 1'
stub mpicc 'exit 0'
stub id 'echo 0'
expect_code 8 "$run" "$config"
expect_text err.txt "Start again with --yes, or type  apt-get install --no-install-recommends g++ cmake"
expect_no_text err.txt openmpi # an MPI is there
[[ ! -e stubs/installed.txt ]] || wrong "installed without being asked to"
SLURM_JOB_ID=1 expect_code 8 "$run" --yes "$config"
expect_text err.txt "a job installs nothing"
stub id 'echo 1000'
stub sudo 'exit 1'
expect_code 8 "$run" --yes "$config"
expect_text err.txt "Type  sudo apt-get install"
[[ ! -e stubs/installed.txt ]] || wrong "installed where that is not possible"
stub id 'echo 0'
expect_code 8 "$run" --yes "$config" # this cmake fails for ever
expect_text stubs/installed.txt "apt-get -o Acquire::Retries=3 update"
expect_text stubs/installed.txt "libeigen3-dev"
expect_text err.txt "CMake cannot configure the build"
