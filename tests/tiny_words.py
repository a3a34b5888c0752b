"""A byte-level BPE vocabulary with real words, learned on the spot from our stories: large enough to be trimmed."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from distill.stories import generate
from export.bases.tokenizer_kinds import CONTROL, NORMAL, byte_alphabet
from export.tokenizer import Vocabulary, tokenizer_json
from tests.tiny import SPECIAL, tiny_vocabulary

# Bytes that the vocabulary lacks on purpose, as SmolLM2's lacks 21.
LACKING = (0x04, 0x1D, 0xC0, 0xF1)


@cache
def word_vocabulary(tokens: int = 1200) -> Vocabulary:
    """Special tokens, all bytes but `LACKING`, and merges up to `tokens` in all."""
    from tokenizers import Tokenizer, trainers

    alphabet = [token for byte, token in enumerate(byte_alphabet()) if byte not in LACKING]
    plain = replace(
        tiny_vocabulary(),
        tokens=(*SPECIAL, *alphabet),
        types=(*(CONTROL for _ in SPECIAL), *(NORMAL for _ in alphabet)),
        merges=(),
    )
    tokenizer = Tokenizer.from_str(json.dumps(tokenizer_json(plain)))
    trainer = trainers.BpeTrainer(
        vocab_size=tokens, special_tokens=list(SPECIAL), initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(story_questions(), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    ordered = sorted(model["vocab"], key=model["vocab"].__getitem__)
    return replace(
        plain,
        tokens=tuple(ordered),
        types=tuple(CONTROL if token in SPECIAL else NORMAL for token in ordered),
        merges=tuple(" ".join(merge) for merge in model["merges"]),
    )


@cache
def story_questions(count: int = 300) -> tuple[str, ...]:
    """Questions of training stories."""
    return tuple(story.problem.question for story in generate("train", count, 0))


def spell(vocabulary: Vocabulary, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of each text; the names of special tokens are text."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(json.dumps(tokenizer_json(vocabulary)))
    tokenizer.encode_special_tokens = True
    return [row.ids for row in tokenizer.encode_batch(list(texts), add_special_tokens=False)]


def read_back(vocabulary: Vocabulary, ids: Sequence[int]) -> str:
    """The text of token ids, by the bytes that their characters stand for."""
    byte = {token: index for index, token in enumerate(byte_alphabet())}
    spelled = "".join(vocabulary.tokens[token] for token in ids)
    return bytes(byte[character] for character in spelled).decode("utf-8", "surrogatepass")
