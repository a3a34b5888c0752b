"""A micro-batch through a student: logits where there is a label, and nowhere else."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from distill.training.distributed.sharding import is_sharded
from distill.training.examples import Example
from distill.training.losses.seq2seq_batch import pad_seq2seq, seq2seq_logits
from distill.training.student import completion_logits

if TYPE_CHECKING:
    from torch import Tensor


def labelled_logits(model: Any, micro: Sequence[Example], device: Any) -> tuple["Tensor", "Tensor"]:
    """Logits (labelled position, vocabulary) of a micro-batch and the tokens they should give (labelled position)."""
    if is_sharded(model):
        return _through_the_whole_model(model, micro, device)
    if model.config.is_encoder_decoder:
        return seq2seq_logits(model, micro, device)
    ids, labelled = pad(micro)
    logits = completion_logits(model, ids.to(device), labelled)
    return logits, ids.roll(-1, dims=1)[labelled].to(logits.device)


def pad(micro: Sequence[Example]) -> tuple["Tensor", "Tensor"]:
    """Ids (batch, position) padded on the right, and a mask of the positions whose *next* token is labelled."""
    import torch

    width = max(len(example.ids) for example in micro)
    ids = torch.zeros(len(micro), width, dtype=torch.long)
    labelled = torch.zeros(len(micro), width, dtype=torch.bool)
    for row, example in enumerate(micro):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        labelled[row, example.prompt_len - 1 : len(example.ids) - 1] = True
    return ids, labelled


def _through_the_whole_model(model: Any, micro: Sequence[Example], device: Any) -> tuple["Tensor", "Tensor"]:
    """The same by the model's own forward pass, which gathers what FSDP has spread, and makes logits everywhere."""
    if model.config.is_encoder_decoder:
        pairs = pad_seq2seq(micro, model.config.decoder_start_token_id)
        logits = model(
            input_ids=pairs.prompts.to(device),
            attention_mask=pairs.mask.to(device),
            decoder_input_ids=pairs.written.to(device),
            use_cache=False,
        ).logits
        return logits[pairs.labelled.to(device)], pairs.targets[pairs.labelled].to(device)
    ids, labelled = pad(micro)
    logits = model(input_ids=ids.to(device), use_cache=False).logits
    return logits[labelled.to(device)], ids.roll(-1, dims=1)[labelled].to(device)
