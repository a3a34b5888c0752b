"""The packed way gives the numbers of the model's own forward pass: losses, logits and every gradient."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from distill.training.batches import PrefixGroup, pack
from distill.training.examples import Example
from distill.training.kernels.decoder import packed_decoder, why_not
from distill.training.kernels.fused_attention import Heads, lay_out
from distill.training.losses.forward import completion_logits, labeled_logits
from distill.training.settings import TrainSettings
from distill.training.student import with_adapters
from tests.tiny_seq2seq import one_thread

WORDS = 97
# Heads that are no part of the width, and a window that some examples are longer than.
OWN_SIZES = {
    "qwen3": {"head_dim": 12},
    "gemma3_text": {
        "head_dim": 12,
        "query_pre_attn_scalar": 12,
        "num_hidden_layers": 6,
        "sliding_window": 8,
        "pad_token_id": 0,
    },
}
LENGTHS = [(5, 2), (9, 3), (9, 4), (17, 8), (18, 3), (30, 29)]


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    with one_thread():
        yield


def examples(seed: int = 1) -> list[Example]:
    chance = random.Random(seed)
    return [Example(tuple(chance.randrange(WORDS) for _ in range(size)), start) for size, start in LENGTHS]


def families(seed: int = 1) -> list[Example]:
    """One alone, three of one question, one alone, two of another, the last with a long branch."""
    chance = random.Random(seed)

    def words(size: int) -> tuple[int, ...]:
        return tuple(chance.randrange(WORDS) for _ in range(size))

    first, second = words(20), words(24)
    return [
        Example(words(11), 4),
        *(Example((*first, *words(size)), 22) for size in (6, 9, 7)),
        Example(words(40), 12),
        *(Example((*second, 1, *words(size)), 25) for size in (5, 12)),
    ]


def student(family: str, *, tied: bool = True, adapters: bool = False, **changes: Any) -> Any:
    """A float32 student whose norms, biases and adapters are no longer what they are initialised to."""
    from transformers import CONFIG_MAPPING, AutoModelForCausalLM

    torch.manual_seed(0)
    sizes = {
        "vocab_size": WORDS,
        "hidden_size": 48,
        "intermediate_size": 80,
        "num_hidden_layers": 3,
        "num_attention_heads": 6,
        "num_key_value_heads": 2,
        "tie_word_embeddings": tied,
        "initializer_range": 0.2,
        "use_cache": False,
        **OWN_SIZES.get(family, {}),
    }
    model = AutoModelForCausalLM.from_config(CONFIG_MAPPING[family](**{**sizes, **changes}))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name or "bias" in name:
                weight.normal_(1, 0.3)
        if adapters:
            model = with_adapters(model, TrainSettings(rank=4))
            for name, weight in model.named_parameters():
                if "lora_B" in name:
                    weight.normal_(0, 0.2)
    return model


def own_loss(model: Any, micro: list[Example], labels: int) -> torch.Tensor:
    """Each example alone through the model's own forward pass: no padding, no neighbours."""
    whole = torch.zeros(())
    for example in micro:
        ids = torch.tensor([example.ids])
        labeled = torch.zeros(1, len(example.ids), dtype=torch.bool)
        labeled[0, example.prompt_len - 1 : -1] = True
        logits = completion_logits(model, ids, labeled)
        targets = torch.tensor(example.ids[example.prompt_len :])
        whole = whole + torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
    return whole / labels


def gradients(model: Any) -> dict[str, torch.Tensor]:
    found = {
        name: weight.grad.clone() for name, weight in model.named_parameters() if weight.grad is not None
    }
    for weight in model.parameters():
        weight.grad = None
    return found


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3"])
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("adapters", [True, False])
@pytest.mark.parametrize("micro", [examples(), families()], ids=["apart", "families"])
def test_loss_and_gradients_are_those_of_each_example_alone(
    family: str, tied: bool, adapters: bool, micro: list[Example]
) -> None:
    model = student(family, tied=tied, adapters=adapters)
    labels = sum(example.labels for example in micro)
    plain = own_loss(model, micro, labels)
    plain.backward()
    expected = gradients(model)
    decoder, reason = packed_decoder(model)
    assert decoder is not None, reason
    loss = decoder.loss(micro) / labels
    loss.backward()
    found = gradients(model)
    assert loss.item() == pytest.approx(plain.item(), abs=1e-5)
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(
            found[name], gradient, rtol=0, atol=2e-5 * float(gradient.abs().max()), msg=name
        )


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3", "gemma3_text"])
@pytest.mark.parametrize("adapters", [True, False])
def test_a_padded_micro_batch_is_plain_transformers(family: str, adapters: bool) -> None:
    """The way of students that the kernels do not take, Gemma 3 among them: its window is shorter than examples are."""
    model = student(family, adapters=adapters)
    micro = examples()
    logits, targets = labeled_logits(model, micro, "cpu")
    loss = torch.nn.functional.cross_entropy(logits, targets, reduction="sum")
    loss.backward()
    found = gradients(model)
    plain = torch.zeros(())
    for example in micro:
        rows = model(torch.tensor([example.ids])).logits[0, example.prompt_len - 1 : -1]
        wanted = torch.tensor(example.ids[example.prompt_len :])
        plain = plain + torch.nn.functional.cross_entropy(rows, wanted, reduction="sum")
    plain.backward()
    expected = gradients(model)
    assert loss.item() / len(targets) == pytest.approx(plain.item() / len(targets), abs=1e-5)
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(
            found[name], gradient, rtol=0, atol=2e-5 * float(gradient.abs().max()), msg=name
        )
    taken, reason = packed_decoder(model)
    assert (taken is None) == (family == "gemma3_text"), reason


def test_logits_of_the_packed_way_carry_gradients_to_any_loss() -> None:
    model = student("llama")
    micro = examples()
    decoder, _ = packed_decoder(model)
    assert decoder is not None
    logits, targets = decoder.logits(micro)
    assert logits.shape == (sum(example.labels for example in micro), WORDS)
    assert targets.tolist() == [token for example in micro for token in example.ids[example.prompt_len :]]
    torch.nn.functional.cross_entropy(logits, targets, reduction="sum").div(logits.shape[0]).backward()
    by_logits = gradients(model)
    (decoder.loss(micro) / logits.shape[0]).backward()
    for name, gradient in gradients(model).items():
        torch.testing.assert_close(by_logits[name], gradient, rtol=0, atol=1e-5, msg=name)


def test_a_scaled_loss_scales_its_gradients() -> None:
    model = student("llama")
    decoder, _ = packed_decoder(model)
    assert decoder is not None
    decoder.loss(examples()).backward()
    once = gradients(model)
    (decoder.loss(examples()) * 3).backward()
    for name, gradient in gradients(model).items():
        torch.testing.assert_close(gradient, 3 * once[name], rtol=1e-4, atol=1e-4, msg=name)


@pytest.mark.parametrize("adapters", [True, False])
def test_micro_batches_of_a_step_add_up(adapters: bool) -> None:
    model = student("llama", adapters=adapters)
    decoder, _ = packed_decoder(model)
    assert decoder is not None
    decoder.loss([*examples(), *examples(seed=2)]).backward()
    at_once = gradients(model)
    # The second is the larger one and needs more memory than the first left.
    decoder.loss(examples()[:2]).backward()
    decoder.loss([*examples()[2:], *examples(seed=2)]).backward()
    for name, gradient in gradients(model).items():
        torch.testing.assert_close(gradient, at_once[name], rtol=1e-4, atol=1e-4, msg=name)


def test_passes_that_overlap_do_not_write_over_each_other() -> None:
    model = student("llama")
    decoder, _ = packed_decoder(model)
    assert decoder is not None
    decoder.loss(examples()).backward()
    alone = gradients(model)
    loss = decoder.loss(examples())
    with torch.no_grad():
        decoder.loss(examples(seed=3))
    dropped = decoder.loss(examples(seed=2))
    loss.backward()
    del dropped
    for name, gradient in gradients(model).items():
        assert torch.equal(gradient, alone[name]), name


def test_every_head_goes_to_its_place_and_back() -> None:
    heads = Heads(queries=6, keys=2, width=4)
    packed = pack([*examples(), *families()])
    assert any(family.rows < group.length for group in packed.groups for family in group.members)
    layout = lay_out(packed.groups, heads, torch.zeros(1))
    rows = len(packed.ids)
    joined = torch.arange(rows * heads.all)
    assert torch.equal(joined[layout.taken][layout.put], joined)
    queries = torch.arange(rows * heads.queries)
    # The last one stands for the zeros that fillers are given.
    given = torch.cat([queries, torch.tensor([-1])])[layout.given]
    assert torch.equal(given[layout.found], queries)
    assert int((given == -1).sum()) == layout.queries - len(queries) > 0


def test_no_example_sees_another() -> None:
    model = student("llama")
    decoder, _ = packed_decoder(model)
    assert decoder is not None
    first, *others = examples()
    with torch.no_grad():
        beside = decoder.logits([first, *others])[0][: first.labels]
        beside_others = decoder.logits([first, *examples(seed=2)[1:]])[0][: first.labels]
    assert torch.equal(beside, beside_others)


def test_joined_weights_are_the_models_own() -> None:
    model = student("llama")
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    decoder, _ = packed_decoder(model)
    assert decoder is not None
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
    loss = decoder.loss(examples()).item()
    with torch.no_grad():
        model.model.layers[1].mlp.up_proj.weight.mul_(2)
    assert decoder.loss(examples()).item() != loss


def test_bfloat16_stays_near_float32() -> None:
    exact, _ = packed_decoder(student("llama"))
    rounded, _ = packed_decoder(student("llama").bfloat16())
    assert exact is not None
    assert rounded is not None
    assert rounded.loss(examples()).item() == pytest.approx(exact.loss(examples()).item(), rel=0.02)


def test_a_question_is_read_once_for_all_its_thoughts() -> None:
    packed = pack(families())
    found = [family for group in packed.groups for family in group.members]
    assert found == [
        PrefixGroup(0, (11,)),
        PrefixGroup(20, (6, 9, 7)),
        PrefixGroup(0, (40,)),
        PrefixGroup(24, (6, 13)),
    ]
    assert len(packed.ids) == sum(family.rows for family in found)
    suffixes = [*range(20, 26), *range(20, 29), *range(20, 27)]
    assert packed.positions.tolist()[11:53] == [*range(20), *suffixes]


def test_no_branch_sees_another() -> None:
    model = student("llama")
    decoder, _ = packed_decoder(model)
    assert decoder is not None
    prefix = tuple(range(20))
    one, other, third = (
        Example((*prefix, *suffix), 21) for suffix in ((30, 31, 32), (40, 41), (50, 51, 52, 53))
    )
    changed = Example((*prefix, 60, 61, 62), 21)
    assert pack([one, other, third]).groups[0].members == (PrefixGroup(20, (3, 2, 4)),)
    with torch.no_grad():
        logits = decoder.logits([one, other, third])[0][one.labels :]
        beside_another = decoder.logits([changed, other, third])[0][one.labels :]
    assert torch.equal(logits, beside_another)


def test_little_in_common_is_no_tree() -> None:
    short = [Example((*range(15), 90 + number, 1), 16) for number in range(3)]
    long = [Example((*range(16), *[90 + number] * 60), 17) for number in range(3)]
    for micro in (short, long):
        assert all(family.prefix == 0 for group in pack(micro).groups for family in group.members)


def test_packing_pads_only_attention_and_little() -> None:
    packed = pack(examples())
    assert len(packed.ids) == sum(size for size, _ in LENGTHS)
    assert packed.positions.tolist()[:14] == [0, 1, 2, 3, 4, *range(9)]
    assert [(group.count, group.length) for group in packed.groups] == [(1, 5), (2, 9), (2, 18), (1, 30)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"hidden_act": "gelu"}, "SwiGLU"),
        ({"attention_dropout": 0.1}, "dropout"),
        ({"attention_bias": True}, "bias on attention's output"),
        ({"rope_scaling": {"rope_type": "dynamic", "factor": 2.0}}, "rotary"),
    ],
)
def test_what_the_packed_way_cannot_compute_is_said(changes: dict[str, Any], reason: str) -> None:
    assert reason in str(why_not(student("llama", **changes)))


def test_other_adapters_and_partly_frozen_students_go_their_own_way() -> None:
    from peft import LoraConfig, get_peft_model

    odd = get_peft_model(student("llama"), LoraConfig(target_modules=["q_proj"], lora_dropout=0.1))
    assert "adapters" in str(why_not(odd))
    partly = student("llama")
    partly.model.norm.weight.requires_grad_(False)
    assert "only some" in str(why_not(partly))


def test_an_encoder_decoder_goes_its_own_way() -> None:
    from transformers import T5Config, T5ForConditionalGeneration

    tiny = T5Config(vocab_size=WORDS, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
    assert "family t5" in str(why_not(T5ForConditionalGeneration(tiny)))
