"""The config as commented TOML: each field's docstring above its value."""

import ast
import inspect
import json
import textwrap
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import TypeAdapter

from pipeline.config import Config

_WIDTH = 110


def config_as_toml(config: Config) -> str:
    """Write a config as TOML that reads back to the same config, with the fields' docstrings as comments."""
    return "\n".join(section_as_toml(section.name, getattr(config, section.name)) for section in fields(config))


def section_as_toml(name: str, value: Any) -> str:
    """Write one section of a config."""
    plain: dict[str, Any] = TypeAdapter(type(value)).dump_python(value, mode="json")
    docs = field_docs(type(value))
    lines = [*_comment(inspect.getdoc(type(value)) or ""), f"[{name}]"]
    for key, item in plain.items():
        lines.extend(_comment(docs.get(key, "")))
        lines.append(f"# {key} = (not set)" if item is None else f"{key} = {_toml_value(item)}")
    return "\n".join([*lines, ""])


def field_docs(kind: type) -> dict[str, str]:
    """Read the docstring below each field of a dataclass from its source."""
    if not is_dataclass(kind):
        return {}
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    docs: dict[str, str] = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
            docs[field.target.id] = " ".join(after.value.value.split())
    return docs


def _comment(text: str) -> list[str]:
    return [f"# {line}".rstrip() for line in textwrap.wrap(" ".join(text.split()), _WIDTH)]


def _toml_value(value: Any) -> str:
    """Spell a value as TOML; JSON's spelling of strings, numbers, booleans and lists is TOML's too."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{json.dumps(key)} = {_toml_value(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False)
