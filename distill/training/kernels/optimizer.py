"""AdamW (arXiv 1711.05101) over float32 masters in one pass over memory, the weights that compute at its ends.

An update does little arithmetic on much memory. Taking the gradient over, clipping it, moving the master and rounding
it into the model are four passes when done one after another; done slice by slice, all of them meet in the cache.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

# Elements at a time: master, both moments and gradient of a slice together fill 4 MB.
SLICE = 1 << 18
# Where gradients of float16 students begin; it is halved whenever one overflows (arXiv 1710.03740).
FLOAT16_LOSS_SCALE = 2.0**14


class MasterAdamW:
    """Moves `copies`, float32 masters of a model's `weights`, by the gradients of either, and rounds them back.

    A copy's own gradient counts where it has one (summed over processes, say), else its weight's. The update is that
    of torch.optim.AdamW(fused=True) after clip_grad_norm_; weights without any gradient stay.
    """

    def __init__(
        self,
        weights: Sequence[Tensor],
        copies: Sequence[Tensor],
        *,
        weight_decay: float,
        betas: tuple[float, float] = (0.9, 0.99),
        epsilon: float = 1e-8,
        loss_scale: float = 1.0,
    ) -> None:
        self.weights, self.copies = list(weights), list(copies)
        self.weight_decay, self.betas, self.epsilon = weight_decay, betas, epsilon
        self.means = [torch.zeros_like(copy, requires_grad=False) for copy in self.copies]
        self.squares = [torch.zeros_like(copy, requires_grad=False) for copy in self.copies]
        self.steps = 0
        self.loss_scale = loss_scale

    def step(self, rate: float, max_grad_norm: float) -> float | None:
        """One update at learning rate `rate`, gradients scaled down to `max_grad_norm`; they are dropped afterwards.

        Returns the gradients' norm before clipping, or None where a scaled loss made one too large: the loss scale is
        then half of what it was, and nothing else has changed.
        """
        with torch.no_grad():
            gradients = [
                weight.grad if copy.grad is None else copy.grad
                for weight, copy in zip(self.weights, self.copies, strict=True)
            ]
            norm = _norm([gradient for gradient in gradients if gradient is not None]) / self.loss_scale
            overflow = self.loss_scale > 1 and not math.isfinite(norm)
            if overflow:
                self.loss_scale /= 2
            else:
                # The kernel divides gradients by this.
                shrink = max(1.0, (norm + 1e-6) / max_grad_norm) * self.loss_scale
                divisor = torch.tensor(shrink, device=self.copies[0].device)
                self.steps += 1
                for number, gradient in enumerate(gradients):
                    if gradient is not None:
                        self._update(number, gradient, rate, divisor)
        for weight, copy in zip(self.weights, self.copies, strict=True):
            weight.grad = copy.grad = None
        return None if overflow else norm

    def _update(self, number: int, gradient: Tensor, rate: float, shrink: Tensor) -> None:
        copy, weight = self.copies[number].detach(), self.weights[number].detach()
        apart = self.weights[number] is not self.copies[number]
        steps = torch.tensor(float(self.steps), device=copy.device)
        wholes = (copy, gradient, self.means[number], self.squares[number], weight)
        for master, part, mean, square, rounded in zip(*map(_slices, wholes), strict=True):
            torch._fused_adamw_(
                [master],
                [part.float().reshape(master.shape)],
                [mean],
                [square],
                [],
                [steps],
                lr=rate,
                beta1=self.betas[0],
                beta2=self.betas[1],
                weight_decay=self.weight_decay,
                eps=self.epsilon,
                amsgrad=False,
                maximize=False,
                grad_scale=shrink,
            )
            if apart:
                rounded.copy_(master)

    def state_dict(self) -> dict[str, Any]:
        """Both moments of every master and the number of updates, laid out and named as torch.optim.AdamW's are."""
        moments = enumerate(zip(self.means, self.squares, strict=True))
        state = {
            number: {"step": self.steps, "exp_avg": mean, "exp_avg_sq": square}
            for number, (mean, square) in moments
        }
        return {"state": state, "param_groups": [], "loss_scale": self.loss_scale}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Put `state_dict`'s values back."""
        for number, entry in state["state"].items():
            self.means[number].copy_(entry["exp_avg"])
            self.squares[number].copy_(entry["exp_avg_sq"])
            self.steps = int(entry["step"])
        # A state of a sharded student, whose optimizer is the framework's, has none.
        self.loss_scale = float(state.get("loss_scale", self.loss_scale))


def _norm(gradients: Sequence[Tensor]) -> float:
    """The norm of all gradients together: of their rows' norms, which is quicker than of all values, and nearer."""
    if not gradients:
        return 0.0
    # A row of float16 values may have a norm that float16 cannot hold.
    exact = {torch.float16: torch.float32}
    rows = [
        torch.linalg.vector_norm(gradient, dim=-1, dtype=exact.get(gradient.dtype)).float().flatten()
        for gradient in gradients
    ]
    return float(torch.linalg.vector_norm(torch.cat(rows), dtype=torch.float64))


def _slices(whole: Tensor) -> tuple[Tensor, ...]:
    """A tensor's parts along its first dimension, each of about `SLICE` elements; views, whatever its strides."""
    whole = whole if whole.dim() else whole.unsqueeze(0)
    return torch.split(whole, max(1, SLICE // max(1, whole[0].numel())))
