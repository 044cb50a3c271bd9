"""Config: strict at the door, documented field by field, printed so that it reads back."""

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from data_manifests.schemas import EVIDENCE
from mining.evidence import Evidence
from pipeline.config import Config, add_markers, lexicon_table, load_config, parse_config
from pipeline.config_text import config_as_toml, field_docs
from pipeline.errors import UsageError
from pipeline.recipe import RECIPE
from pipeline.reference import PAGES


def test_the_printed_config_reads_back() -> None:
    assert parse_config(tomllib.loads(config_as_toml(Config())), "printed") == Config()


def test_every_field_is_documented() -> None:
    for section in fields(Config):
        value = getattr(Config(), section.name)
        undocumented = [field.name for field in fields(value) if not field_docs(type(value)).get(field.name)]
        assert undocumented == [], section.name


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("nonsense = 1\n[catalog]\nmax_duration_s = -1\n[splits]\nvalid_share = 2\n")
    with pytest.raises(
        UsageError, match=r"nonsense.*max_duration_s.*valid_share|max_duration_s.*valid_share.*nonsense"
    ):
        load_config(path)


def test_each_stage_depends_on_its_own_section_only() -> None:
    changed = parse_config({"decisions": {"min_overlap_s": 60.0}}, "test")
    touched = {
        stage.name
        for stage in RECIPE
        if TypeAdapter(type(stage.settings(changed))).dump_json(stage.settings(changed))
        != TypeAdapter(type(stage.settings(Config()))).dump_json(stage.settings(Config()))
    }
    assert touched == {"pairs", "manifest"}


def test_markers_of_the_config_join_the_lexicon() -> None:
    table = lexicon_table(Config().titles)
    extended = add_markers(table, {"instrumental": ("sans voix du tout",), "karaoke.bare": ("singalongtrack",)})
    assert "config" in extended["instrumental"]["tag"]
    assert "config" in extended["karaoke"]["bare"]
    assert "config" not in table["instrumental"]["tag"]


def test_the_evidence_table_holds_all_that_is_measured() -> None:
    assert set(EVIDENCE.column_names) == {field.name for field in fields(Evidence)} | {"pair_id", "outcome", "reason"}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_reference_pages_are_up_to_date(name: str) -> None:
    page = Path(__file__).parents[3] / "docs" / name
    assert page.read_text(encoding="utf-8") == PAGES[name](), "run: python -m pipeline.reference docs"
