"""What `edgethought export` does."""

from pathlib import Path

from edgethought.stages.progress import say


def export_command(checkpoint: Path, to: str, out: Path, *, calibration: Path | None, force: bool) -> None:
    """Export a checkpoint and print one line an artifact."""
    from distill.labeling.rationale_set import read_rationales
    from export.build import export_checkpoint
    from export.gguf.importance import draw_calibration
    from export.targets import parse_targets

    targets = parse_targets(to)
    texts = draw_calibration(read_rationales(calibration), calibration.name) if calibration else None
    manifests = export_checkpoint(
        checkpoint, targets, out, calibration=texts, force=force, progress=lambda note: say(f"  {note}")
    )
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
