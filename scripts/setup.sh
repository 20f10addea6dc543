# shellcheck shell=bash disable=SC2154
# Source me: finds out what is missing, installs it where that is possible, configures and builds.
# Expects optex_root (the project's folder) and assume_yes (0 or 1). Messages go to stderr.

program_name=$(basename "$0")

say() { printf '%s\n' "$*" >&2; }

fail() { # EXIT_CODE MESSAGE...
  local code=$1
  shift
  say "$program_name: error: $*"
  exit "$code"
}

has() { command -v "$1" >/dev/null 2>&1; }

# How many processes this machine, container or allocation can really run at once.
available_cores() {
  local cores quota period
  cores=$(env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc)
  if [[ -r /sys/fs/cgroup/cpu.max ]] && read -r quota period </sys/fs/cgroup/cpu.max && [[ $quota != max ]]; then
    quota=$((quota / period))
    ((quota >= 1)) || quota=1
    ((cores <= quota)) || cores=$quota
  fi
  echo "$cores"
}

# ---- packages -------------------------------------------------------------------------------------------------

# The packages of some purposes (the first column of cmake/debian-packages.txt), one a line.
packages_for() { # PURPOSE...
  local wanted purpose list
  for wanted in "$@"; do
    while read -r purpose list; do
      [[ $purpose != "$wanted" ]] || tr ' ' '\n' <<<"$list"
    done <"$optex_root/cmake/debian-packages.txt"
  done
}

# What a package brings is there, wherever it comes from. Other builds of Node.js than Debian's bring npm along and conflict
# with the package of that name.
found_elsewhere() { # PACKAGE
  local python
  case $1 in
    python3-*)
      for python in /usr/bin/python3 python3; do
        ! "$python" -c "import ${1#python3-}" 2>/dev/null || return 0
      done
      return 1
      ;;
    hdf5-tools) has h5dump ;;
    nodejs) has node ;;
    npm | python3 | chromium | shellcheck | valgrind | doxygen | ccache | git) has "$1" ;;
    *) return 1 ;;
  esac
}

# Those of the packages that are missing, one a line.
not_installed() { # PACKAGE...
  local package
  for package in "$@"; do
    ! found_elsewhere "$package" || continue
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

# Installs packages, or ends the script with what a person with the rights has to type (exit code 8: the environment
# is not usable).
install_packages() { # PACKAGE...
  local answer log become=()
  local command="apt-get install --no-install-recommends $*"
  if ! has apt-get; then
    fail 8 "missing (Debian's names): $*. Load them as modules or install them with Spack: docs/building.md."
  fi
  if [[ -n ${SLURM_JOB_ID:-} ]]; then
    fail 8 "packages are missing and a job installs nothing. On the nodes:  $command  (or load modules: docs/building.md)."
  fi
  if [[ $(id -u) != 0 ]]; then
    if has sudo && sudo -n true 2>/dev/null; then
      become=(sudo -n)
    else
      fail 8 "packages are missing and you are not root. Type  sudo $command  (or load modules, or use Spack: docs/building.md)."
    fi
  fi
  if [[ $assume_yes != 1 ]]; then
    [[ -t 0 ]] || fail 8 "packages are missing. Start again with --yes, or type  $command"
    read -r -p "Install with apt-get: $*? [y/N] " answer
    [[ $answer == [yY]* ]] || fail 8 "nothing installed. To do it yourself:  $command"
  fi
  say "Installing: $*"
  log=$(mktemp)
  if ! { "${become[@]}" apt-get -o Acquire::Retries=3 update &&
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \
      install -y --no-install-recommends "$@"; } </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail 8 "apt-get could not install: $* (its last words stand above)"
  fi
  rm -f "$log"
}

install_for() { # PURPOSE...
  local packages
  mapfile -t packages < <(packages_for "$@")
  if has dpkg-query; then
    mapfile -t packages < <(not_installed "${packages[@]}")
  fi
  ((${#packages[@]} == 0)) || install_packages "${packages[@]}"
}

# The dataset package is wanted when a configuration names it and its files are not there.
fashion_mnist_missing() { [[ ! -r /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ]]; }

# ---- configure and build --------------------------------------------------------------------------------------

# What decides about a configuration: other modules or another compiler must lead to a new one. A parallel HDF5 beside the one that is
# taken decides nothing.
environment_key() {
  printf '%s\n' "$optex_root" "${OPTEX_CMAKE_FLAGS:-}" "${CC:-}" "${CXX:-}" "${CMAKE_PREFIX_PATH:-}" "${MPI_HOME:-}" \
    "$({ command -v cmake cc c++ mpicc; command -v h5cc || command -v h5pcc; } 2>/dev/null | while read -r tool; do readlink -f "$tool"; done)"
}

is_configured() { # BUILD_FOLDER CMAKE_OPTION...
  local folder=$1 option
  shift
  [[ -e $folder/.configured && $(<"$folder/.configured") == "$(environment_key)" ]] || return 1
  [[ -e $folder/build.ninja || -e $folder/Makefile ]] || return 1
  for option in "$@"; do # -DNAME=VALUE
    option=${option#-D}
    grep -q "^${option%%=*}:[A-Z]*=${option#*=}\$" "$folder/CMakeCache.txt" || return 1
  done
}

# What CMake finds is used, wherever it comes from. False when something is missing; the reasons are in configure.log.
configure() { # BUILD_FOLDER CMAKE_OPTION...
  local folder=$1 flags=() options=(-DCMAKE_BUILD_TYPE=Release) extra
  shift
  has cmake || return 1
  [[ ! -e $folder/.configured && ! -e $folder/.failed ]] || flags+=(--fresh)
  if [[ ! -e $folder/CMakeCache.txt || ${#flags[@]} -gt 0 ]]; then # a folder that somebody configured keeps its way
    options+=(-DOPTEX_FAST_BUILD=ON)
    ! has ninja || flags+=(-G Ninja)
  fi
  rm -f "$folder/.configured"
  read -r -a extra <<<"${OPTEX_CMAKE_FLAGS:-}"
  if ! cmake "${flags[@]}" -S "$optex_root" -B "$folder" "${options[@]}" "${extra[@]}" "$@" \
    >"$folder/configure.log" 2>&1; then
    touch "$folder/.failed"
    return 1
  fi
  rm -f "$folder/.failed"
  environment_key >"$folder/.configured"
}

show_configure_error() { # BUILD_FOLDER
  if [[ -e $1/configure.log ]]; then
    sed -n '/CMake Error/,/Call Stack/p' "$1/configure.log" | grep -v '^Call Stack' >&2
    fail 8 "CMake cannot configure the build: $1/configure.log"
  fi
  fail 8 "there is no cmake (3.25 or later): load it as a module, or install it"
}

# Configures a folder. What CMake finds is used, wherever it comes from; only when that is not enough are the packages of the
# purposes to build installed. Those of the other purposes are installed when they are missing: CMake knows nothing of them.
prepare() { # BUILD_FOLDER "PURPOSES TO BUILD" "OTHER PURPOSES" CMAKE_OPTION...
  local folder=$1 to_build=$2 wanted=$3
  shift 3
  if ! is_configured "$folder" "$@" && ! configure "$folder" "$@"; then
    wanted="$to_build $wanted"
  fi
  # shellcheck disable=SC2086 # a list of words
  [[ -z $wanted ]] || install_for $wanted
  is_configured "$folder" "$@" || configure "$folder" "$@" || show_configure_error "$folder"
}

# What a build needs: an MPI that is there is not joined by another one.
purposes_to_build() {
  if has mpicc || [[ -n ${MPI_HOME:-} ]]; then echo build; else echo build mpi; fi
}

# Builds targets; one line of progress. A C++ compiler wants up to a gigabyte for one file here.
build() { # BUILD_FOLDER TARGET...
  local folder=$1 jobs memory line shown=0
  shift
  jobs=$(available_cores)
  memory=$(awk '/^MemAvailable/ {print int($2 / 1e6)}' /proc/meminfo)
  ((memory >= 1)) || memory=1
  ((jobs <= memory)) || jobs=$memory
  cmake --build "$folder" --target "$@" -j "$jobs" 2>&1 | while IFS= read -r line; do
    printf '%s\n' "$line"
    # The first steps are those of a build with nothing to do.
    if [[ $line =~ ^\[\ *([0-9]+)/([0-9]+)\] ]] && ((BASH_REMATCH[2] > 5)); then
      if [[ -t 2 ]]; then
        printf '\rBuilding %s of %s ' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
        ((BASH_REMATCH[1] < BASH_REMATCH[2])) || printf '\r\033[K' >&2
      elif ((shown == 0)); then
        say "Building (${BASH_REMATCH[2]} steps; log: $folder/build.log)"
        shown=1
      fi
    fi
  done >"$folder/build.log"
  if ((PIPESTATUS[0] != 0)); then
    grep -m1 -A15 -E 'error:|Error:' "$folder/build.log" >&2 || tail -n 20 "$folder/build.log" >&2
    fail 8 "the build failed: $folder/build.log"
  fi
}

# Several jobs may start at the same time: one builds, the others wait and find it done.
with_build_lock() { # BUILD_FOLDER COMMAND...
  local folder=$1 lock
  shift
  mkdir -p "$folder" || fail 6 "cannot make the folder $folder"
  if ! has flock; then
    "$@"
    return
  fi
  local limit=${OPTEX_LOCK_SECONDS:-1800} word=10
  ((limit >= 20)) || word=$((limit / 2))
  exec {lock}>"$folder/.lock"
  if ! flock -w "$word" "$lock"; then
    say "$program_name: waiting for another build in $folder"
    flock -w $((limit - word)) "$lock" || fail 8 "another build in $folder did not end within $limit s (OPTEX_LOCK_SECONDS)"
  fi
  "$@"
  exec {lock}>&-
}
