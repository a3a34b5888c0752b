"""A GGUF file becomes a checkpoint: weights dequantised, tokenizer and configuration written out."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from export.bases.tokenizer_kinds import (
    CONTROL,
    TOKENIZER_KINDS,
    UNKNOWN,
    USER_DEFINED,
    TokenizerKind,
    gguf_kind,
    merges_of,
)
from export.checkpoint import CheckpointCard, require_build, save_card, save_student
from export.gguf.architectures import Architecture, find_gguf_architecture
from export.gguf.reader import gguf_field, read_gguf
from export.tokenizer import Vocabulary, save_tokenizer
from runtime.values.errors import InputError
from runtime.values.prompt import chat_template

# A Gemma's rotary base inside a window, where its file names none: older converters left it to llama.cpp.
LOCAL_ROPE_BASE = 10_000.0


def convert_gguf(source: Path, folder: Path, card: CheckpointCard) -> None:
    """Dequantise a GGUF into a checkpoint folder with weights, configuration, tokenizer and card.

    Raises InputError, naming `source`, for a file that is no whole GGUF or holds an architecture that we lack.
    """
    require_build()
    reader = _open(source)
    architecture = find_gguf_architecture(gguf_field(reader, "general.architecture"), source)
    weights = _weights(reader, architecture, source)
    vocabulary = _vocabulary(reader, source)
    save_student(_model(reader, architecture, weights, vocabulary), folder)
    save_tokenizer(vocabulary, folder, chat_template(card.default_thought))
    save_card(card, folder)


def _open(source: Path) -> Any:
    try:
        return read_gguf(source)
    # What numpy and the reader say of bytes that are none of theirs, or that end too early.
    except (ValueError, IndexError, KeyError) as error:
        raise InputError(
            f"{source} is no whole GGUF file ({' '.join(str(error).split())[:120]}); expected: the whole file, get it "
            "again"
        ) from error


def _sizes(reader: Any, architecture: Architecture) -> dict[str, Any]:
    """The configuration, as transformers spells it."""
    of = architecture.gguf_name
    sizes = {
        # The tokens themselves are slow to read where there are many.
        "vocab_size": len(reader.get_field("tokenizer.ggml.tokens").data),
        "hidden_size": gguf_field(reader, f"{of}.embedding_length"),
        "intermediate_size": gguf_field(reader, f"{of}.feed_forward_length"),
        "num_hidden_layers": gguf_field(reader, f"{of}.block_count"),
        "num_attention_heads": gguf_field(reader, f"{of}.attention.head_count"),
        "num_key_value_heads": gguf_field(reader, f"{of}.attention.head_count_kv"),
        "max_position_embeddings": gguf_field(reader, f"{of}.context_length"),
        "rms_norm_eps": round(gguf_field(reader, f"{of}.attention.layer_norm_rms_epsilon"), 10),
        "rope_theta": gguf_field(reader, f"{of}.rope.freq_base"),
    }
    if architecture.own_head_size:
        sizes["head_dim"] = gguf_field(reader, f"{of}.attention.key_length")
    if architecture.windowed:
        sizes["query_pre_attn_scalar"] = sizes["head_dim"]
        sizes["sliding_window"] = gguf_field(reader, f"{of}.attention.sliding_window")
        sizes["rope_local_base_freq"] = gguf_field(reader, f"{of}.rope.freq_base_swa", LOCAL_ROPE_BASE)
    return sizes


def _weights(reader: Any, architecture: Architecture, source: Path) -> dict[str, Any]:
    """Every weight in bfloat16 by transformers' name; a head that equals the embedding is left out, it is tied."""
    import gguf
    import torch

    sizes = _sizes(reader, architecture)
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    names = architecture.names(sizes["num_hidden_layers"], tied="output.weight" not in tensors)
    if odd := set(tensors) ^ set(names.values()):
        raise InputError(
            f"{source} has tensors that a plain {architecture.name} has not, or lacks some; first: {min(odd)}; "
            "expected: just those that llama.cpp has for it"
        )
    weights = {}
    for theirs, ours in names.items():
        value = gguf.dequantize(tensors[ours].data, tensors[ours].tensor_type)
        value = architecture.from_gguf(theirs, value, sizes)
        weights[theirs] = torch.from_numpy(value.copy()).to(torch.bfloat16)
    head = weights.get("lm_head.weight")
    if head is not None and torch.equal(head, weights["model.embed_tokens.weight"]):
        del weights["lm_head.weight"]
    return weights


def _model(
    reader: Any, architecture: Architecture, weights: Mapping[str, Any], vocabulary: Vocabulary
) -> Any:
    """The model that holds these very tensors; it is there to be saved, its rotary table has no values."""
    import torch
    from transformers import CONFIG_MAPPING, AutoModelForCausalLM

    config = CONFIG_MAPPING[architecture.name](
        **_sizes(reader, architecture),
        tie_word_embeddings="lm_head.weight" not in weights,
        bos_token_id=vocabulary.begin,
        eos_token_id=vocabulary.end,
        pad_token_id=vocabulary.pad,
        dtype="float32",
    )
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    missing, unexpected = model.load_state_dict(weights, strict=False, assign=True)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    return model


def _vocabulary(reader: Any, source: Path) -> Vocabulary:
    """Tokens, merges and special ids; raises InputError for a tokenizer that we lack."""
    model, pre = (gguf_field(reader, f"tokenizer.ggml.{key}", "") for key in ("model", "pre"))
    name = gguf_kind(model, pre)
    if name is None:
        raise InputError(
            f"{source} has the tokenizer {model!r} ({pre!r}); expected: {', '.join(TOKENIZER_KINDS)}"
        )
    tokens, listed = (
        gguf_field(reader, "tokenizer.ggml.tokens"),
        gguf_field(reader, "tokenizer.ggml.token_type"),
    )
    types = tuple(_types(TOKENIZER_KINDS[name], tokens, listed))
    if TOKENIZER_KINDS[name].sentencepiece:
        merges = tuple(merges_of(tokens, types, gguf_field(reader, "tokenizer.ggml.scores")))
    else:
        merges = tuple(gguf_field(reader, "tokenizer.ggml.merges"))
    end = gguf_field(reader, "tokenizer.ggml.eos_token_id")
    pad = gguf_field(reader, "tokenizer.ggml.padding_token_id", end)
    return Vocabulary(
        tokens=tuple(tokens),
        types=types,
        merges=merges,
        kind_name=name,
        begin=gguf_field(reader, "tokenizer.ggml.bos_token_id", pad),
        end=end,
        pad=pad,
        unknown=gguf_field(reader, "tokenizer.ggml.unknown_token_id", pad),
    )


def _types(kind: TokenizerKind, tokens: Sequence[str], types: Sequence[int]) -> Iterator[int]:
    for index, (token, given) in enumerate(zip(tokens, types, strict=True)):
        own = given in (UNKNOWN, CONTROL, USER_DEFINED)
        yield kind.type_of(token, index, special=own and given != USER_DEFINED, added=own)
