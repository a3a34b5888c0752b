"""A micro-batch through a student: logits where there is a label, and nowhere else.

A decoder reads prompt and thought in one row; an encoder-decoder (T5, FlanT5, CodeT5) has the prompt on the encoder's
side, the thought on the decoder's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.utils.rnn import pad_sequence

from distill.training.distributed.sharding import is_sharded
from distill.training.examples import Example
from distill.training.student import without_adapters


def labeled_logits(model: Any, micro: Sequence[Example], device: Any) -> tuple[Tensor, Tensor]:
    """Logits (labelled position, vocabulary) of a micro-batch and the tokens they should give (labelled position)."""
    if is_sharded(model):
        return _through_the_whole_model(model, micro, device)
    if model.config.is_encoder_decoder:
        return seq2seq_logits(model, micro, device)
    ids, labeled = pad(micro)
    logits = completion_logits(model, ids.to(device), labeled)
    return logits, ids.roll(-1, dims=1)[labeled].to(logits.device)


def padded(rows: Iterable[Sequence[int]], side: str = "right") -> Tensor:
    """Rows of numbers as one tensor (row, column), the shorter ones filled up with zeros on one side."""
    return pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_side=side)


def pad(micro: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """Ids (batch, position) padded on the right, and a mask of the positions whose *next* token is labelled."""
    labeled = ([False] * (example.prompt_len - 1) + [True] * example.labels + [False] for example in micro)
    return padded(example.ids for example in micro), padded(labeled)


def completion_logits(model: Any, input_ids: Tensor, labeled: Tensor) -> Tensor:
    """Logits (labelled position, vocabulary) at the positions that `labeled` (batch, position) marks, and only there.

    No padding mask is needed: padding stands on the right, and attention is causal.
    """
    causal = without_adapters(model)
    # PyTorch's fused CPU kernel spends a sixth of a step in its backward pass; plain products are a tenth faster.
    fused = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
    with sdpa_kernel(SDPBackend.MATH if input_ids.device.type == "cpu" else fused):
        hidden = causal.model(input_ids=input_ids, use_cache=False).last_hidden_state
    logits: Tensor = causal.lm_head(hidden[labeled])
    return logits


@dataclass(frozen=True, slots=True)
class Seq2SeqBatch:
    """A micro-batch: prompts and their mask (batch, prompt), decoder input and what it must write (batch, thought).

    Both are padded on the right; `labeled` (batch, thought) marks where there is something to write.
    """

    prompts: Tensor
    mask: Tensor
    written: Tensor
    targets: Tensor
    labeled: Tensor


def pad_seq2seq(micro: Sequence[Example], start: int) -> Seq2SeqBatch:
    """Prompts and thoughts apart; a decoder reads its start token and then what it has written."""
    prompts = [example.ids[: example.prompt_len] for example in micro]
    thoughts = [example.ids[example.prompt_len :] for example in micro]
    return Seq2SeqBatch(
        padded(prompts),
        padded([1] * len(prompt) for prompt in prompts),
        padded((start, *thought[:-1]) for thought in thoughts),
        padded(thoughts),
        padded([True] * len(thought) for thought in thoughts),
    )


def seq2seq_logits(model: Any, micro: Sequence[Example], device: Any) -> tuple[Tensor, Tensor]:
    """Logits (labelled position, vocabulary) and targets (labelled position) of a micro-batch.

    The encoder attends in both directions, so its padding is masked, there and where the decoder looks at it.
    """
    student = without_adapters(model)
    batch = pad_seq2seq(micro, student.config.decoder_start_token_id)
    mask = batch.mask.to(device)
    states = student.get_encoder()(input_ids=batch.prompts.to(device), attention_mask=mask).last_hidden_state
    hidden = student.get_decoder()(
        input_ids=batch.written.to(device),
        encoder_hidden_states=states,
        encoder_attention_mask=mask,
        use_cache=False,
    ).last_hidden_state[batch.labeled.to(device)]
    if student.config.tie_word_embeddings:
        # Mesh TensorFlow's scaling of T5 1.0, whose head is its embedding.
        hidden = hidden * student.config.d_model**-0.5
    logits: Tensor = student.lm_head(hidden)
    return logits, batch.targets[batch.labeled].to(device)


def _through_the_whole_model(model: Any, micro: Sequence[Example], device: Any) -> tuple[Tensor, Tensor]:
    """The same by the model's own forward pass, which gathers what FSDP has sharded, and makes logits everywhere."""
    if model.config.is_encoder_decoder:
        batch = pad_seq2seq(micro, model.config.decoder_start_token_id)
        inputs = {
            "input_ids": batch.prompts,
            "attention_mask": batch.mask,
            "decoder_input_ids": batch.written,
        }
        targets, labeled = batch.targets, batch.labeled
    else:
        ids, labeled = pad(micro)
        inputs, targets = {"input_ids": ids}, ids.roll(-1, dims=1)
    logits = model(**{name: value.to(device) for name, value in inputs.items()}, use_cache=False).logits
    return logits[labeled.to(device)], targets[labeled].to(device)
