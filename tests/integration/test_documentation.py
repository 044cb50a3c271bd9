"""What the documents say can be done can be done."""

import re
from pathlib import Path

import pytest

from mining.assignment import BETTER_ALTERNATIVE
from mining.decisions import REASONS
from mining.splitting import BRIDGES_SPLITS
from pipeline.entry import run

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_commands_and_options_of_the_readme_exist(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\.venv/bin/mixminus (.+?)(?:#|$)", text, flags=re.MULTILINE)
    assert len(commands) >= 8
    for command in commands:
        words = command.split()
        name = words[:2] if words[0] in ("catalog", "manifest") else words[:1]
        assert run([*name, "--help"]) == 0
        shown = capsys.readouterr().out
        for option in re.findall(r"--[a-z-]+", command):
            assert option in shown, f"{command}: {option}"


def test_make_targets_of_the_readme_exist() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for target in re.findall(r"^make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE):
        assert target in targets


def test_every_reason_is_explained() -> None:
    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    for reason in (*REASONS, BETTER_ALTERNATIVE, BRIDGES_SPLITS):
        assert f"`{reason}`" in text


def test_the_training_example_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_run: Path
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.+?)```", text, flags=re.DOTALL)
    assert code
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-run").symlink_to(small_run)
    values: dict[str, object] = {}
    exec(code[1].replace("num_workers=2", "num_workers=0"), values)
    assert tuple(values["vocals"].shape[1:]) == (128, 512)  # type: ignore[attr-defined]
