"""YAML that remembers its lines, so that an error in a campaign can name the line it is on.

Reads YAML by the 1.2 core schema: `yes`, `no` and `on` are words, and `10:00` is a time of day. PyYAML's default, 1.1,
would silently turn the first into a boolean and the second into the number 600, and a campaign is full of both.
"""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml


class MarkedYamlError(Exception):
    """The text is not the YAML a campaign may be. `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise MarkedYamlError(key.start_mark.line + 1, f"the key {key.value!r} stands here twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_CORE_SCHEMA = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    # No plus and no leading zero: telephone numbers and ZIP codes stay words.
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"[-+]?[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?", "-+0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
)
for _tag, _pattern, _first in _CORE_SCHEMA:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


@dataclass(frozen=True)
class Marked:
    """A document and where its parts stand."""

    data: Any
    root: yaml.Node

    def line_of(self, path: Sequence[str | int]) -> int:
        """The line of the innermost part of `path` that exists, from 1: of its key, or of its list item."""
        node, line = self.root, self.root.start_mark.line
        for step in path:
            found = _step(node, step)
            if found is None:
                break
            line, node = found
        return line + 1


def read(text: str) -> Marked:
    """Parses one document.

    Raises:
        MarkedYamlError: not YAML, more than one document, or a key given twice.
    """
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is None:
            raise MarkedYamlError(1, "the file is empty")
        return Marked(loader.construct_document(root), root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        raise MarkedYamlError(mark.line + 1 if mark else 1, said) from error
    except yaml.YAMLError as error:
        raise MarkedYamlError(1, str(error)) from error


def _step(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        pairs = ((key, value) for key, value in node.value if key.value == str(step))
        return next(((key.start_mark.line, value) for key, value in pairs), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line, item
    return None
