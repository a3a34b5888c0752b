"""Where a server listens, and what ends it."""

import errno
import os
import signal

import pytest

from runtime.serve.server import _ending_signals, _listening, refused_address
from runtime.serve.settings import ServeSettings
from runtime.values.errors import InputError


@pytest.mark.parametrize(
    ("number", "part"),
    [
        (errno.EADDRINUSE, "port 80 of 127.0.0.1: address already in use; expected: a free one, --port 0"),
        (errno.EACCES, "port 80 of 127.0.0.1: permission denied; expected: 1024 or more, or the right"),
        (errno.EADDRNOTAVAIL, "host 127.0.0.1 is not this machine's; expected: an address of this machine"),
        (errno.ENOBUFS, "port 80 of 127.0.0.1: no buffer space available; expected"),
    ],
)
def test_an_address_that_cannot_be_had_is_told_with_its_reason(number: int, part: str) -> None:
    error = OSError(number, os.strerror(number))
    assert str(refused_address(ServeSettings(port=80), error)).startswith(part)


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_a_host_elsewhere_is_refused(host: str) -> None:
    settings = ServeSettings(host=host, port=0, tokens=("0123456789abcdef",))
    match = f"host .?{host}.*expected: an address of this machine"
    with pytest.raises(InputError, match=match), _listening(settings):
        pass


def test_a_closed_terminal_ends_a_server_unless_nohup_has_it_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        assert _ending_signals() == [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        assert _ending_signals() == [signal.SIGINT, signal.SIGTERM]
    finally:
        signal.signal(signal.SIGHUP, before)
