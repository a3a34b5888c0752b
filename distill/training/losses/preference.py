"""Right samples made likelier than wrong ones of the same prompt: contrastive preference optimisation.

CPO (arXiv 2401.08417) is DPO (arXiv 2305.18290) without a reference model's pass, half as dear again here; what keeps
the right samples likely is their own next-token loss, by sample and not by token (as in iterative RPO, arXiv 2404.19733).
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import softplus

from distill.training.examples import Example, by_prompt


def preference_loss(losses: Tensor, micro: Sequence[Example], *, beta: float, imitation: float) -> Tensor:
    """The loss of a micro-batch that has each prompt's samples whole; `losses` (labelled position) in nats.

    Of every prompt, the mean over its pairs of -log sigmoid(beta * (log likelihood of the right - of the wrong one)), and
    `imitation` times the mean loss a token of its right samples; times its labels, so that a step's mean is by label.
    """
    parts = [part.sum() for part in torch.split(losses, [example.labels for example in micro])]
    total = losses.new_zeros(())
    for members in by_prompt(micro):
        right, wrong = ([place for place in members if micro[place].right is kind] for kind in (True, False))
        value = losses.new_zeros(())
        if right and wrong:
            margins = torch.stack([parts[other] - parts[one] for one in right for other in wrong])
            value = value + softplus(-beta * margins).mean()
        if right and imitation:
            value = value + imitation * torch.stack([parts[one] / micro[one].labels for one in right]).mean()
        total = total + value * sum(micro[place].labels for place in members)
    return total
