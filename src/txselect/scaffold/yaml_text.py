"""Plain values as YAML in the style of the shipped files."""

from __future__ import annotations

from typing import Any

import yaml


class _Style(yaml.SafeDumper):
    """Items of a list stand deeper than its key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent always."""
        super().increase_indent(flow, indentless=False)


def yaml_text(value: Any) -> str:
    """A mapping or a list, in the order given; what holds no other list or mapping stands on one line.

    >>> print(yaml_text({"id": "first", "when": [{"site": "bone"}], "labels": ["1+", "no"]}), end="")
    id: first
    when:
      - {site: bone}
    labels: [1+, 'no']
    """
    return yaml.dump(value, Dumper=_Style, sort_keys=False, default_flow_style=None, allow_unicode=True, width=110)
