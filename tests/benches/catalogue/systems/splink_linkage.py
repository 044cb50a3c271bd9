"""Splink on DuckDB: marked titles linked to plain ones, with the preparation that an engineer would write in SQL.

Blocking is what mixminus does, too: a shared artist with an equal bare title, and a shared artist with the same first
letter and nearly the same length; versions must agree and durations be less than a second apart. Training follows
Splink's documentation: u by random sampling, the rest by expectation maximisation over two blockings. Runs without
mixminus.
"""

import os
import sys
from pathlib import Path

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule

_THREADS = 2
_DATABASE_SHARE = 0.8
"""Of the memory allowed; the rest is for Python and for what DuckDB does not count."""
_MIN_PROBABILITY = 0.9
_MAX_U_PAIRS = 1e7
_MARKER = (
    "instrumental|karaoke|backing track|off vocal|sing.?along|accompaniment|minus one|inst\\."
    "|インスト|인스트|伴奏|инструментал"
)
_VERSION = "(remix|live|acoustic|radio edit|extended|demo)"
_PREPARE = f"""
create table tracks as
with read as (
    select track_id as unique_id, lower(title) as title, duration_s, lower(album) as album,
        list_distinct(list_filter(
            list_concat(list_transform(artists, lambda x: lower(x)), coalesce(artist_ids, [])),
            lambda x: x != 'various artists')) as artists
    from read_parquet(?) where not coalesce(opt_out, false)
), parsed as (
    select *, regexp_matches(title, '{_MARKER}') as marked,
        coalesce(regexp_extract(title, '[\\(\\[-].*{_VERSION}', 1), '') as version,
        trim(regexp_replace(
            regexp_replace(title, '\\s*[\\(\\[][^\\)\\]]*[\\)\\]]|\\s+-.*$', '', 'g'), '({_MARKER})$', '')) as base
    from read
)
select *, artists[1] as artist, floor(duration_s)::int as second
from parsed where base != ''
"""
_SPLIT = """
create table marked as
select *, flatten(list_transform(artists, lambda a: list_transform(
    [second - 1, second, second + 1], lambda s: a || '|' || base[1] || '|' || s))) as near
from tracks where marked;
create table plain as
select *, list_transform(artists, lambda a: a || '|' || base[1] || '|' || second) as near
from tracks where not marked
"""
_AGREE = "l.version = r.version and abs(l.duration_s - r.duration_s) < 1"


def main(catalogue: Path, out: Path) -> None:
    """Write the pairs that Splink predicts."""
    connection = _connection(out.parent / "spilled")
    connection.execute(_PREPARE, [str(catalogue)])
    connection.execute(_SPLIT)
    api = DuckDBAPI(connection)
    linker = Linker([api.register("marked"), api.register("plain")], _settings(), log_level=None)
    same = block_on("base", "album")
    linker.training.estimate_probability_two_random_records_match([same], recall=0.5)
    linker.training.estimate_u_using_random_sampling(max_pairs=_MAX_U_PAIRS, seed=0)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("artist", "base", "version"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("artist", "second"))
    found = linker.inference.predict(threshold_match_probability=_MIN_PROBABILITY)
    connection.execute(
        f"""
        copy (select distinct unique_id_r as original_id, unique_id_l as counterpart_id
              from {found.physical_name}) to '{out}' (format parquet)
        """
    )


def _connection(spill: Path) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that goes to disk before it takes more memory than the benchmark allows."""
    connection = duckdb.connect()
    connection.execute(f"set threads = {_THREADS}")
    connection.execute(f"set temp_directory = '{spill}'")
    if allowed := os.environ.get("MEMORY_LIMIT_BYTES"):
        connection.execute(f"set memory_limit = '{int(int(allowed) * _DATABASE_SHARE)}B'")
    return connection


def _settings() -> SettingsCreator:
    difference = "abs(duration_s_l - duration_s_r)"
    return SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[
            CustomRule(f"l.artists = r.artists and l.base = r.base and {_AGREE}", arrays_to_explode=["artists"]),
            CustomRule(f"l.near = r.near and {_AGREE}", arrays_to_explode=["near"]),
        ],
        comparisons=[
            cl.JaroWinklerAtThresholds("base", [0.97, 0.9]),
            cl.CustomComparison(
                output_column_name="duration_s",
                comparison_levels=[
                    cll.NullLevel("duration_s"),
                    cll.CustomLevel(f"{difference} < 0.25"),
                    cll.CustomLevel(f"{difference} < 0.5"),
                    cll.CustomLevel(f"{difference} < 1"),
                    cll.ElseLevel(),
                ],
            ),
            cl.ExactMatch("album"),
            cl.ArrayIntersectAtSizes("artists", [2, 1]),
        ],
        retain_matching_columns=False,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
