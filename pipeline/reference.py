"""Pages of the documentation that are made from declarations: tables and config. A test holds them up to date.

Run `python -m pipeline.reference docs` to write them.
"""

import sys
from pathlib import Path

from data_manifests.schemas import TABLES, Column
from pipeline.config import Config
from pipeline.config_text import config_as_toml


def tables_page() -> str:
    """Describe every table, column by column, as Markdown."""
    parts = [
        "# The tables of a run\n",
        "Made from `data_manifests/schemas.py` by `python -m pipeline.reference docs`. All are Parquet, with the",
        "schema's name and version in the file's metadata. *Required* columns hold no null in kept rows.\n",
    ]
    for schema in TABLES.values():
        parts.append(f"## {schema.file}\n\nOne row: {schema.about}. Key: {', '.join(schema.key)}.\n")
        parts.append("| column | type | required | about |\n|---|---|---|---|")
        parts.extend(_line(column) for column in schema.columns)
        parts.append("")
    return "\n".join(parts)


def _line(column: Column) -> str:
    limits = "" if column.minimum is None else f"; at least {column.minimum:g}"
    limits += "" if column.maximum is None else f"; at most {column.maximum:g}"
    limits += "" if column.choices is None else f"; one of {', '.join(column.choices)}"
    about = (column.about + limits).replace("|", "\\|")
    return f"| `{column.name}` | {column.type} | {'yes' if column.required else ''} | {about} |"


def configuration_page() -> str:
    """Show the default config with the meaning of each field, as Markdown."""
    return (
        "# The config\n\nMade by `python -m pipeline.reference docs`; `mixminus config` prints the same. Give a file "
        "with any of these\nfields to `mixminus mine --config FILE`; unknown keys are refused.\n\n"
        f"```toml\n{config_as_toml(Config())}```\n"
    )


PAGES = {"tables.md": tables_page, "configuration.md": configuration_page}


def main(folder: Path) -> None:
    """Write the pages into a folder."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
