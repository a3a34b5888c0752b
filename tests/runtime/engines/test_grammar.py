"""Grammars on real vocabularies: what they admit, the same for both engines, and that whatever is written parses."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runtime.engines.engine import Decoding, Engine
from runtime.engines.grammar import Grammars, Matcher, admitted
from runtime.engines.opening import open_engine
from runtime.engines.sampling import chooser, likeliest
from runtime.solver.solver import Solver
from runtime.values.errors import InputError, MissingExtra, WorkFailed
from runtime.values.prompt import THOUGHTS, Thought, question_prefix, render_prompt

pytest.importorskip("llguidance")

QUESTION = "Ann has 48 clips and sells half as many in May. How many clips does she sell in all?"
END = 2
# What noise is made of, beside any token at all.
NOISE = [*"x+-*/^%=()[], .07\n", "ans", " =", " + ", " if", "sum", "math", "max", " round(", "mod", " of"]
NEVER = ("bad_syntax", "no_thought", "refused")

ADMITTED: list[tuple[Thought, str]] = [
    ("eot", "ans = 5"),
    ("eot", "clips_may = 48 / 2\nans = 48 + clips_may"),
    ("eot", "ans=3*(4+x)**2\n"),
    ("eot", "2 * adults + 3 * children = 40\nadults + children = 15\nans = adults"),
    ("eot", "ans = 7\nrest = ans - 2.5\nans = rest"),
    ("eot", "ans = round(7 / 2, 1) + max(3, -x) - abs(y ^ 2)"),
    ("eot", "iffy = 2\nans = iffy"),
    ("pot", "prices = [2, 3.5]\nans = sum(prices) // len(prices)"),
    ("pot", "ans = int(math.ceil(7 / 2)) % 3"),
    ("pot", "half = 0.5\nans = max([1, half]) + min(half, 2)"),
    ("cot", "She sold 48 / 2 = 24 clips in May.\nThe answer is 24."),
    ("cot", "The answer is $1,200.50."),
    ("cot", "The answer is 3, no: The answer is -3/4.\n"),
]
# What comes after the bar is where the grammar stops: an empty rest says that the text may not end there.
REFUSED: list[tuple[Thought, str, str]] = [
    ("eot", "clips = 48", ""),
    ("eot", "ans = 5\nclips = 3", ""),
    ("eot", "ans = ", ""),
    ("eot", "ans = (5", ""),
    ("eot", "clips", " in may"),
    ("eot", "a = 3 ", "apples"),
    ("eot", "a = 3", ", b = 4"),
    ("eot", "a = b", "(3)"),
    ("eot", "ans = 5\n", "\n"),
    ("eot", "", "Ann has 48"),
    ("eot", "x ", "< 3"),
    ("pot", "a = 0", "7"),
    ("pot", "", "import math"),
    ("pot", "", "for i in range(3):"),
    ("pot", "ans = ", "__import__('os')"),
    ("pot", "ans = ", "open(x)"),
    ("pot", "a = 2 ", "^ 3"),
    ("cot", "She sold 24 clips.", ""),
    ("cot", "The answer is twelve.", ""),
    ("cot", "The answer is 1,20.", ""),
]


@pytest.fixture(scope="module")
def engines(gguf_artifact: Path, onnx_artifact: Path) -> Iterator[dict[str, Engine]]:
    opened = {"gguf": open_engine(gguf_artifact, 1), "onnx": open_engine(onnx_artifact, 1)}
    yield opened
    for engine in opened.values():
        engine.close()


@pytest.fixture(scope="module")
def grammars(engines: dict[str, Engine]) -> Grammars:
    return engines["gguf"]._grammars  # type: ignore[attr-defined, no-any-return]


def write(engine: Engine, thought: Thought, decoding: Decoding) -> list[int]:
    prompt = engine.encode(render_prompt(QUESTION, thought))
    return list(engine.generate(prompt, decoding, shared=len(engine.encode(question_prefix(QUESTION)))))


def takes(matcher: Matcher, ids: list[int]) -> bool:
    return all(matcher.take(token) for token in ids)


@pytest.mark.parametrize(("thought", "text"), ADMITTED)
def test_a_thought_may_be_written_so(
    engines: dict[str, Engine], grammars: Grammars, thought: Thought, text: str
) -> None:
    matcher = grammars.matcher(thought)
    assert takes(matcher, engines["gguf"].encode(text))
    assert matcher.accepts()
    assert matcher.take(END)


@pytest.mark.parametrize(("thought", "admitted", "rest"), REFUSED)
def test_a_thought_may_not_go_on_or_end_so(
    engines: dict[str, Engine], grammars: Grammars, thought: Thought, admitted: str, rest: str
) -> None:
    encode = engines["gguf"].encode
    assert takes(grammars.matcher(thought), encode(admitted))
    matcher = grammars.matcher(thought)
    assert not takes(matcher, encode(admitted + rest) if rest else [*encode(admitted), END])


@pytest.mark.parametrize("word", ["if", "while", "import", "otherwise"])
def test_a_word_that_the_solver_refuses_is_no_name(
    engines: dict[str, Engine], grammars: Grammars, word: str
) -> None:
    assert not takes(grammars.matcher("eot"), engines["gguf"].encode(f"{word} = 3"))
    assert takes(grammars.matcher("eot"), engines["gguf"].encode(f"{word}s = 3"))


def test_both_engines_know_the_same_bytes_for_every_token(engines: dict[str, Engine]) -> None:
    gguf, onnx = (engine.pieces() for engine in engines.values())  # type: ignore[attr-defined]
    assert gguf == onnx
    assert not gguf[END]
    assert b"".join(gguf[token] for token in engines["gguf"].encode("a é = 3\n")) == "a é = 3\n".encode()


@pytest.mark.parametrize(("thought", "text"), ADMITTED)
def test_both_engines_admit_the_same_tokens_at_every_step(
    engines: dict[str, Engine], thought: Thought, text: str
) -> None:
    left, right = (
        engine._grammars.matcher(thought)  # type: ignore[attr-defined]
        for engine in engines.values()
    )
    for token in [*engines["gguf"].encode(text), END]:
        admits = left.admits(49152)
        assert (admits == right.admits(49152)).all()
        assert admits[token]
        assert left.take(token)
        assert right.take(token)


@pytest.mark.parametrize("thought", THOUGHTS)
@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_model_writes_under_a_grammar_parses(
    engine: Engine, solver: Solver, thought: Thought, seed: int
) -> None:
    decoding = Decoding(48, 0.5 * seed, seed, grammar=thought)
    text = engine.decode(write(engine, thought, decoding))
    if not engine.ended():
        text = text.rpartition("\n")[0]
    if engine.ended() or (text and thought != "cot"):
        assert solver.solve(thought, text).status not in NEVER


@pytest.mark.parametrize("thought", ["eot", "pot"])
def test_even_noise_parses(
    engines: dict[str, Engine], grammars: Grammars, solver: Solver, thought: Thought
) -> None:
    random, engine = np.random.default_rng(5), engines["gguf"]
    usual = [token for text in NOISE for token in engine.encode(text)]
    texts = []
    for _ in range(15):
        ids: list[int] = []
        matcher = grammars.matcher(thought)
        pick = admitted(likeliest, matcher)
        for _ in range(60):
            logits = random.random(49152, np.float32)
            logits[usual] += random.random(len(usual), np.float32)
            logits[engine.encode("\n")] += 0.5
            logits[END] = 2
            ids.append(pick(logits))
            if ids[-1] == END:
                break
        text = engine.decode(ids)
        texts.append(text if ids[-1] == END else text.rpartition("\n")[0])
    texts = [text for text in texts if text]
    assert len(texts) >= 5
    outcomes = solver.solve_batch((thought, text) for text in texts)
    assert not [outcome for outcome in outcomes if outcome.status in NEVER]


def test_a_text_that_the_grammar_admits_anyway_is_left_as_it_is(engines: dict[str, Engine]) -> None:
    engine = engines["gguf"]
    free = write(engine, "cot", Decoding(30))
    assert write(engine, "cot", Decoding(30, grammar="cot")) == free


def test_streams_write_what_one_sequence_writes(engine: Engine) -> None:
    prefix = engine.encode(question_prefix(QUESTION))
    tail = engine.encode("Equations:\n")
    for seed in (0, 3):
        decoding = Decoding(24, 0.9 if seed else 0.0, seed, grammar="eot")
        alone = list(engine.generate([*prefix, *tail], decoding, shared=len(prefix)))
        streams = engine.streams(1, 256)
        streams.start(prefix, [(tail, decoding)])
        tokens = []
        while more := streams.step():
            tokens += more
        streams.close()
        assert [token.id for token in tokens if token.id is not None] == alone


def test_each_stream_walks_through_its_own_grammar(engines: dict[str, Engine], solver: Solver) -> None:
    engine = engines["gguf"]
    prefix = engine.encode(question_prefix(QUESTION))
    tails = [
        (engine.encode("Equations:\n"), Decoding(32, 0.8, seed, grammar="eot" if seed % 2 else None))
        for seed in range(4)
    ]
    streams = engine.streams(4, 256)
    written: dict[int, list[int]] = {}
    streams.start(prefix, tails)
    while tokens := streams.step():
        for token in tokens:
            written.setdefault(token.slot, []).append(END if token.id is None else token.id)
    streams.close()
    for slot in (1, 3):
        assert takes(engine._grammars.matcher("eot"), written[slot])  # type: ignore[attr-defined]


def test_no_grammar_is_the_default_and_costs_nothing(grammars: Grammars) -> None:
    assert Decoding().grammar is None
    assert grammars.chooser(Decoding()) is likeliest


class Even:
    """A matcher that admits even tokens."""

    def take(self, token: int) -> bool:
        return token % 2 == 0

    def admits(self, width: int) -> Any:
        return np.arange(width) % 2 == 0


@pytest.mark.parametrize(
    ("choose", "expected"), [(likeliest, [0, 0, 1, 0]), (chooser(Decoding(temperature=1, seed=1)), None)]
)
def test_the_choice_is_that_of_the_masked_logits(
    choose: Callable[[Any], int], expected: list[float] | None
) -> None:
    logits = np.log(np.array([0.1, 0.5, 0.3, 0.1], np.float32))
    before = logits.copy()
    pick = admitted(choose, Even())  # type: ignore[arg-type]
    shares = np.bincount([pick(logits) for _ in range(4000)], minlength=4) / 4000
    assert shares == pytest.approx(expected or [0.25, 0, 0.75, 0], abs=0.03)
    assert (logits == before).all()


def test_the_grammar_asked_for_is_the_thoughts_own() -> None:
    assert Decoding(grammar="asked").asking("pot") == Decoding(grammar="pot")
    assert Decoding(grammar="pot").asking("pot") == Decoding(grammar="pot")
    assert Decoding().asking("pot") == Decoding()
    with pytest.raises(InputError, match="'eot' for thought pot; expected: asked or pot"):
        Decoding(grammar="eot").asking("pot")


def test_what_is_no_grammar_is_refused(grammars: Grammars) -> None:
    with pytest.raises(InputError, match="expected: eot, pot, cot"):
        grammars.chooser(Decoding(grammar="asked"))
    with pytest.raises(InputError, match="no grammars"):
        chooser(Decoding(grammar="eot"))


def test_a_reply_is_held_to_a_json_schema(engines: dict[str, Engine]) -> None:
    inner = {"type": "array", "items": {"type": "integer", "maximum": 99}, "minItems": 1, "maxItems": 2}
    schema = {
        "type": "object",
        "properties": {"numbers": inner},
        "required": ["numbers"],
        "additionalProperties": False,
    }
    decoding = Decoding(40, temperature=1.0, schema=json.dumps(schema))
    for engine in engines.values():
        for seed in range(3):
            ids = list(engine.generate(engine.encode("Some JSON: "), replace(decoding, seed=seed)))
            assert 1 <= len(json.loads(engine.decode(ids))["numbers"]) <= 2


def test_a_schema_that_is_none_is_told(grammars: Grammars) -> None:
    with pytest.raises(WorkFailed, match="could not be compiled"):
        grammars.chooser(Decoding(schema='{"type": "nothing"}'))
    with pytest.raises(InputError, match="no grammars"):
        chooser(Decoding(schema="{}"))


def test_an_artifact_without_an_end_token_has_no_grammar() -> None:
    grammars = Grammars(lambda: [b"a"], lambda text: [0], ())
    with pytest.raises(InputError, match="names no end token"):
        grammars.matcher("eot")


def test_a_missing_library_says_how_to_install_it(
    gguf_artifact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "llguidance", None)
    engine = open_engine(gguf_artifact, 1)
    assert len(write(engine, "eot", Decoding(3))) == 3
    with pytest.raises(MissingExtra, match=r"pip install 'edgethought\[grammar\]'"):
        write(engine, "eot", replace(Decoding(3), grammar="eot"))
    engine.close()
