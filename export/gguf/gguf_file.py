"""Checkpoint to GGUF: the weights exactly (bfloat16), which llama.cpp then quantises; and what a GGUF file says.

The tensor layout and metadata keys are llama.cpp's own convention, written through the `gguf` package.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from export.bases.tokenizer_kinds import scores_of
from export.checkpoint import EMBEDDING, HEAD, WEIGHTS_FILE, CheckpointCard, read_config, require_build
from export.gguf.architectures import Architecture, check_plain
from export.gguf.blocks import PackedMatrix, RoundedWeights
from export.gguf.quantize import FILE_TYPES
from export.gguf.reader import gguf_field, read_gguf
from export.tokenizer import Vocabulary, read_vocabulary
from runtime.values.prompt import chat_template

# Two matrices that differ by less than this, relative to their size, are nearer to each other than their roundings to
# four bits are to either (0.087 for the head of Qwen2.5-Coder-0.5B as q4_0, whose embedding is 0.044 away).
SHARED_DISTANCE = 0.06


# ggml's version of its quantised types.
QUANTIZATION_VERSION = 2


def write_gguf(
    checkpoint: Path,
    card: CheckpointCard,
    out: Path,
    *,
    shared_head: bool = False,
    rounded: RoundedWeights | None = None,
) -> None:
    """Write a checkpoint as a bfloat16 GGUF (norms and biases in float32): the same numbers, bit for bit.

    `shared_head`: the head's numbers stand in for the embedding's, see `has_nearly_tied_head`. `rounded`: blocks that
    stand in for every matrix. Raises InputError for an architecture that is not in `ARCHITECTURES`.
    """
    gguf = _gguf()
    config = read_config(checkpoint)
    architecture = check_plain(config, checkpoint)
    writer = gguf.GGUFWriter(out, architecture.gguf_name)
    _write_metadata(writer, architecture, config, card)
    writer.add_file_type(FILE_TYPES[rounded.quantization if rounded else "bf16"])
    if rounded:
        writer.add_quantization_version(QUANTIZATION_VERSION)
    _write_vocabulary(writer, read_vocabulary(checkpoint), card)
    names = _names(architecture, config, shared_head=shared_head)
    _write_tensors(writer, names, architecture, config, checkpoint, rounded.matrices if rounded else {})
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _gguf() -> Any:
    require_build()
    import gguf

    return gguf


def _write_metadata(
    writer: Any, architecture: Architecture, config: dict[str, Any], card: CheckpointCard
) -> None:
    writer.add_name(f"edgethought {card.title}")
    writer.add_license(card.license)
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_freq_base(config["rope_theta"])
    head_dim = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
    writer.add_rope_dimension_count(head_dim)
    if architecture.own_head_size:
        writer.add_key_length(head_dim)
        writer.add_value_length(head_dim)
    if architecture.windowed:
        writer.add_sliding_window(config["sliding_window"])
        writer.add_rope_freq_base_swa(config["rope_local_base_freq"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])


def _write_vocabulary(writer: Any, vocabulary: Vocabulary, card: CheckpointCard) -> None:
    kind, tokens, types = vocabulary.kind, vocabulary.tokens, vocabulary.types
    writer.add_tokenizer_model(kind.gguf_model)
    writer.add_tokenizer_pre(kind.gguf_pre)
    writer.add_token_list(list(tokens))
    writer.add_token_types(list(types))
    if kind.sentencepiece:
        writer.add_token_scores(scores_of(tokens, types, vocabulary.merges))
    else:
        writer.add_token_merges(list(vocabulary.merges))
    writer.add_bos_token_id(vocabulary.begin)
    writer.add_eos_token_id(vocabulary.end)
    writer.add_eot_token_id(vocabulary.end)
    writer.add_pad_token_id(vocabulary.pad)
    writer.add_unk_token_id(vocabulary.unknown)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(chat_template(card.default_thought))


def has_nearly_tied_head(checkpoint: Path) -> bool:
    """Whether head and embedding are two roundings of one matrix, as in a base that came as a quantised GGUF file."""
    from safetensors import safe_open

    if read_config(checkpoint).get("tie_word_embeddings"):
        return False
    with safe_open(checkpoint / WEIGHTS_FILE, framework="pt") as weights:
        if HEAD not in weights.keys():  # noqa: SIM118
            return False
        head, embedding = weights.get_tensor(HEAD).float(), weights.get_tensor(EMBEDDING).float()
    return bool((head - embedding).norm() < SHARED_DISTANCE * head.norm())


def _names(architecture: Architecture, config: dict[str, Any], *, shared_head: bool) -> dict[str, str]:
    names = architecture.names(config["num_hidden_layers"], tied=config["tie_word_embeddings"])
    if not shared_head:
        return names
    return {HEAD: names[EMBEDDING]} | {
        theirs: ours for theirs, ours in names.items() if theirs not in (HEAD, EMBEDDING)
    }


def _write_tensors(
    writer: Any,
    names: Mapping[str, str],
    architecture: Architecture,
    config: dict[str, Any],
    checkpoint: Path,
    rounded: Mapping[str, PackedMatrix],
) -> None:
    from safetensors import safe_open

    gguf = _gguf()
    with safe_open(checkpoint / WEIGHTS_FILE, framework="pt") as weights:
        for theirs, ours in names.items():
            if matrix := rounded.get(theirs):
                # Rows may stand in another order in GGUF; blocks lie along a row.
                rows = architecture.to_gguf(theirs, matrix.rows, config)
                writer.add_tensor(ours, rows, raw_dtype=gguf.GGMLQuantizationType[matrix.type])
                continue
            value = architecture.to_gguf(theirs, weights.get_tensor(theirs).float().numpy(), config)
            if value.ndim == 1:
                writer.add_tensor(ours, value)
            else:
                kind = gguf.GGMLQuantizationType.BF16
                writer.add_tensor(ours, gguf.quantize(value, kind), raw_dtype=kind)


def gguf_end_tokens(path: Path) -> tuple[int, ...]:
    """The end-of-sequence ids that a GGUF file itself declares."""
    end = gguf_field(read_gguf(path), "tokenizer.ggml.eos_token_id")
    return () if end is None else (int(end),)


def gguf_chat_template(path: Path) -> str:
    """The chat template inside a GGUF file, empty when there is none."""
    return str(gguf_field(read_gguf(path), "tokenizer.chat_template") or "")
