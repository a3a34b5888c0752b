"""An engine asked as an endpoint is stops at a text, not at a token, and tells a cut reply from a whole one."""

import pytest

from benchmarks.scoring.external.engine_text import EngineText
from tests.runtime.fake_engine import FakeEngine


@pytest.mark.parametrize(
    ("reply", "stop", "text", "finish", "written"),
    [
        (" 7\n#### 7\n\nQuestion: more?", ("Question:",), " 7\n#### 7\n\n", "stop", 20),
        (" 7.", ("Question:",), " 7.", "stop", 3),
        (" 7 and so on and on", (), " 7 and so ", "length", 10),
        ("a</s>b", ("Question:", "</s>"), "a", "stop", 5),
        ("123456789.", (".",), "123456789", "stop", 10),
    ],
)
def test_a_reply_ends_where_a_stop_begins(
    reply: str, stop: tuple[str, ...], text: str, finish: str, written: int
) -> None:
    engine = FakeEngine({"Hi": reply})
    got = EngineText(engine).complete("Hi", stop=stop, max_tokens=10 if not stop or "." in stop else 40)
    assert (got.text, got.finish_reason, got.generated_tokens) == (text, finish, written)
    assert got.prompt_tokens == 2


def test_a_token_that_begins_texts_is_put_in_front() -> None:
    engine = FakeEngine({"Hi": "x"})
    EngineText(engine, start=(1,)).complete("Hi", max_tokens=5)
    assert engine.prompts == ["\x01Hi"]
