#!/usr/bin/env bash
# Installs a .deb on a bare Debian 12 (debootstrap, as root) and runs the quick start from it; says how long it took.
# Usage: scripts/try_package.sh optex_0.1.0_amd64.deb
set -euo pipefail
package=$(realpath "${1:?usage: scripts/try_package.sh FILE.deb}")
root=$(mktemp -d)
chmod 755 "$root" # apt reads as a user of its own
finish() {
  umount "$root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$root"
}
trap finish EXIT
debootstrap --variant=minbase bookworm "$root" >"$root.log" || { tail -n 5 "$root.log" >&2; exit 1; }
rm -f "$root.log"
cp "$package" "$root/root/"
cp /etc/resolv.conf "$root/etc/" 2>/dev/null || true
mount -t proc proc "$root/proc"
cat >"$root/root/quick_start" <<'TEXT'
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root
cd /root
begin=$SECONDS
apt-get update >/dev/null
apt-get install -y --no-install-recommends /root/*.deb >apt.log 2>&1 || { tail -n 5 apt.log; exit 1; }
echo "installed after $((SECONDS - begin)) s"
optex --version
printf 'problem.name = "rosenbrock"\nproblem.dimension = 1000\nstop.iterations = 30\n' >first.toml
optex run first.toml --log.level=error
optex run first.toml -o runs/plain --method.name=vanilla --log.level=error
optex report runs/first runs/plain
optex watch runs/first --once
apt-get install -y --no-install-recommends python3-numpy >apt.log 2>&1 || { tail -n 5 apt.log; exit 1; }
python3 -c 'import numpy, optex; print(optex.minimize(lambda x: (x @ x, 2 * x), numpy.ones(9)).message)'
[[ -s report.html && -s /usr/share/bash-completion/completions/optex ]]
echo "a report after $((SECONDS - begin)) s"
TEXT
chroot "$root" bash /root/quick_start
