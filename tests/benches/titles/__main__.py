"""Score metadata matching: `python -m tests.benches.titles`, from the root of the repository.

Exit status 0 where the aims are met, 1 where not.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from mining.candidates import CandidateRules, propose
from mining.lexicon import Lexicon
from pipeline.config import TitleSettings, lexicon_table

from .generator import PAIRS_PER_LANGUAGE, generate
from .judged_csv import read_judged_pairs
from .pairs import Track
from .scoring import Judged, Score, Tally, score

MIN_PRECISION, MIN_RECALL = 0.995, 0.99
MAX_JUDGED_MISSED = 1


def program(tracks: pl.DataFrame) -> Mapping[tuple[str, str], str | None]:
    """Match a catalogue with the program's own lexicon and rules."""
    lexicon = Lexicon.from_table(lexicon_table(TitleSettings()))
    found = propose(tracks, lexicon, CandidateRules()).candidates
    columns = found.select("original_id", "counterpart_id", "outcome", "reason").iter_rows()
    return {(one, other): None if outcome == "kept" else reason for one, other, outcome, reason in columns}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print what it found."""
    options = _options(arguments)
    started = time.perf_counter()
    pairs = generate(options.seed, options.pairs_per_language)
    generated = time.perf_counter()
    result = score(pairs, program)
    _say(f"{len(pairs)} generated pairs, seed {options.seed}: generated in {generated - started:.1f} s, "
         f"matched and scored in {time.perf_counter() - generated:.1f} s")  # fmt: skip
    _show_tables(result)
    _show_errors(result, None if options.all else options.show)
    met = result.tally().precision >= MIN_PRECISION and result.tally().recall >= MIN_RECALL
    _say(f"aims {'met' if met else 'MISSED'}: precision {MIN_PRECISION:.1%}, recall {MIN_RECALL:.1%}")
    scores = [result]
    if options.pairs is not None and options.pairs.exists():
        scores.append(score(read_judged_pairs(options.pairs), program))
        _show_judged(options.pairs, scores[-1])
        met &= judged_aim_met(scores[-1])
    elif options.pairs is not None:
        _say(f"no hand-judged pairs: {options.pairs} does not exist; give another file with TITLE_PAIRS=FILE")
    if options.errors is not None:
        _write_errors(options.errors, scores)
    return 0 if met else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benches.titles", description=__doc__)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--pairs-per-language", type=int, default=PAIRS_PER_LANGUAGE)
    parser.add_argument("--pairs", type=Path, help="CSV of hand-judged pairs")
    parser.add_argument("--errors", type=Path, help="write every error to this file, one JSON object a line")
    parser.add_argument("--show", type=int, default=3, help="errors to print of each group")
    parser.add_argument("--all", action="store_true", help="print every error")
    return parser.parse_args(arguments)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _show_tables(result: Score) -> None:
    groups = [("in total", {"all": result.tally()}), ("per language", result.by("language")),
              ("per type", result.by("type"))]  # fmt: skip
    for name, tallies in groups:
        _say(f"\n{name:<32}{'precision':>10}{'recall':>9}{'true':>8}{'missed':>8}{'not':>8}{'false':>8}")
        for row, counts in tallies.items():
            _say(f"  {row:<30}{_percent(counts)}{counts.found + counts.missed:>8}{counts.missed:>8}"
                 f"{counts.turned_down + counts.false:>8}{counts.false:>8}")  # fmt: skip


def _percent(counts: Tally) -> str:
    precision = f"{counts.precision:.2%}" if counts.found + counts.false else "–"
    recall = f"{counts.recall:.2%}" if counts.found + counts.missed else "–"
    return f"{precision:>10}{recall:>9}"


def _show_errors(result: Score, at_most: int | None) -> None:
    """Print errors, grouped by type and by what the program said."""
    sizes = Counter((judged.pair.type, str(judged.reason)) for judged in result.errors)
    for (kind, reason), size in sizes.most_common():
        group = [one for one in result.errors if (one.pair.type, str(one.reason)) == (kind, reason)]
        said = "kept" if group[0].kept else f"not kept: {reason}"
        _say(f"\n{size} × {kind}, {said}")
        for judged in group[:at_most]:
            _say(_line(judged))
    for one, other in result.unlabelled[:at_most]:
        _say(f"\nkept, though of different pairs:\n  {_words(one)}\n  {_words(other)}")


def _line(judged: Judged) -> str:
    pair = judged.pair
    return f"  {pair.language}: {pair.why}\n    {_words(pair.a)}\n    {_words(pair.b)}"


def _words(track: Track) -> str:
    return f"{track.title!r} by {' + '.join(track.artists)!r}, {track.duration_s:g} s, on {track.album!r}"


def judged_aim_met(result: Score) -> bool:
    """Whether the hand-judged pairs went as they should: none false, at most one missed.

    Kept pairs that nobody judged join tracks of several lines, and are no error here.
    """
    false = sum(judged.kept for judged in result.judged if judged.pair.label is False)
    return false == 0 and result.tally().missed <= MAX_JUDGED_MISSED


def _show_judged(path: Path, result: Score) -> None:
    counts = result.tally()
    false = counts.false - len(result.unlabelled)
    unsure = sum(judged.kept for judged in result.judged if judged.pair.label is None)
    _say(f"\n{path}: {counts.found} of {counts.found + counts.missed} true pairs kept, {false} false, {unsure} unsure")
    for judged in result.errors:
        _say(_line(judged) + f"\n    {'kept' if judged.kept else judged.reason}")
    _say(f"aims {'met' if judged_aim_met(result) else 'MISSED'}: no false pair, at most {MAX_JUDGED_MISSED} missed")


def _write_errors(path: Path, results: Sequence[Score]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for judged in (error for result in results for error in result.errors):
            row: dict[str, Any] = asdict(judged.pair) | {"kept": judged.kept, "reason": judged.reason}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
