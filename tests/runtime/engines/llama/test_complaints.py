"""Ctrl-C while llama.cpp works: kept back until it has returned, and not lost."""

import os
import signal
import threading
from pathlib import Path

import pytest

from runtime.engines.llama.complaints import uninterrupted
from runtime.engines.llama.engine import library
from runtime.engines.opening import open_engine


def test_ctrl_c_is_kept_back_and_comes_then() -> None:
    reached = []
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        os.kill(os.getpid(), signal.SIGINT)
        reached.append(True)
    assert reached and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    # Threads get no signals, and nothing is changed there.
    entered: list[bool] = []

    def enter() -> None:
        with uninterrupted():
            entered.append(signal.getsignal(signal.SIGINT) is signal.default_int_handler)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert entered == [True]


def test_ctrl_c_while_a_model_is_loaded_ends_the_loading(
    gguf_artifact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = library.llama_model_load_from_file

    def load(*words: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return plain(*words)

    monkeypatch.setattr(library, "llama_model_load_from_file", load)
    with pytest.raises(KeyboardInterrupt):
        open_engine(gguf_artifact, 1)
