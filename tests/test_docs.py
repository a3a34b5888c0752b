import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from edgethought.cli.app import app
from scripts.docs import PAGES, outdated

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES_BY_HAND = [README, *(ROOT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"))]
DOCUMENTS = [*PAGES_BY_HAND, *sorted((ROOT / "docs").rglob("*.md"))]
# Pages whose command lines a reader types as they stand; the log's and the generated ones hold forms of commands.
TYPED = [
    README,
    *(
        ROOT / "docs" / f"{name}.md"
        for name in ("index", "build", "teachers", "solve", "serve", "compare", "interop", "recipes")
    ),
]
ENDS_A_COMMAND = {"|", ">", ">>", "&&", ";", "<"}


def names_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def links(text: str) -> list[str]:
    """Targets of links and pictures, code left out."""
    prose = re.sub(r"`[^`\n]*`", "", re.sub(r"(?m)^    .*$", "", text))
    return re.findall(r"\]\(([^)\s]+)\)", prose)


def anchors(text: str) -> set[str]:
    """A page's headings as the repository and mkdocs name them in links."""
    headings = re.findall(r"(?m)^#+ (.+)$", text)
    return {re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


def command_lines(text: str) -> Iterator[str]:
    """What stands after `edgethought` in every command in code blocks and in prose."""
    joined = re.sub(r"\\\n\s*", "", text)
    for line in re.findall(r"(?m)^    (?:\$ )?(?:echo .*\| )?(edgethought .+)$", joined):
        yield without_program(line)
    for line in re.findall(r"`(edgethought [^`]+)`", re.sub(r"(?m)^    .*$", "", joined)):
        yield without_program(" ".join(line.split()))


def without_program(line: str) -> str:
    words = shlex.split(line, comments=True)[1:]
    end = next((index for index, word in enumerate(words) if word in ENDS_A_COMMAND), len(words))
    return shlex.join(words[:end])


def parse(words: list[str]) -> None:
    """Read a command line as the command would, and run nothing; raises where a command or an option is unknown."""
    command, rest = typer.main.get_command(app), words
    while hasattr(command, "commands"):
        if not rest:
            return
        name, *rest = rest
        assert name in command.commands, f"no command {name!r}"
        command = command.commands[name]
    # A command's bare name, as prose has it, lacks the arguments that it needs.
    if rest:
        command.make_context("edgethought", list(rest))


def test_readme_is_read_in_one_go() -> None:
    assert len(README.read_text().splitlines()) <= 120


def test_readme_names_the_test_command_that_ci_runs() -> None:
    assert "\n    make test " in README.read_text()
    assert "make test" in (ROOT / ".ci/run").read_text()


def test_generated_pages_are_what_the_code_writes() -> None:
    assert not outdated(), "python -m scripts.docs"


def test_a_page_that_is_behind_the_code_is_named(tmp_path: Path) -> None:
    for name, page in PAGES.items():
        (tmp_path / name).write_text(page())
    (tmp_path / "settings.md").write_text("old")
    assert outdated(tmp_path) == ["settings.md"]


def test_every_setting_has_a_description() -> None:
    rows = re.findall(r"(?m)^\| `[\w.]+` \|.*\| (.*) \|$", PAGES["settings.md"]())
    assert len(rows) > 50
    assert all(rows)


@pytest.mark.parametrize("path", DOCUMENTS, ids=names_of)
def test_relative_links_lead_to_a_file_and_a_heading(path: Path) -> None:
    for link in links(path.read_text()):
        if link.startswith(("http://", "https://")):
            continue
        target, _, heading = link.partition("#")
        page = (path.parent / target) if target else path
        assert page.exists(), f"{names_of(path)}: {link}"
        assert not heading or heading in anchors(page.read_text()), f"{names_of(path)}: {link}"


@pytest.mark.parametrize("line", sorted({line for path in TYPED for line in command_lines(path.read_text())}))
def test_command_lines_parse(line: str) -> None:
    parse(shlex.split(line))


@pytest.mark.parametrize("path", [*TYPED, ROOT / "docs/results.md"], ids=names_of)
def test_settings_on_command_lines_are_known(path: Path) -> None:
    known = set(re.findall(r"(?m)^\| `([\w.]+)` \|", PAGES["settings.md"]()))
    assert set(re.findall(r"--set ([a-z_.]+)=", path.read_text())) <= known


def test_readme_has_command_lines_to_parse() -> None:
    commands = [line.split()[0] for line in command_lines(README.read_text())]
    assert {"quickstart", "solve", "doctor"} <= set(commands)


@pytest.mark.parametrize(
    "line", ["solv 'A pen'", "solve --jsn 'A pen'", "distill learn set", "bench --limit many"]
)
def test_a_command_line_that_no_command_takes_is_seen(line: str) -> None:
    with pytest.raises(Exception):  # noqa: B017
        parse(shlex.split(line))


def test_every_page_is_in_the_index_of_the_site() -> None:
    listed = (ROOT / "mkdocs.yml").read_text()
    assert not [
        page for page in (ROOT / "docs").rglob("*.md") if str(page.relative_to(ROOT / "docs")) not in listed
    ]


def test_the_site_builds_and_reads_without_a_network(tmp_path: Path) -> None:
    pytest.importorskip("material")
    pytest.importorskip("mkdocstrings")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    for page in tmp_path.rglob("*.html"):
        loaded = re.findall(
            r'<(?:script|link|img|iframe)\b[^>]*(?:src|href)="(https?://[^"]+)', page.read_text()
        )
        assert not loaded, f"{page.name}: {loaded}"
