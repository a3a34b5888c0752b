"""A quantised student computes with the very numbers of its artifact, and its gradients go straight through."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from distill.training.checkpoints.card import save_checkpoint
from distill.training.distributed.processes import Distributed, open_distributed
from distill.training.examples import Example
from distill.training.kernels.rounding import BLOCK, round_q4_0_
from distill.training.losses.objective import Objective
from distill.training.settings import TrainSettings
from distill.training.state import TrainState, open_train_state
from distill.training.student import adapter_of, folded, lora_layers, student_with, without_adapters
from export.building.build import write_unchecked
from export.building.source import read_source
from export.checkpoint import EMBEDDING, HEAD, load_student, read_card, save_student
from export.gguf.facts import gguf_facts
from export.gguf.stored import as_stored
from export.targets import Target
from runtime.values.errors import InputError
from tests.distill.training.learning import ShardingAccelerator, settings
from tests.tiny import tiny_checkpoint, tiny_decoder, tiny_qwen
from tests.tiny_adapter import tiny_adapter
from tests.tiny_seq2seq import one_thread

Q4_0, IQ4_NL = 2, 20
MICRO = [Example((9, 8, 7, 20, 21, 2), 3), Example((9, 8, 7, 6, 5, 30, 2), 5)]


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    with one_thread():
        yield


def nearly_tied(folder: Path) -> Path:
    """A Qwen2 whose head is its embedding but for a little, as in a base that came as a quantised file."""
    model = load_student(tiny_qwen(folder))
    with torch.no_grad():
        embedding = model.get_input_embeddings().weight
        model.lm_head.weight.copy_(embedding * (1 + 0.03 * torch.randn_like(embedding)))
    save_student(model, folder)
    return folder


BASES = {
    "llama, tied": tiny_checkpoint,
    "qwen2, untied": tiny_qwen,
    "qwen2, nearly tied": nearly_tied,
    "gemma3": lambda folder: tiny_decoder(folder, "gemma3_text"),
}


@pytest.fixture(params=BASES)
def any_base(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return BASES[request.param](tmp_path / "base")


@pytest.fixture
def qwen(tmp_path: Path) -> Path:
    return tiny_qwen(tmp_path / "qwen")


def quantized(base: Path, **changes: Any) -> TrainSettings:
    return settings(base, quantization="q4_0", compute="float32", learning_rate=1e-2, **changes)


def learned(base: Path, chosen: TrainSettings, dtype: Any, steps: int = 3) -> TrainState:
    distributed = open_distributed()
    train_state = open_train_state(base, chosen, distributed, dtype)
    objective = Objective(chosen, 2, distributed.device)
    for step in range(steps):
        train_state.step(step, [MICRO[:1], MICRO[1:]], 1e-2, objective, distributed, 1.0)
    return train_state


def computing(model: Any) -> dict[str, torch.Tensor]:
    """Every weight as the student multiplies with it, what an adapter adds included; float32."""
    causal = without_adapters(model)
    plain = {
        name.replace(".base_layer", ""): weight.detach().float()
        for name, weight in causal.state_dict(keep_vars=True).items()
        if ".lora_" not in name
    }
    for name, layer in lora_layers(model):
        down, up = (side["default"].weight.detach().float() for side in (layer.lora_A, layer.lora_B))
        plain[f"{name}.weight"] = plain[f"{name}.weight"] + layer.scaling["default"] * up @ down
    return plain


def exported(base: Path, chosen: TrainSettings, values: Sequence[torch.Tensor], out: Path) -> dict[str, Any]:
    """Every matrix of the q4_0 GGUF of a student that has these trained weights, by transformers' names."""
    save_checkpoint(folded(student_with(base, chosen, values)), base, read_card(base), out / "checkpoint")
    manifest = write_unchecked(read_source(out / "checkpoint"), Target("gguf", "q4_0"), out / "artifact")
    facts = gguf_facts(out / "artifact" / "model.gguf", out / "checkpoint", shared_head=manifest.shared_head)
    found = {stored.names[0]: torch.tensor(stored.values) for stored in facts.values() if stored.bits == 4}
    if manifest.shared_head:
        found[EMBEDDING] = found[HEAD]
    return found


@pytest.mark.parametrize("method", ["lora", "full"])
@pytest.mark.parametrize(("dtype", "rtol"), [(torch.float32, 1e-5), (torch.bfloat16, 2**-7)])
def test_the_artifact_has_the_weights_that_the_student_computed_with(
    any_base: Path, tmp_path: Path, method: str, dtype: Any, rtol: float
) -> None:
    chosen = quantized(any_base, method=method)
    train_state = learned(any_base, chosen, dtype)
    ours = computing(train_state.model)
    theirs = exported(any_base, chosen, train_state.masters.copies, tmp_path)
    assert len(theirs) > 14
    for name, weight in theirs.items():
        atol = rtol * float(weight.abs().max())
        torch.testing.assert_close(ours[name], weight, rtol=0, atol=atol, msg=name)


def test_without_an_adapter_they_are_the_same_bit_for_bit(any_base: Path, tmp_path: Path) -> None:
    chosen = quantized(any_base, method="full")
    train_state = learned(any_base, chosen, torch.float32)
    ours = computing(train_state.model)
    for name, weight in exported(any_base, chosen, train_state.masters.copies, tmp_path).items():
        assert torch.equal(ours[name], weight), name


def straight_through(merged: torch.Tensor) -> torch.Tensor:
    rounded = torch.from_numpy(as_stored(merged.detach().bfloat16().float().numpy(), Q4_0))
    return merged + (rounded - merged).detach()


def explicit_loss(base: Path, weights: Mapping[str, torch.Tensor], ends: Mapping[str, torch.Tensor]) -> Any:
    """The loss of the plain model with these weights rounded, by autograd alone."""
    model = load_student(base)
    rounded = {name: straight_through(weight) for name, weight in weights.items()}
    total = torch.zeros(())
    for example in MICRO:
        logits = torch.func.functional_call(
            model,
            {**ends, **rounded},
            (torch.tensor([example.ids]),),
            {"use_cache": False},
            tie_weights=False,
        ).logits[0, example.prompt_len - 1 : -1]
        targets = torch.tensor(example.ids[example.prompt_len :])
        total = total + torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
    return total


def test_the_gradient_of_a_master_is_that_of_its_rounding(any_base: Path) -> None:
    chosen = quantized(any_base, method="full")
    train_state = learned(any_base, chosen, torch.float32)
    loss = Objective(chosen, 2, "cpu").loss(train_state.model, MICRO, decoder=train_state.decoder)
    loss.backward()
    names = {id(weight): name for name, weight in train_state.model.named_parameters()}
    masters = {
        names[id(weight)]: copy.detach().clone().requires_grad_(True)
        for weight, copy in zip(train_state.masters.weights, train_state.masters.copies, strict=True)
    }
    matrices = {name: value for name, value in masters.items() if value.dim() == 2}
    rest = {name: value for name, value in masters.items() if value.dim() == 1}
    now = computing(train_state.model)
    ends = {name: now[name] for name in (EMBEDDING, HEAD)}
    expected = explicit_loss(any_base, matrices, {**ends, **rest})
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)
    for weight in train_state.masters.weights:
        gradient = masters[names[id(weight)]].grad
        assert gradient is not None and weight.grad is not None
        torch.testing.assert_close(
            weight.grad, gradient, rtol=0, atol=1e-4 * float(gradient.abs().max()), msg=names[id(weight)]
        )


def test_the_gradients_of_an_adapter_are_those_of_the_rounded_merged_weight(any_base: Path) -> None:
    chosen = quantized(any_base, method="lora")
    train_state = learned(any_base, chosen, torch.float32)
    loss = Objective(chosen, 2, "cpu").loss(train_state.model, MICRO, decoder=train_state.decoder)
    loss.backward()
    plain = dict(load_student(any_base).named_parameters())
    layers = dict(lora_layers(train_state.model))
    sides = {
        name: [side["default"].weight for side in (layer.lora_A, layer.lora_B)]
        for name, layer in layers.items()
    }
    # The student rounds what is saved, A and B in bfloat16; so they are here, straight through.
    own = {
        name: [side.detach().clone().requires_grad_(True) for side in pair] for name, pair in sides.items()
    }
    merged = {}
    for name, pair in own.items():
        down, up = (side + (side.bfloat16().float() - side).detach() for side in pair)
        weight = plain[f"{name}.weight"].detach()
        merged[f"{name}.weight"] = torch.addmm(weight, up, down, alpha=layers[name].scaling["default"])
    now = computing(train_state.model)
    expected = explicit_loss(any_base, merged, {name: now[name] for name in (EMBEDDING, HEAD)})
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)
    for name, pair in sides.items():
        for side, copy in zip(pair, own[name], strict=True):
            assert side.grad is not None and copy.grad is not None
            # A and B stand in the gradients of each other, in bfloat16 there and as they are here.
            atol = 5e-3 * float(copy.grad.abs().max())
            torch.testing.assert_close(side.grad, copy.grad, rtol=0, atol=atol, msg=name)


def test_in_torch_q4_0_is_what_llama_cpp_makes() -> None:
    torch.manual_seed(0)
    values = torch.randn(2000, 4 * BLOCK).mul_(0.03).bfloat16().float()
    values[:40] = 0
    # Few different values, so that many blocks have two that are equally far from zero.
    values[40:900] = values[40:900].mul(200).round().div(200)
    values[900:1000] *= 1e-6
    values[1000:1100] *= 1e4
    values[1100:1200, ::2] = 0
    rounded = round_q4_0_(values.clone().view(-1, BLOCK)).view_as(values)
    assert torch.equal(rounded, torch.from_numpy(as_stored(values.numpy(), Q4_0)))


def test_what_fits_no_blocks_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="rows of 40 as iq4_nl; expected: a multiple of 32"):
        as_stored(torch.zeros(2, 40).numpy(), IQ4_NL)


def test_a_student_whose_parts_are_sharded_is_refused(qwen: Path) -> None:
    sharded = Distributed(ShardingAccelerator(open_distributed().accelerator))
    with pytest.raises(InputError, match=r"train.quantization q4_0 with FSDP; expected: none"):
        open_train_state(qwen, quantized(qwen), sharded, torch.float32)


def test_an_adapter_starts_from_another_ones_weights(qwen: Path, tmp_path: Path) -> None:
    folder = tiny_adapter(qwen, tmp_path / "first", r=2, lora_alpha=6, target_modules=["q_proj", "down_proj"])
    chosen = quantized(qwen, adapter=str(folder))
    train_state = learned(qwen, chosen, torch.float32, steps=0)
    found = adapter_of(train_state.model)
    assert found is not None
    assert (found.rank, found.scale, found.layer_kinds) == (2, 3.0, ("q_proj", "down_proj"))
    theirs = exported(qwen, chosen, train_state.masters.copies, tmp_path)
    ours = computing(train_state.model)
    # Layers without an adapter are rounded too.
    for name, weight in theirs.items():
        torch.testing.assert_close(ours[name], weight, rtol=0, atol=1e-5 * float(weight.abs().max()))


@pytest.mark.parametrize(
    ("architecture", "complaint"),
    [
        (
            "qwen3",
            r"is for a base with model.layers.0.self_attn.o_proj.weight of \(64, 64\); expected: \(64, 96\)",
        )
    ],
)
def test_an_adapter_of_another_base_is_one_line(
    qwen: Path, tmp_path: Path, architecture: str, complaint: str
) -> None:
    other = tiny_decoder(tmp_path / "other", architecture)
    adapter = tiny_adapter(qwen, tmp_path / "adapter", target_modules=["o_proj"])
    with pytest.raises(InputError, match=complaint):
        open_train_state(other, settings(other, adapter=str(adapter)), open_distributed(), torch.float32)


def test_an_adapter_of_some_blocks_is_one_line(qwen: Path, tmp_path: Path) -> None:
    adapter = tiny_adapter(qwen, tmp_path / "adapter", layers_to_transform=[0])
    with pytest.raises(InputError, match=r"has nothing for model.layers.1.mlp.down_proj.weight"):
        open_train_state(qwen, settings(qwen, adapter=str(adapter)), open_distributed(), torch.float32)
