"""Tables in Parquet: written whole, checked against their declared schema when written and when read."""

import io
from dataclasses import dataclass

import polars as pl

from data_manifests.schemas import Column, ColumnType, TableSchema
from data_manifests.storage import Store

_TYPES: dict[ColumnType, pl.DataType] = {
    "string": pl.String(),
    "bool": pl.Boolean(),
    "int64": pl.Int64(),
    "int32": pl.Int32(),
    "float64": pl.Float64(),
    "float32": pl.Float32(),
    "binary": pl.Binary(),
    "date": pl.Date(),
    "strings": pl.List(pl.String()),
}


class InvalidTableError(Exception):
    """A table is not what its schema declares: unreadable, missing columns, other types, broken row rules."""


@dataclass(frozen=True, kw_only=True)
class BrokenRule:
    """A row rule that does not hold, and in how many rows."""

    rule: str
    num_rows: int


def polars_schema(schema: TableSchema) -> pl.Schema:
    """Derive the polars schema."""
    return pl.Schema({column.name: _TYPES[column.type] for column in schema.columns})


def empty_table(schema: TableSchema) -> pl.DataFrame:
    """Make a table of no rows."""
    return pl.DataFrame(schema=polars_schema(schema))


def conform(rows: pl.DataFrame, schema: TableSchema) -> pl.DataFrame:
    """Bring columns into the declared order and types; absent columns become null, undeclared ones are refused.

    Raises
    ------
    InvalidTableError
        Where a column is not declared or a value does not fit its type.
    """
    unknown = sorted(set(rows.columns) - set(schema.column_names))
    if unknown:
        raise InvalidTableError(f"table {schema.name}: columns {unknown} are not in its schema")
    if not rows.height:
        return empty_table(schema)
    types = polars_schema(schema)
    present = [
        pl.col(name).cast(dtype) if name in rows.columns else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in types.items()
    ]
    try:
        return rows.select(present)
    except pl.exceptions.PolarsError as error:
        raise InvalidTableError(f"table {schema.name}: {error}") from error


def broken_rules(rows: pl.DataFrame, schema: TableSchema) -> list[BrokenRule]:
    """Check keys and row rules of a table that has the declared columns."""
    kept = pl.col("outcome") == schema.kept_outcome if "outcome" in rows.columns else pl.lit(value=True)
    rules: dict[str, pl.Expr] = {}
    for column in schema.columns:
        rules |= _column_rules(column, kept)
    if "outcome" in rows.columns:
        rules["reason is null exactly where the row is kept"] = kept != pl.col("reason").is_null()
        rules["outcome is never null"] = pl.col("outcome").is_null()
    counts = rows.select(expression.fill_null(value=False).sum().alias(name) for name, expression in rules.items())
    broken = [BrokenRule(rule=n, num_rows=int(c)) for n, c in zip(counts.columns, counts.row(0), strict=True) if c]
    duplicates = rows.height - rows.select(schema.key).unique().height
    if duplicates:
        broken.append(BrokenRule(rule=f"{', '.join(schema.key)} is unique", num_rows=duplicates))
    return broken


def _column_rules(column: Column, kept: pl.Expr) -> dict[str, pl.Expr]:
    """Expressions that are true where a rule of the column is broken."""
    value = pl.col(column.name)
    rules: dict[str, pl.Expr] = {}
    if column.required:
        rules[f"{column.name} is given in kept rows"] = kept & value.is_null()
    if column.minimum is not None:
        rules[f"{column.name} >= {column.minimum:g}"] = kept & ~(value >= column.minimum)
    if column.maximum is not None:
        rules[f"{column.name} <= {column.maximum:g}"] = kept & ~(value <= column.maximum)
    if column.choices is not None:
        rules[f"{column.name} is one of {', '.join(column.choices)}"] = ~value.is_in(column.choices)
    return rules


def check(rows: pl.DataFrame, schema: TableSchema) -> None:
    """Raise `InvalidTableError` that names every broken rule with its count."""
    broken = broken_rules(rows, schema)
    if broken:
        text = "; ".join(f"{item.rule} ({item.num_rows} rows break it)" for item in broken)
        raise InvalidTableError(f"table {schema.name}: {text}")


def table_bytes(rows: pl.DataFrame, schema: TableSchema) -> bytes:
    """Serialise a table, checked, with its schema's name and version in the file's metadata."""
    conformed = conform(rows, schema)
    check(conformed, schema)
    buffer = io.BytesIO()
    metadata = {"mixminus.schema": schema.name, "mixminus.schema_version": str(schema.version)}
    conformed.write_parquet(buffer, compression="zstd", metadata=metadata)
    return buffer.getvalue()


def parse_table(content: bytes, schema: TableSchema, name: str) -> pl.DataFrame:
    """Read and check a table from bytes; `name` is for error messages.

    Raises
    ------
    InvalidTableError
        Where the bytes are no Parquet, of another schema or version, or break a rule.
    """
    try:
        metadata = pl.read_parquet_metadata(io.BytesIO(content))
        rows = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidTableError(f"{name} is not a readable Parquet file: {error}") from error
    found = (metadata.get("mixminus.schema"), metadata.get("mixminus.schema_version"))
    expected = (schema.name, str(schema.version))
    if found != expected:
        raise InvalidTableError(f"{name}: expected schema {expected}, got {found}; mine again with this version")
    missing = sorted(set(schema.column_names) - set(rows.columns))
    if missing:
        raise InvalidTableError(f"{name}: the columns {missing} are missing; mine again with this version")
    conformed = conform(rows, schema)
    check(conformed, schema)
    return conformed


def read_table(store: Store, schema: TableSchema, name: str | None = None) -> pl.DataFrame:
    """Read a run's table.

    Raises
    ------
    FileNotFoundError
        Where the stage that writes it has not run.
    InvalidTableError
        Where it is damaged.
    """
    file = name or schema.file
    return parse_table(store.read(file), schema, file)


def write_table(store: Store, rows: pl.DataFrame, schema: TableSchema, name: str | None = None) -> bytes:
    """Write a run's table whole, checked; give the bytes written."""
    content = table_bytes(rows, schema)
    store.write(name or schema.file, content)
    return content
