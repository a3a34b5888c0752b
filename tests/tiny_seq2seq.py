"""A tiny random T5 with a tokenizer trained on the spot: the way of FlanT5 and CodeT5, in milliseconds."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from export.bases.tokenizer_kinds import SMOLLM_PRE_TOKENIZER
from export.checkpoint import CheckpointCard, save_card, save_student
from runtime.values.files import write_json
from runtime.values.prompt import chat_template

PAD, END, SPECIAL = 0, 1, ("<pad>", "</s>", "<unk>")
CORPUS = (
    "Question: Tom has 2 pens and gets 3 more. How many pens has he?\nEquations:\n",
    "pens_had = 2\npens_got = 3\nans = pens_had + pens_got",
)


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread: on a busy machine two that wait for each other take five times as long over tiny sums."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train_tokenizer(folder: Path, corpus: Sequence[str], *, tokens: int = 300) -> int:
    """Learn merges over bytes from `corpus`, so that any text has ids; writes both files, returns the vocabulary."""
    import json

    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    digits, byte_level = SMOLLM_PRE_TOKENIZER["pretokenizers"]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(digits["individual_digits"]),
            pre_tokenizers.ByteLevel(byte_level["add_prefix_space"], byte_level["use_regex"]),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=tokens, special_tokens=list(SPECIAL), initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(corpus, trainer)
    write_json(folder / "tokenizer.json", json.loads(tokenizer.to_str()))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": SPECIAL[END],
        "pad_token": SPECIAL[PAD],
        "unk_token": SPECIAL[2],
        "clean_up_tokenization_spaces": False,
        "chat_template": chat_template("eot"),
    }
    write_json(folder / "tokenizer_config.json", config)
    return int(tokenizer.get_vocab_size())


def tiny_t5(folder: Path, corpus: Sequence[str] = CORPUS, *, seed: int = 0, tied: bool = False) -> Path:
    """Write a random two-layer T5 of width 32 and a tokenizer of `corpus` as a base checkpoint."""
    import torch
    from transformers import T5Config, T5ForConditionalGeneration

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = train_tokenizer(folder, corpus)
    torch.manual_seed(seed)
    config = T5Config(
        vocab_size=vocabulary,
        d_model=32,
        d_kv=16,
        d_ff=64,
        num_layers=2,
        # As in FlanT5-small, the heads together are wider than the model.
        num_heads=3,
        dropout_rate=0.0,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=tied,
        decoder_start_token_id=PAD,
        pad_token_id=PAD,
        eos_token_id=END,
    )
    save_student(T5ForConditionalGeneration(config), folder)
    save_card(CheckpointCard(base=f"tiny-t5-{seed}", license="Apache-2.0", max_tokens=24), folder)
    return folder
