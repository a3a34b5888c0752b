"""What `edgethought export` does."""

from pathlib import Path

from edgethought.stages.progress import say
from runtime.values.errors import InputError
from runtime.values.prompt import Thought, parse_thoughts

ADAPTER_TARGET = "gguf:adapter"
ADAPTER_FILE = "adapter.gguf"
MERGED = "merged"


def export_adapter_command(
    adapter: Path,
    base: str,
    thoughts: str | None,
    to: str,
    out: Path,
    *,
    calibration: Path | None,
    scorer: Path | None = None,
    force: bool,
) -> None:
    """Export an adapter of a base: as a file of its own (`gguf:adapter`), and merged for every other target."""
    from export.adapters.adapter import is_adapter
    from export.adapters.merge import merge_adapter
    from export.bases.base import base_checkpoint
    from export.gguf.lora_file import write_lora_gguf
    from export.scorer import check_scorer
    from export.targets import parse_targets

    if not is_adapter(adapter):
        raise InputError(
            f"--base {base}, and {adapter} is no adapter (no adapter_config.json); expected: an adapter as peft saves "
            "it, or a checkpoint without --base"
        )
    names = _names(to)
    others = ",".join(name for name in names if name != ADAPTER_TARGET)
    targets = parse_targets(others) if others else []
    learned = parse_thoughts(thoughts) if thoughts else ()
    whole = base_checkpoint(base)
    if scorer:
        check_scorer(scorer, whole, targets)
    if ADAPTER_TARGET in names:
        write_lora_gguf(adapter, whole, out / ADAPTER_FILE)
        print(
            f"{out / ADAPTER_FILE}  {(out / ADAPTER_FILE).stat().st_size / 1e6:.1f} MB  for solve --adapter"
        )
    if others:
        say("  the adapter is merged into its base")
        merge_adapter(adapter, whole, out / MERGED, thoughts=learned, replace_earlier=True)
        export_command(out / MERGED, others, out, calibration=calibration, scorer=scorer, force=force)


def default_targets(*, scorer: bool) -> str:
    """What is made where nobody says: one artifact an engine; with a scorer only the one that gives hidden states."""
    return "gguf:q4_0" if scorer else "gguf:q4_0,onnx:int4"


def _names(targets: str) -> list[str]:
    return [name.strip().lower() for name in targets.split(",")]


def merge_command(
    adapter: Path, base: str, out: Path, *, thoughts: str | None, default: Thought | None, name: str
) -> None:
    """Merge an adapter into a base and print what the checkpoint is."""
    from export.adapters.merge import merge_adapter
    from export.bases.base import base_checkpoint

    learned = parse_thoughts(thoughts) if thoughts else ()
    card = merge_adapter(
        adapter, base_checkpoint(base), out, thoughts=learned, default_thought=default, name=name
    )
    print(
        f"{out}: {card.title}, base {card.base}, {card.license}; {', '.join(card.thoughts)}, "
        f"by default {card.default_thought}"
    )


def export_command(
    checkpoint: Path,
    to: str,
    out: Path,
    *,
    calibration: Path | None,
    scorer: Path | None = None,
    force: bool,
) -> None:
    """Export a checkpoint and print one line an artifact."""
    from distill.labeling.rationale_set import read_rationales
    from export.adapters.adapter import is_adapter
    from export.building.build import export_checkpoint
    from export.gguf.importance import draw_calibration
    from export.scorer import add_scorer, check_scorer, check_student
    from export.targets import parse_targets

    if is_adapter(checkpoint):
        raise InputError(f"{checkpoint} is an adapter; expected: --base NAME, what it was trained over")
    if ADAPTER_TARGET in _names(to):
        raise InputError(
            f"target {ADAPTER_TARGET} of {checkpoint}, which is no adapter (no adapter_config.json); expected: an "
            "adapter's "
            "folder, such as OUT/adapter of `distill train`, and --base NAME"
        )
    targets = parse_targets(to)
    if scorer:
        check_scorer(scorer, checkpoint, targets)
        check_student(scorer, checkpoint)
    texts = draw_calibration(read_rationales(calibration), calibration.name) if calibration else None
    manifests = export_checkpoint(
        checkpoint, targets, out, calibration=texts, force=force, progress=lambda note: say(f"  {note}")
    )
    if scorer:
        manifests = [add_scorer(out / target.folder_name, scorer) for target in targets]
    for target, manifest in zip(targets, manifests, strict=True):
        gate = manifest.gate
        verdict = (
            "passed the gate" if not gate["broken"] else f"REFUSED by the gate: {'; '.join(gate['broken'])}"
        )
        print(
            f"{out / target.folder_name}  {manifest.bytes / 1e6:.1f} MB  {verdict}  "
            f"(KL {gate['mean_kl']:.4f} nats a token, {gate['same_greedy_text']} of {gate['probes']} answers the same, "
            f"{gate['right_artifact']} right where the checkpoint has {gate['right_checkpoint']})"
        )
