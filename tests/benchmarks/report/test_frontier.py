"""The picture joins what no other beats, and its labels cover neither points nor each other."""

from xml.etree import ElementTree

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.report.findings import Entry
from benchmarks.report.frontier import draw_frontier, frontier_figure, pareto, size_text, time_text
from benchmarks.report.labels import Box, Labeled, place_labels
from tests.benchmarks.fakes import findings, model_right_on, scored


def entry(label: str, right: int, ms: float) -> Entry:
    return scored(label, model_right_on(right, total_ms=ms))


def test_the_front_holds_what_no_other_beats_in_both() -> None:
    fast, middle, beaten, slow = (
        entry("fast", 10, 100),
        entry("middle", 20, 200),
        entry("beaten", 20, 300),
        entry("slow", 25, 900),
    )
    assert [e.label for e in pareto([slow, beaten, middle, fast])] == ["fast", "middle", "slow"]


def test_a_single_artifact_and_one_that_is_never_right_are_drawn() -> None:
    pictures = draw_frontier(findings(entry("only", 0, 0.0)))
    assert pictures["png"].startswith(b"\x89PNG")
    assert ElementTree.fromstring(pictures["svg"]).tag.endswith("svg")


def test_the_picture_as_svg_keeps_its_text_and_is_the_same_file_again() -> None:
    report = findings(entry("<script>alert(1)</script>", 3, 100))
    svg = draw_frontier(report)["svg"]
    assert svg == draw_frontier(report)["svg"]
    texts = [text for part in ElementTree.fromstring(svg).iter() if (text := part.text)]
    assert any("<script>alert(1)</script>" in text for text in texts)


CLUSTER = [(0.76, 45.5), (0.772, 45.0), (0.863, 43.0), (0.97, 48.5), (2.43, 0.5), (0.77, 44.0)]


@pytest.mark.parametrize("points", [CLUSTER[:1], CLUSTER[:3], CLUSTER, [(1.0, 50.0)] * 4])
def test_labels_cover_no_point_and_no_other_label(points: list[tuple[float, float]]) -> None:
    figure = Figure(figsize=(7.2, 4.6), dpi=150)
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_xscale("log")
    axes.set_xlim(0.4, 4.5)
    axes.set_ylim(-3, 70)
    figure.canvas.draw()
    labels = []
    for number, (x, y) in enumerate(points):
        left, middle = axes.transData.transform((x, y))
        labels.append(
            Labeled(
                f"student number {number}\n45.0 % · 772 ms",
                (x, y),
                Box(left - 8, middle - 40, left + 8, middle + 40),
            )
        )
    boxes = place_labels(axes, labels, "black", "grey")
    everything = [*boxes, *(label.covers for label in labels)]
    for box in boxes:
        assert sum(box.cut(other) > 0 for other in everything) == 1  # itself
    panel = axes.get_window_extent()
    assert all(
        panel.x0 <= box.left and box.right <= panel.x1 and panel.y0 <= box.low and box.high <= panel.y1
        for box in boxes
    )


# Times of four models on two tasks: a real report in which the last panel's labels were placed before it had its size.
REAL_TIMES = {
    "smollm2-135m-eot+pot gguf:q4_0": (371, 1450),
    "smollm2-135m-eot+pot onnx:int4": (436, 590),
    "smollm2-135m gguf:q4_0, 4 worked examples": (296, 417),
    "SmolLM2-135M-Instruct.Q4_1, its own chat": (3250, 5760),
}


def test_in_the_finished_picture_no_label_covers_a_point_in_any_panel() -> None:
    entries = [
        scored(label, model_right_on(right, total_ms=times[task == "aqua"]), task=task, n=30)
        for task, right in (("svamp", 2), ("svamp, without near duplicates", 2), ("aqua", 0))
        for label, times in REAL_TIMES.items()
    ]
    figure = frontier_figure(findings(*entries))
    figure.canvas.draw()
    for axes in figure.axes[:3]:
        points = [
            axes.transData.transform(spot) for group in axes.collections for spot in group.get_offsets()
        ]
        assert len(axes.texts) == 4 and len(points) >= 4
        for text in axes.texts:
            box = text.get_window_extent()
            assert not any(box.contains(x, y) for x, y in points), text.get_text()


def test_a_long_label_says_how_it_was_asked_on_a_line_of_its_own() -> None:
    figure = frontier_figure(findings(entry("SmolLM2-135M-Instruct.Q4_1, its own chat", 3, 100)))
    assert figure.axes[0].texts[0].get_text().startswith("SmolLM2-135M-Instruct.Q4_1,\nits own chat\n7.5 %")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.08, "80 ms"), (1.5, "1.5 s"), (180, "3 min"), (0.0015, "1.5 ms")]
)
def test_times_are_printed_for_people(seconds: float, text: str) -> None:
    assert time_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(91_600_000, "92 MB"), (1_250_000_000, "1,250 MB"), (8_200, "8 kB")]
)
def test_sizes_are_printed_for_people(size: int, text: str) -> None:
    assert size_text(size) == text
