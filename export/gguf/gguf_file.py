"""Checkpoint to GGUF: write the weights exactly (bfloat16), then let llama.cpp quantise them.

The tensor layout and metadata keys are llama.cpp's own convention, written through the `gguf` package.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from export.checkpoint import WEIGHTS_FILE, CheckpointCard, read_config, require_build
from export.gguf.architectures import Architecture, check_plain
from export.tokenizer import Vocabulary, read_vocabulary
from export.tokenizer_kinds import scores_of
from runtime.values.errors import WorkFailed
from runtime.values.prompt import chat_template

# llama.h's `llama_ftype`
FILE_TYPES = {"f16": 1, "q4_0": 2, "q4_1": 3, "q8_0": 7, "q5_0": 8, "iq4_nl": 25, "bf16": 32}

# `ggml_type` of the embedding, which is the head too, where llama.cpp's own choice (q8_0) is slow: it has no kernel for
# several rows of it at once on x86. Measured with q4_0: 14 MB less, 12 % quicker alone, 20 % at eight streams, for 0.02
# nats a token.
HEAD_TYPES = {"q4_0": 20}  # iq4_nl


def write_gguf(checkpoint: Path, card: CheckpointCard, out: Path) -> None:
    """Write a checkpoint as a bfloat16 GGUF (norms and biases in float32): the same numbers, bit for bit.

    Raises InputError for an architecture that is not in `ARCHITECTURES`.
    """
    gguf = _gguf()
    config = read_config(checkpoint)
    architecture = check_plain(config, checkpoint)
    writer = gguf.GGUFWriter(out, architecture.gguf_name)
    _write_metadata(writer, architecture, config, card)
    _write_vocabulary(writer, read_vocabulary(checkpoint), card)
    _write_tensors(writer, architecture, config, checkpoint / WEIGHTS_FILE)
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
    writer.add_file_type(FILE_TYPES["bf16"])


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


def _write_tensors(
    writer: Any, architecture: Architecture, config: dict[str, Any], weights_file: Path
) -> None:
    from safetensors import safe_open

    gguf = _gguf()
    names = architecture.names(config["num_hidden_layers"], tied=config["tie_word_embeddings"])
    with safe_open(weights_file, framework="pt") as weights:
        for theirs, ours in names.items():
            value = architecture.to_gguf(theirs, weights.get_tensor(theirs).float().numpy(), config)
            if value.ndim == 1:
                writer.add_tensor(ours, value)
            else:
                kind = gguf.GGMLQuantizationType.BF16
                writer.add_tensor(ours, gguf.quantize(value, kind), raw_dtype=kind)


def quantize_gguf(source: Path, out: Path, quantization: str) -> None:
    """Quantise a GGUF with llama.cpp's own quantiser; raises WorkFailed when it refuses."""
    from runtime.engines.llama.engine import silence_log
    from runtime.engines.llama.library import library

    silence_log()
    parameters = library.llama_model_quantize_default_params()
    parameters.ftype = FILE_TYPES[quantization]
    if quantization in HEAD_TYPES:
        parameters.token_embedding_type = parameters.output_tensor_type = HEAD_TYPES[quantization]
    code = library.llama_model_quantize(str(source).encode(), str(out).encode(), parameters)
    if code != 0:
        raise WorkFailed(f"llama.cpp could not quantise {source.name} to {quantization} (code {code})")


def gguf_tensor_types(path: Path) -> dict[str, int]:
    """How many tensors of a GGUF file have each type: what the file really is, whatever its name says."""
    counts = Counter(tensor.tensor_type.name for tensor in _gguf().GGUFReader(path).tensors)
    return dict(sorted(counts.items()))


def gguf_end_tokens(path: Path) -> tuple[int, ...]:
    """The end-of-sequence ids that a GGUF file itself declares."""
    end = _field(path, "tokenizer.ggml.eos_token_id")
    return () if end is None else (int(end),)


def gguf_chat_template(path: Path) -> str:
    """The chat template inside a GGUF file, empty when there is none."""
    return str(_field(path, "tokenizer.chat_template") or "")


def _field(path: Path, name: str) -> Any:
    field = _gguf().GGUFReader(path).get_field(name)
    return None if field is None else field.contents()
