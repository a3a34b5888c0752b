"""The two graphs of an encoder-decoder student as optimum exports them, run with plain onnxruntime and IO binding.

`encoder_model.onnx` reads the prompt once. `decoder_model_merged.onnx` holds two branches over one set of weights: the
first step computes the keys and values of the encoder's states, every later step takes them, and those of the tokens
before, from the step before. They stay onnxruntime's own tensors from step to step and never pass through numpy.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as library

from runtime.engines.onnx.session import Runs, open_session
from runtime.values.errors import InputError
from runtime.values.manifest import AS_EXPORTED

ENCODER_FILE, DECODER_FILE, CONFIG_FILE = "encoder_model.onnx", "decoder_model_merged.onnx", "config.json"
PAST, PRESENT = "past_key_values.", "present."


@dataclass(frozen=True, slots=True)
class Reading:
    """What the encoder made of a prompt: its mask (1, prompt) and its states (1, prompt, width)."""

    mask: Any
    states: Any


@dataclass(frozen=True, slots=True)
class Written:
    """Where a decoder stands: float32 logits (step's tokens, vocabulary), and keys and values by input name.

    The tensors are never written again, so several continuations may start from one `Written`.
    """

    logits: Any
    past: Mapping[str, Any]


class Seq2SeqGraphs:
    """Encoder and decoder of one artifact folder; raises InputError with the library's reason when they do not load."""

    def __init__(self, folder: Path, threads: int, runs: Runs) -> None:
        self._runs = runs
        self.start, self.ends = _start_and_ends(folder / CONFIG_FILE)
        self._encoder = open_session(folder / ENCODER_FILE, threads)
        self._decoder = open_session(folder / DECODER_FILE, threads)
        inputs = {given.name: given.shape for given in self._decoder.get_inputs()}
        outputs = [given.name for given in self._decoder.get_outputs() if given.name.startswith(PRESENT)]
        self._presents = {name: PAST + name.removeprefix(PRESENT) for name in outputs}
        if "use_cache_branch" not in inputs or not set(self._presents.values()) <= inputs.keys():
            raise InputError(f"{folder / DECODER_FILE} is no merged decoder; expected: {AS_EXPORTED}")
        # The first branch does not look at a past, but the graph wants one: one position of nothing.
        self._no_past = {
            name: _tensor(np.zeros((1, inputs[name][1], 1, inputs[name][3]), np.float32))
            for name in self._presents.values()
        }
        self._branch = {later: _tensor(np.array([later])) for later in (False, True)}

    def read(self, prompt: Sequence[int]) -> Reading:
        """Run the encoder over a prompt."""
        ids = np.array([prompt], np.int64)
        mask = _tensor(np.ones_like(ids))
        (states,) = self._run(
            self._encoder, {"input_ids": _tensor(ids), "attention_mask": mask}, ["last_hidden_state"]
        )
        return Reading(mask, states)

    def first(self, reading: Reading, tokens: Sequence[int]) -> Written:
        """Run the decoder over its first tokens, the start token in front of them."""
        inputs = self._inputs(reading, tokens, self._no_past, later=False)
        logits, *presents = self._run(self._decoder, inputs, ["logits", *self._presents])
        past = dict(zip(self._presents.values(), presents, strict=True))
        return Written(logits.numpy()[0], past)

    def then(self, reading: Reading, before: Written, token: int) -> Written:
        """Run the decoder over one more token; the encoder's keys and values are handed on as they are."""
        inputs = self._inputs(reading, [token], before.past, later=True)
        grown = [name for name in self._presents if ".decoder." in name]
        logits, *presents = self._run(self._decoder, inputs, ["logits", *grown])
        past = dict(zip((self._presents[name] for name in grown), presents, strict=True))
        return Written(logits.numpy()[0], {**before.past, **past})

    def _inputs(
        self, reading: Reading, tokens: Sequence[int], past: Mapping[str, Any], *, later: bool
    ) -> dict[str, Any]:
        return {
            "input_ids": _tensor(np.array([tokens], np.int64)),
            "encoder_attention_mask": reading.mask,
            "encoder_hidden_states": reading.states,
            "use_cache_branch": self._branch[later],
            **past,
        }

    def _run(self, session: Any, inputs: Mapping[str, Any], outputs: Sequence[str]) -> list[Any]:
        """Run a session over tensors of onnxruntime; the outputs are new ones, in the order asked for."""
        binding = session.io_binding()
        for name, tensor in inputs.items():
            binding.bind_ortvalue_input(name, tensor)
        for name in outputs:
            binding.bind_output(name, "cpu")
        self._runs.run(session, binding)
        return list(binding.get_outputs())


def _tensor(array: Any) -> Any:
    return library.OrtValue.ortvalue_from_numpy(array)


def _start_and_ends(file: Path) -> tuple[int, frozenset[int]]:
    """The token that a decoder starts from, and those that end it, of a model's configuration."""
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
        start, ends = config["decoder_start_token_id"], config["eos_token_id"]
        return int(start), frozenset(map(int, ends if isinstance(ends, list) else [ends]))
    except FileNotFoundError as error:
        raise InputError(f"no file {file}; expected: it, export the artifact again") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file} is damaged ({type(error).__name__}: {error}); expected: {AS_EXPORTED}"
        ) from error
