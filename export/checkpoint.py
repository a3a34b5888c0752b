"""Checkpoint: a student in the Hugging Face layout, plus `edgethought.json` that says what it was taught.

The weights are bfloat16 on disk; whoever computes with them decides the precision.
"""

import hashlib
import importlib.util
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from runtime.values.errors import InputError, MissingExtra
from runtime.values.files import write_json
from runtime.values.manifest import CHECKPOINT_FILE, file_sha256
from runtime.values.processor import processor_features
from runtime.values.prompt import THOUGHTS, Thought
from runtime.values.schema import migrated

CARD_FILE = CHECKPOINT_FILE
WEIGHTS_FILE = "model.safetensors"
# What transformers calls a decoder's embedding and head.
EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"
# Where bfloat16 products are quicker than float32 ones; elsewhere they are many times slower.
QUICK_BFLOAT16 = ("AVX512-BF16", "AMX", "NEON bf16")
BUILD_PACKAGES = (
    "torch",
    "transformers",
    "peft",
    "accelerate",
    "gguf",
    "safetensors",
    "onnx_ir",
    "matplotlib",
)


@dataclass(frozen=True, slots=True)
class Trimmed:
    """Where a trimmed vocabulary is from: how many tokens were kept, of how many that the base has, and two hashes.

    `parent` is the `checkpoint_sha256` of what was trimmed, `corpus_sha256` is over the texts that say what is needed.
    """

    tokens: int
    whole_tokens: int
    parent: str
    corpus_sha256: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What a checkpoint was merged from: the sha256 of an adapter's weights, and its base's `checkpoint_sha256`."""

    adapter_sha256: str
    parent: str


@dataclass(frozen=True, slots=True)
class CheckpointCard:
    """What a checkpoint is: its base, the thoughts it learned (none for a base), the default one, and its data.

    `near_duplicates` names the tasks whose test questions it saw with other numbers. `trimmed` is there where the
    vocabulary is not the base's whole one, `merged` where it is an adapter and its base. `quantization` is the GGUF type
    that its weights were rounded to while it learned, empty where none was. A published student has a `name` of its own.
    """

    base: str
    license: str
    thoughts: tuple[Thought, ...] = ()
    default_thought: Thought = "eot"
    data_sha256: str = ""
    max_tokens: int = 320
    near_duplicates: tuple[str, ...] = ()
    trimmed: Trimmed | None = None
    merged: Merged | None = None
    name: str = ""
    quantization: str = ""

    @property
    def title(self) -> str:
        """Its name, else its base's, with the number of tokens where they are not all of it: `smollm2-135m-v18624`."""
        if self.name:
            return self.name
        return f"{self.base}-v{self.trimmed.tokens}" if self.trimmed else self.base


def save_card(card: CheckpointCard, folder: Path) -> None:
    """Write `edgethought.json` into a checkpoint folder."""
    write_json(folder / CARD_FILE, asdict(card))


def read_card(folder: Path) -> CheckpointCard:
    """Read a checkpoint's card; raises InputError when the folder is no checkpoint of ours."""
    try:
        row = migrated(json.loads((folder / CARD_FILE).read_text(encoding="utf-8")), folder / CARD_FILE)
        lists = {"thoughts": tuple(row["thoughts"]), "near_duplicates": tuple(row.get("near_duplicates", ()))}
        trimmed = Trimmed(**row["trimmed"]) if row.get("trimmed") else None
        merged = Merged(**row["merged"]) if row.get("merged") else None
        card = CheckpointCard(**{**row, **lists, "trimmed": trimmed, "merged": merged})
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(
            f"{folder} is no checkpoint (no {CARD_FILE}); expected: a folder that training wrote"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder / CARD_FILE} is damaged ({type(error).__name__}: {error}); expected: a card as training writes it"
        ) from error
    if card.default_thought not in THOUGHTS or not set(card.thoughts) <= set(THOUGHTS):
        raise InputError(
            f"{folder / CARD_FILE} names thoughts {card.thoughts}; expected: {', '.join(THOUGHTS)}"
        )
    return card


def checkpoint_sha256(folder: Path) -> str:
    """One hash over what decides a checkpoint's answers: weights, configuration and tokenizer."""
    names = [WEIGHTS_FILE, "config.json", "tokenizer.json"]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"{folder} has no {', '.join(missing)}; expected: a checkpoint with full, merged weights"
        )
    return hashlib.sha256("".join(_sha256_once(folder / name) for name in names).encode()).hexdigest()


def _sha256_once(path: Path) -> str:
    """A file's sha256, computed once a process for each time that it was written."""
    written = path.stat()
    return _sha256_of(path.resolve(), written.st_size, written.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256_of(path: Path, size: int, written_ns: int) -> str:
    return file_sha256(path)


def check_weights(folder: Path) -> None:
    """Raise InputError where a checkpoint's weights are no whole file; only their head is read."""
    require_build()
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / WEIGHTS_FILE, framework="pt"):
            pass
    except FileNotFoundError as error:
        raise InputError(
            f"{folder} has no {WEIGHTS_FILE}; expected: a checkpoint with full, merged weights"
        ) from error
    except SafetensorError as error:
        raise InputError(
            f"{folder / WEIGHTS_FILE} is damaged ({error}); expected: the file as it was written, copy or make it again"
        ) from error


def student_hashes(folder: Path) -> tuple[str, ...]:
    """What tells a student's hidden states from another's, whatever its tokens and however it is quantized.

    A hash over all its weights but embedding and head, which trimming leaves alone; and where an adapter was merged, the
    adapter's, because another machine may round the sums otherwise. Two that share one of them are one student.
    """
    require_build()
    import torch
    from safetensors import safe_open

    digest = hashlib.sha256()
    with safe_open(folder / WEIGHTS_FILE, framework="pt") as weights:
        for name in sorted(set(weights.keys()) - {EMBEDDING, HEAD}):
            tensor = weights.get_tensor(name).contiguous()
            digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
            digest.update(tensor.flatten().view(torch.uint8).numpy())
    merged = read_card(folder).merged
    return (digest.hexdigest(), *([merged.adapter_sha256] if merged else []))


def require_build() -> None:
    """Raise MissingExtra when a package that training or export needs is not installed; imports none of them."""
    missing = [name for name in BUILD_PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtra(f"building needs {', '.join(missing)}: pip install 'edgethought[build]'")


def read_config(folder: Path) -> dict[str, Any]:
    """A checkpoint's `config.json`; raises InputError when it is missing or damaged."""
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{folder} has no config.json; expected: a checkpoint folder") from error
    except ValueError as error:
        raise InputError(f"{folder / 'config.json'} is damaged ({error}); expected: a JSON object") from error
    return config


def is_encoder_decoder(folder: Path) -> bool:
    """Whether a checkpoint is an encoder-decoder (T5, FlanT5, CodeT5), by its `config.json`."""
    return bool(read_config(folder).get("is_encoder_decoder", False))


def quick_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 numbers quicker than float32 ones."""
    return any(feature in processor_features() for feature in QUICK_BFLOAT16)


def load_student(folder: Path, *, dtype: Any = None) -> Any:
    """The checkpoint's model in evaluation mode, in `dtype` (float32 when None), on the CPU."""
    require_build()
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    loader = AutoModelForSeq2SeqLM if is_encoder_decoder(folder) else AutoModelForCausalLM
    model = loader.from_pretrained(folder, dtype=dtype or torch.float32, local_files_only=True)
    return model.eval()


def load_tokenizer(folder: Path) -> Any:
    """The checkpoint's own tokenizer; encode with `add_special_tokens=False`."""
    require_build()
    from transformers import PreTrainedTokenizerFast

    # transformers 4.57 takes every large vocabulary for a Mistral's, and warns of a splitting that is none of ours.
    tokenizer = PreTrainedTokenizerFast.from_pretrained(
        folder, local_files_only=True, fix_mistral_regex=False
    )
    # A question that contains `<|im_end|>` is text to the device, so it is text here.
    tokenizer.split_special_tokens = True
    return tokenizer


def padded(sequences: Sequence[Sequence[int]], rows: int) -> Iterator[tuple[Any, Any]]:
    """Batches of `rows` sequences, in order: ids (row, position), and which of those are no padding.

    Padding is on the right, where a causal model's earlier positions do not see it.
    """
    import torch

    for start in range(0, len(sequences), rows):
        some = [torch.tensor(sequence) for sequence in sequences[start : start + rows]]
        lengths = torch.tensor([len(sequence) for sequence in some])
        ids = torch.nn.utils.rnn.pad_sequence(some, batch_first=True)
        yield ids, torch.arange(ids.shape[1]) < lengths[:, None]


def save_student(model: Any, folder: Path) -> None:
    """Save a model's weights in bfloat16 with a clean configuration: no quantisation entry of its source, heads named."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    model.to(torch.bfloat16).save_pretrained(folder, safe_serialization=True)
    if not model.config.is_encoder_decoder:
        # transformers leaves it out where it is its own default, which not every reader shares.
        config = read_config(folder)
        if "tie_word_embeddings" not in config:
            write_json(
                folder / "config.json", {**config, "tie_word_embeddings": model.config.tie_word_embeddings}
            )
