"""A tiny random student with a byte tokenizer: everything that a real one goes through, in milliseconds."""

from pathlib import Path

from export.checkpoint import CheckpointCard, save_card, save_student
from export.tokenizer import (
    CONTROL,
    NORMAL,
    UNUSED,
    Vocabulary,
    byte_alphabet,
    save_tokenizer,
    unused_token,
)
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


def tiny_qwen(folder: Path, *, seed: int = 0, tied: bool = False, spread: float = 0.2) -> Path:
    """Write a random two-layer Qwen2 as a base checkpoint; its queries, keys and values have biases that count."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    vocabulary = tiny_qwen_vocabulary()
    torch.manual_seed(seed)
    config = Qwen2Config(
        vocab_size=len(vocabulary.tokens),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=2048,
        rope_theta=1e6,
        tie_word_embeddings=tied,
        initializer_range=spread,
        bos_token_id=vocabulary.begin,
        eos_token_id=vocabulary.end,
        pad_token_id=vocabulary.pad,
    )
    model = Qwen2ForCausalLM(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("bias"):
                weight.normal_(0, 1)
    card = CheckpointCard(base=f"tiny-qwen-{seed}", license="Apache-2.0", max_tokens=24)
    save_student(model, folder)
    save_tokenizer(vocabulary, folder, chat_template(card.default_thought))
    save_card(card, folder)
    return folder


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
