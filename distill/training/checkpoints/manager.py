"""What a run keeps on disk on its way: the state that it goes on from, snapshots of its weights, their dev accuracy."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from distill.training.checkpoints.card import save_checkpoint
from distill.training.checkpoints.dev_accuracy import FOLDER, Measure
from distill.training.checkpoints.selection import SelectedWeights, best_snapshot, choose
from distill.training.checkpoints.snapshots import MovingAverage, Snapshots
from distill.training.checkpoints.state_file import restore, save_state, take_state
from distill.training.distributed.processes import Distributed
from distill.training.distributed.sharding import gather
from distill.training.plan import TrainingPlan
from distill.training.report.metrics import DevRow, Metrics
from distill.training.settings import TrainSettings
from distill.training.state import TrainState
from distill.training.student import folded, student_with


class CheckpointManager:
    """Saves, measures and, at the end, chooses. All processes call it; the main one writes.

    The state is on disk before a snapshot is measured, and nothing that an older state needs is removed before a newer
    one is there: so a run can be killed anywhere.
    """

    def __init__(
        self,
        plan: TrainingPlan,
        settings: TrainSettings,
        out: Path,
        train_state: TrainState,
        distributed: Distributed,
        measure: Measure | None,
    ) -> None:
        """Take up the run in `out` where it stands; raises InputError when it is another run."""
        self._plan, self._settings, self._out = plan, settings, out
        # The plan's, unless the run is cut.
        self.steps = len(plan.steps)
        self._train_state, self._distributed, self._measure = train_state, distributed, measure
        self._snapshots = Snapshots(out)
        copies = train_state.masters.copies
        self._average = MovingAverage(copies, settings.ema_decay) if settings.average == "ema" else None
        self.done = restore(out, train_state, self._average, plan=plan.sha256)
        # Every process has read the state before the main one may write the next.
        distributed.wait()
        self.metrics = Metrics(out, done=self.done, writes=distributed.main)
        if distributed.main:
            self._snapshots.keep([step for step in self._snapshots.steps() if step <= self.done])
        self._saved_at = time.monotonic()

    def after_step(self) -> None:
        """Note that a step was done: move the average, and save what is due."""
        self.done += 1
        copies = self._train_state.masters.copies
        if self._average:
            self._average.move(copies, self.done)
        late = time.monotonic() - self._saved_at > self._settings.save_interval_s
        if self._due():
            values = self._gathered(copies)
            if self._distributed.main:
                self._snapshots.save(self.done, values)
            self._save()
        elif self._distributed.broadcast(late) and self.done < self.steps:
            self._save()

    def look(self) -> bool:
        """Measure the snapshot of this very step if there is one that was not, and drop those no longer needed.

        Whether there was one to look at; only the main process looks.
        """
        if not self._distributed.main or not self._due():
            return False
        if self._measure and not any(row.step == self.done for row in self.metrics.dev):
            self._measured(self._measure, self._snapshots.load(self.done), "snapshot")
        best = best_snapshot(self.metrics.dev)
        needed = self._averaged_steps() or [self.done]
        self._snapshots.keep({*needed, *([best.step] if best else [])})
        return True

    def choose(self) -> tuple[SelectedWeights, Sequence[Tensor]]:
        """The weights of the checkpoint; all processes take part, the main one's answer counts."""
        last = self._gathered(self._train_state.masters.copies)
        moving = self._gathered(self._average.values) if self._average else []
        chosen = SelectedWeights(f"after the last step, {self.done}", self.done)
        if not self._distributed.main:
            return chosen, last
        average, values = self._averaged(moving)
        chosen = choose(chosen, average, self.metrics.dev)
        if chosen is average:
            return chosen, values
        return chosen, last if chosen.step == self.done else self._snapshots.load(chosen.step)

    def _averaged(self, moving: Sequence[Tensor]) -> tuple[SelectedWeights | None, Sequence[Tensor]]:
        """The averaged weights and, where dev accuracy is measured, theirs; None when nothing is averaged."""
        steps, values = self._averaged_steps(), moving
        words = f"a moving average, decay {self._settings.ema_decay}"
        if not moving:
            if len(steps) < 2:
                return None, []
            words = f"the mean of {len(steps)} snapshots, steps {steps[0]} to {steps[-1]}"
            values = self._snapshots.mean(steps)
        dev = None
        if self._measure:
            known = (row for row in self.metrics.dev if row.weights == "average")
            dev = next(known, None) or self._measured(self._measure, values, "average")
        return SelectedWeights(words, self.done, dev), values

    def _measured(self, measure: Measure, values: Sequence[Tensor], weights: str) -> DevRow:
        folder = self._out / FOLDER / "checkpoint"
        model = folded(student_with(self._plan.base, self._settings, values))
        save_checkpoint(model, self._plan.base, self._plan.card, folder)
        del model
        score = measure(folder, f"{weights} after {self.done} steps")
        shutil.rmtree(folder)
        seconds = round(score.seconds, 3)
        row = DevRow(self.done, self.metrics.tokens, weights, score.right, score.n, seconds)
        self.metrics.add(row)
        return row

    def _averaged_steps(self) -> list[int]:
        """The snapshots that `average: last` is made of; none where something else is asked for."""
        if self._settings.average != "last":
            return []
        return self._snapshots.steps()[-self._settings.average_last :]

    def _due(self) -> bool:
        every = self._settings.snapshot_steps
        return bool(every and self.done and (self.done % every == 0 or self.done == self.steps))

    def _gathered(self, tensors: Sequence[Tensor]) -> Sequence[Tensor]:
        """Whole tensors where they are needed; where they are sharded, gathering them is everybody's work."""
        needed = self._distributed.main or self._distributed.sharded
        return [gather(tensor) for tensor in tensors] if needed else []

    def _save(self) -> None:
        if self._distributed.main or self._distributed.sharded:
            state = take_state(self._train_state, self._average, step=self.done, plan=self._plan.sha256)
            if self._distributed.main:
                save_state(self._out, state)
        self._saved_at = time.monotonic()
