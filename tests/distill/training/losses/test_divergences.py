"""Every loss has the value of its formula written out, moves the student alone, and is nothing between equals."""

import pytest

from distill.training.losses.divergences import LOSSES, DivergenceConfig, next_token_loss

DIVERGENCES = sorted(set(LOSSES) - {"next_token"})


def shares(logits: object, temperature: float) -> object:
    import torch

    weights = torch.exp(logits.double() / temperature)
    return weights / weights.sum(-1, keepdim=True)


def written_out(name: str, student: object, teacher: object, config: DivergenceConfig) -> float:
    """The formulas as the papers print them, over plain probabilities."""
    q, p = shares(student, config.temperature), shares(teacher, config.temperature)
    beta = config.beta

    def kl(first: object, second: object) -> object:
        return (first * (first / second).log()).sum()

    middle = beta * p + (1 - beta) * q
    values = {
        "forward_kl": lambda: kl(p, q),
        "reverse_kl": lambda: kl(q, p),
        "jensen_shannon": lambda: beta * kl(p, middle) + (1 - beta) * kl(q, middle),
        "skewed_forward_kl": lambda: kl(p, middle),
        "skewed_reverse_kl": lambda: kl(q, beta * q + (1 - beta) * p),
    }
    return float(values[name]()) * config.temperature**2


@pytest.fixture
def pair() -> tuple[object, object]:
    import torch

    generator = torch.Generator().manual_seed(3)
    student, teacher = (torch.randn(5, 11, generator=generator) * 3 for _ in range(2))
    return student, teacher


@pytest.mark.parametrize("name", DIVERGENCES)
@pytest.mark.parametrize(
    "config", [DivergenceConfig(), DivergenceConfig(2.0, 0.1), DivergenceConfig(0.5, 0.9)]
)
def test_a_divergence_has_the_value_of_its_formula(
    name: str, config: DivergenceConfig, pair: tuple[object, object]
) -> None:
    student, teacher = pair
    value = float(LOSSES[name](student, teacher, config))
    assert value == pytest.approx(written_out(name, student, teacher, config), rel=1e-4)
    assert value > 0


@pytest.mark.parametrize("name", DIVERGENCES)
def test_between_equals_a_divergence_and_its_gradient_are_nothing(
    name: str, pair: tuple[object, object]
) -> None:
    student = pair[0].clone().requires_grad_(True)
    loss = LOSSES[name](student, pair[0], DivergenceConfig(1.5, 0.3))
    loss.backward()
    assert float(loss.detach()) == pytest.approx(0, abs=1e-5)
    assert float(student.grad.abs().max()) < 1e-5


@pytest.mark.parametrize("name", DIVERGENCES)
def test_gradients_are_right_and_only_the_students(name: str, pair: tuple[object, object]) -> None:
    student, teacher = (one.clone().requires_grad_(True) for one in pair)
    config = DivergenceConfig(2.0, 0.3)
    LOSSES[name](student, teacher, config).backward()
    assert teacher.grad is None
    for row, column in ((0, 0), (2, 7), (4, 10)):
        values = []
        for move in (1e-4, -1e-4):
            moved = pair[0].double().clone()
            moved[row, column] += move
            values.append(written_out(name, moved, pair[1], config))
        slope = (values[0] - values[1]) / 2e-4
        assert float(student.grad[row, column]) == pytest.approx(slope, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("name", DIVERGENCES)
def test_a_token_that_a_side_never_says_gives_no_nan(name: str) -> None:
    import torch

    student = torch.tensor([[0.0, 1e4, -1e4]], requires_grad=True)
    LOSSES[name](student, torch.tensor([[1e4, 0.0, -1e4]]), DivergenceConfig()).backward()
    assert torch.isfinite(student.grad).all()


def test_next_token_is_the_negative_log_probability_of_the_targets(pair: tuple[object, object]) -> None:
    import torch

    targets = torch.tensor([1, 0, 10, 3, 3])
    expected = -shares(pair[0], 1.0).log()[range(5), targets].sum()
    assert float(next_token_loss(pair[0].bfloat16(), targets)) == pytest.approx(float(expected), rel=0.02)
    assert float(next_token_loss(pair[0], targets)) == pytest.approx(float(expected), rel=1e-5)


def test_skewing_without_any_of_ones_own_share_is_the_plain_divergence(pair: tuple[object, object]) -> None:
    nearly = DivergenceConfig(beta=1e-7)
    assert float(LOSSES["skewed_forward_kl"](*pair, nearly)) == pytest.approx(
        float(LOSSES["forward_kl"](*pair, nearly)), rel=1e-3
    )
