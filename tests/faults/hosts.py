"""Hosts of their own on one machine: network namespaces with a bridge between them, and mpirun across them. Needs root."""
import os
import shutil
import subprocess
import sys
import time

from tally import Hung, Unavailable

AGENT = """#!/bin/sh
# rsh agent: [OPTION...] hN COMMAND...  runs the command on that host
while [ "${{1#-}}" != "$1" ]; do shift; done
host=$1
shift
exec ip netns exec {tag}_${{host#h}} unshare --uts sh -c "hostname $host; $*"
"""


# Nobody listens on port 9: to be refused is an answer.
KNOCK = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], 9), timeout=1)
except ConnectionRefusedError:
    pass
except OSError:
    sys.exit(1)
"""


def ip(*words, check=True):
    subprocess.run(["ip", *words], check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Hosts:
    """h1 ... hN, as a context manager. The name of everything it makes begins with a tag of this process."""

    def __init__(self, count, folder):
        if os.geteuid() != 0:
            raise Unavailable("needs root, for hosts in network namespaces")
        for program in ("ip", "unshare", "mpirun"):
            if not shutil.which(program):
                raise Unavailable(f"needs the program {program}")
        version = subprocess.run(["mpirun", "--version"], stdout=subprocess.PIPE, check=True).stdout.decode()
        if "Open MPI" not in version:
            raise Unavailable("needs Open MPI")
        self.count = count
        self.tag = f"o{os.getpid() % 1000000}"
        self.agent = folder / "on_host"
        self.agent.write_text(AGENT.format(tag=self.tag))
        self.agent.chmod(0o755)

    def __enter__(self):
        tag = self.tag
        self.network = f"10.{200 + os.getpid() // 250 % 50}.{os.getpid() % 250}"
        try:
            ip("link", "add", "b" + tag, "type", "bridge")
            ip("link", "set", "b" + tag, "up")
            for host in range(1, self.count + 1):
                space, link = f"{tag}_{host}", self.link(host)
                ip("netns", "add", space)
                ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", space)
                ip("link", "set", link, "master", "b" + tag, "up")
                ip("-n", space, "link", "set", "lo", "up")
                ip("-n", space, "addr", "add", self.address(host) + "/24", "dev", "eth0")
                ip("-n", space, "link", "set", "eth0", "up")
        except subprocess.CalledProcessError as error:
            self.__exit__()
            raise Unavailable(f"no network namespaces here ({' '.join(error.cmd)})") from None
        return self

    def __exit__(self, *_):
        for host in range(1, self.count + 1):
            ip("link", "del", self.link(host), check=False)
            ip("netns", "del", f"{self.tag}_{host}", check=False)
        ip("link", "del", "b" + self.tag, check=False)

    def address(self, host):
        return f"{self.network}.{host}"

    def link(self, host):
        return f"v{self.tag}{host}"

    def cut(self, host):
        ip("link", "set", self.link(host), "down")

    def join(self, host):
        """Back when this returns: a link that has come up carries nothing for up to a second."""
        ip("link", "set", self.link(host), "up")
        deadline = time.monotonic() + 30
        other = 1 if host != 1 else 2
        while subprocess.run(["ip", "netns", "exec", f"{self.tag}_{other}", sys.executable, "-c", KNOCK, self.address(host)],
                             check=False).returncode != 0:
            if time.monotonic() > deadline:
                raise Hung(f"h{host} is not back on the network after 30 s")

    def launcher(self, ranks_per_host):
        """mpirun, started on h1: what comes before the program."""
        hosts = ",".join(f"h{host}:{ranks_per_host}" for host in range(1, self.count + 1))
        ranks = str(self.count * ranks_per_host)
        settings = {
            "plm": "rsh",
            "plm_rsh_agent": str(self.agent),
            "plm_rsh_no_tree_spawn": "1",
            "btl": "tcp,vader,self",
            "btl_tcp_if_include": "eth0",
            "oob_tcp_if_include": "eth0",
            "mpi_yield_when_idle": "1",
        }
        command = [str(self.agent), "h1", "exec", "mpirun", "--host", hosts, "-n", ranks, "--bind-to", "none"]
        for name, value in settings.items():
            command += ["--mca", name, value]
        return command

