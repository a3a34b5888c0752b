"""A tiny random student with a byte tokenizer: everything that a real one goes through, in milliseconds."""

from pathlib import Path
from typing import Any

from export.bases.tokenizer_kinds import (
    CONTROL,
    NORMAL,
    SPACE,
    TOKENIZER_KINDS,
    UNUSED,
    byte_alphabet,
    unused_token,
)
from export.checkpoint import CheckpointCard, save_card, save_student
from export.tokenizer import Vocabulary, save_tokenizer
from runtime.values.prompt import chat_template

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MERGES = ("a n", "an s", "Ġ =", "Q u", "e s", "t i", "o n", "Ġ t", "h e")


def tiny_vocabulary() -> Vocabulary:
    tokens = [*SPECIAL, *byte_alphabet(), *(merge.replace(" ", "") for merge in MERGES)]
    types = [CONTROL if token in SPECIAL else NORMAL for token in tokens]
    return Vocabulary(tuple(tokens), tuple(types), MERGES, "smollm", begin=1, end=2, pad=2, unknown=0)


def tiny_qwen_vocabulary(rows: int = 320) -> Vocabulary:
    """As Qwen2's: special tokens after all others, then rows that are no tokens; nothing begins a text."""
    words = [*byte_alphabet(), *(merge.replace(" ", "") for merge in MERGES)]
    tokens = [*words, *SPECIAL]
    unused = [unused_token(index) for index in range(len(tokens), rows)]
    types = [*(NORMAL for _ in words), *(CONTROL for _ in SPECIAL), *(UNUSED for _ in unused)]
    text, end = len(words), len(words) + SPECIAL.index("<|im_end|>")
    return Vocabulary(
        (*tokens, *unused), tuple(types), MERGES, "qwen2", begin=text, end=end, pad=text, unknown=text
    )


def tiny_gemma_vocabulary() -> Vocabulary:
    """As Gemma's: letters are characters, a token a byte for others; line breaks and runs of spaces are cut out first."""
    kind = TOKENIZER_KINDS["gemma"]
    merges = tuple(merge.replace("Ġ", SPACE) for merge in MERGES)
    front = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "<unused0>", "<start_of_turn>", "<end_of_turn>"]
    own = ["\n", "\n\n", "  ", "   ", "<td>"]
    letters = [SPACE, *map(chr, range(33, 127)), "é", "漢"]
    tokens = [
        *front,
        *own,
        *kind.alphabet,
        *(merge.replace(" ", "") for merge in merges),
        *letters,
        "<unused1>",
    ]
    types = tuple(
        kind.type_of(token, index, special=token in front, added=token in own)
        for index, token in enumerate(tokens)
    )
    return Vocabulary(tuple(tokens), types, merges, "gemma", begin=2, end=7, pad=0, unknown=3)


# What each architecture has that the others lack, small enough for milliseconds.
OWN_SIZES: dict[str, dict[str, Any]] = {
    "qwen2": {},
    "qwen3": {"head_dim": 48},
    "gemma3_text": {
        "head_dim": 48,
        "query_pre_attn_scalar": 48,
        "num_hidden_layers": 7,
        "sliding_window": 16,
        "rope_local_base_freq": 1000.0,
    },
}


def tiny_decoder(
    folder: Path, architecture: str, *, seed: int = 0, tied: bool = False, spread: float = 0.2
) -> Path:
    """Write a random Qwen2, Qwen3 or Gemma 3 as a base checkpoint; its biases and norms are such that they count.

    Of the last, five of seven blocks see a window that every prompt is longer than.
    """
    import torch
    from transformers import CONFIG_MAPPING, AutoModelForCausalLM

    vocabulary = tiny_gemma_vocabulary() if architecture == "gemma3_text" else tiny_qwen_vocabulary()
    torch.manual_seed(seed)
    sizes = {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "max_position_embeddings": 2048,
        "rope_theta": 1e6,
        **OWN_SIZES[architecture],
    }
    config = CONFIG_MAPPING[architecture](
        **sizes,
        vocab_size=len(vocabulary.tokens),
        tie_word_embeddings=tied,
        initializer_range=spread,
        bos_token_id=vocabulary.begin,
        eos_token_id=vocabulary.end,
        pad_token_id=vocabulary.pad,
    )
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("bias"):
                weight.normal_(0, 1)
            elif name.endswith("norm.weight") and architecture != "qwen2":
                weight.add_(torch.randn_like(weight), alpha=0.3)
    card = CheckpointCard(base=f"tiny-{architecture}-{seed}", license="Apache-2.0", max_tokens=24)
    save_student(model, folder)
    save_tokenizer(vocabulary, folder, chat_template(card.default_thought))
    save_card(card, folder)
    return folder


def tiny_qwen(folder: Path, *, seed: int = 0, tied: bool = False, spread: float = 0.2) -> Path:
    """Write a random two-layer Qwen2, see `tiny_decoder`."""
    return tiny_decoder(folder, "qwen2", seed=seed, tied=tied, spread=spread)


def tiny_checkpoint(
    folder: Path,
    *,
    seed: int = 0,
    vocabulary: Vocabulary | None = None,
    tied: bool = True,
    spread: float = 0.2,
) -> Path:
    """Write a random two-layer Llama as a base checkpoint; the wider the `spread` of its weights, the surer it is."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    vocabulary = vocabulary or tiny_vocabulary()
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(vocabulary.tokens),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=2048,
        tie_word_embeddings=tied,
        initializer_range=spread,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    card = CheckpointCard(base=f"tiny-{seed}", license="Apache-2.0", max_tokens=24)
    save_student(LlamaForCausalLM(config), folder)
    save_tokenizer(vocabulary, folder, chat_template(card.default_thought))
    save_card(card, folder)
    return folder
