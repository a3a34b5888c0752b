"""The sandbox: frames that cannot lie, limits that hold, and a report that says only what was reached."""

import platform
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest

from runtime.solver.sandbox.frames import (
    MAX_REPLY,
    NEEDS_SYMPY,
    BadFrame,
    Reply,
    Request,
    pack_reply,
    pack_request,
    status_code,
    unpack_reply,
    unpack_request,
)
from runtime.solver.sandbox.host import Host, WorkerDied
from runtime.solver.sandbox.seccomp import filter_program
from runtime.values.outcome import STATUSES

ROOT = Path(__file__).parents[4]
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")


@pytest.mark.parametrize(
    "request_",
    [
        Request("eot", "ans = 1", None, 5, 7),
        Request("pot", "ans = 'π'\n", "ans", 1 << 40, 250_000),
        Request("cot", "", "", 1, 1),
    ],
)
def test_requests_arrive_as_they_were_sent(request_: Request) -> None:
    assert unpack_request(pack_request(request_)) == request_


def test_lone_surrogates_become_question_marks() -> None:
    assert unpack_request(pack_request(Request("pot", "a\ud800b", None, 1, 1))).text == "a?b"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status_code("solved"), Fraction(-5, 2)),
        Reply(status_code("solved"), Fraction(10**399, 7), "rounded"),
        Reply(status_code("refused"), None, "line 1: open"),
        Reply(NEEDS_SYMPY),
        Reply(status_code("over_budget"), None, "out of memory", retiring=True),
    ],
)
def test_replies_arrive_as_they_were_sent(reply: Reply) -> None:
    frame = pack_reply(reply)
    assert unpack_reply(frame) == reply
    assert len(frame) <= MAX_REPLY


def _frame(
    code: int, above: bytes, below: bytes, reason: bytes = b"", above_digits: int | None = None
) -> bytes:
    body = bytes([code, 0]) + (len(above) if above_digits is None else above_digits).to_bytes(2, "little")
    body += len(below).to_bytes(2, "little") + above + below + reason
    return (len(body) + 4).to_bytes(4, "little") + body


@pytest.mark.parametrize(
    "frame",
    [
        b"\x04\x00\x00\x00",
        _frame(99, b"", b""),
        _frame(0, b"", b""),
        _frame(0, b"1", b"0"),
        _frame(0, b"1", b""),
        _frame(0, b"1_0", b"1"),
        _frame(0, b"-", b"1"),
        _frame(0, b" 1", b"1"),
        _frame(0, b"1", b"-1"),
        _frame(3, b"1", b"1"),
        _frame(0, b"1" * 400, b"1"),
        _frame(0, b"1", b"1", above_digits=60_000),
    ],
)
def test_a_worker_that_lies_about_its_reply_is_not_believed(frame: bytes) -> None:
    with pytest.raises(BadFrame):
        unpack_reply(frame)


def test_control_characters_never_leave_a_reason() -> None:
    reply = unpack_reply(_frame(status_code("refused"), b"", b"", b"a\x1b[31m\nb"))
    assert reply.reason.isprintable()


def test_every_status_has_a_code() -> None:
    assert [status_code(status) for status in STATUSES] == list(range(len(STATUSES)))


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_checks_the_machine_first_and_kills_by_default(machine: str) -> None:
    program = filter_program(machine)
    assert program is not None
    assert program[0] == (0x20, 0, 0, 4)
    assert program[2][3] == program[-1][3] == 0x80000000
    assert max(max(line[1], line[2]) for line in program) < len(program)


def test_unknown_machines_get_no_filter() -> None:
    assert filter_program("riscv64") is None


# What a locked-down worker tries; each must fail, by an error or by the process's death.
ATTEMPTS = {
    "open a file": "open('/etc/hostname').read()",
    "write a file": "open('/tmp/edgethought-escape', 'w')",
    "list a folder": "os.listdir('/')",
    "open a socket": "__import__('_socket').socket()",
    "start a process": "os.fork()",
    "run a program": "os.execv('/bin/true', ['true'])",
    "signal its parent": "os.kill(os.getppid(), 0)",
    "run machine code": "__import__('mmap').mmap(-1, 4096, prot=7)",
    "take much memory": "bytearray(1 << 30)",
}  # fmt: skip
LOCKED = """
import os, sys
sys.path.append({root!r})
import _socket, mmap
from runtime.solver.sandbox.lockdown import lock_down
held = lock_down(256 << 20)
os.write(1, held.encode() + b" ")
{attempt}
os.write(1, b"ESCAPED")
"""


@LINUX
@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_a_locked_worker_cannot(attempt: str) -> None:
    code = LOCKED.format(root=str(ROOT), attempt=attempt)
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, env={}, timeout=30)
    held = done.stdout.decode()
    if "seccomp" not in held:
        pytest.skip("this kernel has no seccomp for us")
    assert "ESCAPED" not in held
    assert done.returncode != 0


@LINUX
def test_the_worker_inherits_nothing_and_says_what_holds() -> None:
    host = Host("plain")
    try:
        host.wait_ready()
        pid = host._process.pid
        assert Path(f"/proc/{pid}/environ").read_bytes() == b""
        assert sorted(path.name for path in Path(f"/proc/{pid}/fd").iterdir()) == ["0", "1", "2"]
        status = Path(f"/proc/{pid}/status").read_text()
        assert ("seccomp" in host.isolation) == ("Seccomp:\t2" in status)
        assert host.isolation.startswith("process+rlimits")
        if platform.machine() in ("x86_64", "aarch64") and "Seccomp" in status:
            assert "seccomp" in host.isolation
    finally:
        host.kill()


def test_a_dead_worker_is_noticed_and_buried() -> None:
    host = Host("plain")
    host.wait_ready()
    assert host.idle()
    host._process.kill()
    host._process.wait()
    assert not host.idle()
    with pytest.raises(WorkerDied, match="signal 9"):
        host.receive(time.monotonic() + 5)
