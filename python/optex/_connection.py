"""The messages between optex and a program that it has started (docs/objectives.md). Both ends run on one machine, so numbers travel
in its byte order."""

import dataclasses
import socket
import struct

import numpy as np

from ._options import Told

_VERSION = 2
_REQUEST = struct.Struct("=IHHQIIQqiiqQ")
_ANSWER = struct.Struct("=IHHQIIdqqQq")
_REQUEST_MAGIC = 0x5158504F
_ANSWER_MAGIC = 0x4158504F
HELLO, EVALUATE, ASSESS, EXHIBIT = 1, 2, 3, 4
EVALUATED, FAILED, INFEASIBLE, ASSESSED, SHOWN, ALL_SHOWN = 2, 3, 4, 5, 6, 7
_LONGEST_TEXT = 1 << 16


@dataclasses.dataclass(frozen=True)
class SampleKey:
    """Names one random draw: the same key means the same mini-batch, on any rank, at any time.

    With `whole` the exact F on all data is wanted, and the other fields mean nothing.
    """

    seed: int
    iteration: int
    point: int
    batch: int
    whole: bool

    def generator(self):
        """A numpy random generator that the key determines."""
        return np.random.Generator(np.random.Philox(np.random.SeedSequence(
            (self.seed, self.iteration, self.point, self.batch))))


class Connection:
    """To the optex that has started this program, or the mpirun or shell around it."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        self._answering = 0
        request = self.next_request()
        if request is None or request.kind != HELLO:
            raise SystemExit("optex: the program that started this one does not say hello")
        text = bytearray(request.count)
        self.read_into(text)
        self.type = np.dtype(np.float32 if Told(text.decode()).precision == "f32" else np.float64)

    def read_into(self, buffer):
        """Fills the buffer; False when optex has closed its end."""
        view = memoryview(buffer).cast("B")
        while view:
            count = self._socket.recv_into(view)
            if count == 0:
                return False
            view = view[count:]
        return True

    def next_request(self):
        """None when there are no more."""
        header = bytearray(_REQUEST.size)
        if not self.read_into(header):
            return None
        magic, version, kind, count, _, whole, seed_, iteration, point, batch, shard, self._answering = _REQUEST.unpack(header)
        if magic != _REQUEST_MAGIC or version != _VERSION:
            raise SystemExit(f"optex: this module speaks version {_VERSION} of the protocol, the program version {version}; "
                             "both have to be of one installation (python3 -c 'import optex; print(optex.__file__)')")
        return Request(kind, count, shard, SampleKey(seed_, iteration, point, batch, whole != 0))

    def answer(self, kind, items, item_bytes, *, flags=0, value=0.0, dimension=0, shards=0):
        self._socket.sendall(_ANSWER.pack(_ANSWER_MAGIC, _VERSION, kind, len(items), item_bytes, flags, value, dimension, shards,
                                          self._answering, 0))
        if len(items) > 0:
            self._socket.sendall(memoryview(items).cast("B"))

    def answer_numbers(self, kind, numbers, **more):
        self.answer(kind, np.ascontiguousarray(numbers, self.type), self.type.itemsize, **more)

    def show(self, text, values):
        """One exhibit: its words, then its numbers, rows x columns."""
        self.answer(SHOWN, text.encode("utf-8", "backslashreplace"), 1, dimension=values.shape[0], shards=values.shape[1])
        self._socket.sendall(memoryview(values).cast("B"))

    def answer_text(self, kind, text):
        words = text.encode("utf-8", "backslashreplace")  # whatever is in it: file names may hold surrogates
        if len(words) > _LONGEST_TEXT:
            words = words[:_LONGEST_TEXT].decode("utf-8", "ignore").encode()  # not within a character
        self.answer(kind, words, 1)


@dataclasses.dataclass
class Request:
    kind: int
    count: int
    shard: int
    key: SampleKey
