"""Encoder-decoder students (T5, FlanT5, CodeT5): the prompt on the encoder's side, the thought on the decoder's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distill.training.examples import Example

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Seq2SeqBatch:
    """A micro-batch: prompts and their mask (batch, prompt), decoder input and what it must write (batch, thought).

    Both are padded on the right; `labelled` (batch, thought) marks where there is something to write.
    """

    prompts: "Tensor"
    mask: "Tensor"
    written: "Tensor"
    targets: "Tensor"
    labelled: "Tensor"


def pad_seq2seq(micro: Sequence[Example], start: int) -> Seq2SeqBatch:
    """Prompts and thoughts apart; a decoder reads its start token and then what it has written."""
    import torch

    width = max(example.prompt_len for example in micro)
    length = max(example.labels for example in micro)
    prompts, written, targets = (
        torch.zeros(len(micro), size, dtype=torch.long) for size in (width, length, length)
    )
    mask, labelled = (torch.zeros(len(micro), size, dtype=torch.bool) for size in (width, length))
    for row, example in enumerate(micro):
        prompt, thought = example.ids[: example.prompt_len], example.ids[example.prompt_len :]
        prompts[row, : len(prompt)] = torch.tensor(prompt)
        mask[row, : len(prompt)] = True
        written[row, : len(thought)] = torch.tensor((start, *thought[:-1]))
        targets[row, : len(thought)] = torch.tensor(thought)
        labelled[row, : len(thought)] = True
    return Seq2SeqBatch(prompts, mask.long(), written, targets, labelled)


def seq2seq_logits(model: Any, micro: Sequence[Example], device: Any) -> tuple["Tensor", "Tensor"]:
    """Logits (labelled position, vocabulary) and targets (labelled position) of a micro-batch.

    The encoder attends in both directions, so its padding is masked, there and where the decoder looks at it.
    """
    student = model.get_base_model() if hasattr(model, "get_base_model") else model
    pairs = pad_seq2seq(micro, student.config.decoder_start_token_id)
    mask = pairs.mask.to(device)
    states = student.get_encoder()(input_ids=pairs.prompts.to(device), attention_mask=mask).last_hidden_state
    hidden = student.get_decoder()(
        input_ids=pairs.written.to(device),
        encoder_hidden_states=states,
        encoder_attention_mask=mask,
        use_cache=False,
    ).last_hidden_state[pairs.labelled.to(device)]
    if student.config.tie_word_embeddings:
        # Mesh TensorFlow's scaling of T5 1.0, whose head is its embedding.
        hidden = hidden * student.config.d_model**-0.5
    logits: Tensor = student.lm_head(hidden)
    return logits, pairs.targets[pairs.labelled].to(device)
