"""The keys of a file, of its rules and of its sources in one order, each moved with its lines and comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import yaml

from txselect.language.rule_forms import PackFile, RuleForm
from txselect.model.forms import Form
from txselect.model.profile import Case

_EVIDENCE = (
    "id", "kind", "name", "agency", "year", "date", "level", "nct", "pmid", "doi", "population", "result", "checked",
)  # fmt: skip
"""What a source is, where it stands, what it says."""

Moved = tuple[yaml.MappingNode, Sequence[str]]


def ordered_keys(text: str) -> str:
    """The text with the keys of its block mappings in the order of the house. A mapping in braces stays as it is."""
    lines = text.split("\n")
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    if isinstance(root, yaml.MappingNode):
        for mapping, order in _to_be_ordered(root):
            _put_in_order(lines, mapping, order)
    return "\n".join(lines)


def _to_be_ordered(root: yaml.MappingNode) -> Iterator[Moved]:
    """What lies inside comes first: moving it changes none of the lines that the outer mapping begins and ends on."""
    values = {key.value: value for key, value in root.value}
    if "pack" not in values:
        yield root, _keys(Case)
        return
    for name, order in (("rules", _keys(RuleForm)), ("evidence", _EVIDENCE)):
        entries = values.get(name)
        for entry in entries.value if isinstance(entries, yaml.SequenceNode) else ():
            if isinstance(entry, yaml.MappingNode):
                yield entry, order
    yield root, _header()


def _keys(form: type[Form]) -> list[str]:
    return [field.alias or name for name, field in form.model_fields.items()]


def _header() -> list[str]:
    """The keys before the lists. The lists themselves stay in the order in which an author tells things."""
    keys = _keys(PackFile)
    return keys[: keys.index("cancers")]


def _put_in_order(lines: list[str], mapping: yaml.MappingNode, order: Sequence[str]) -> None:
    keys = [key for key, _ in mapping.value]
    wanted = sorted(range(len(keys)), key=lambda index: _rank(keys[index].value, order))
    if mapping.flow_style or wanted == list(range(len(keys))):
        return
    column = keys[0].start_mark.column
    starts = [key.start_mark.line for key in keys]
    ends = [_last_line(value, lines) + 1 for _, value in mapping.value]
    begins = [starts[0], *ends[:-1]]
    # The dash of a list item stands before whichever key comes first.
    dash, first = lines[starts[0]][:column], starts[wanted[0]]
    lines[starts[0]] = " " * column + lines[starts[0]][column:]
    lines[first] = dash + lines[first][column:]
    for begin, end in zip((*begins, ends[-1]), (*starts, len(lines)), strict=True):
        _align_comments(lines, begin, end, column)
    blocks = [lines[begins[index] : ends[index]] for index in wanted]
    lines[begins[0] : ends[-1]] = [line for block in blocks for line in block]


def _align_comments(lines: list[str], begin: int, end: int, column: int) -> None:
    """Put the comments above a key where the key stands: deeper, they could become part of a text that comes before."""
    for number in range(begin, end):
        comment = lines[number].lstrip()
        if comment and not comment.startswith("#"):
            return
        if len(lines[number]) - len(comment) > column:
            lines[number] = " " * column + comment


def _rank(key: str, order: Sequence[str]) -> int:
    return order.index(key) if key in order else len(order)


def _last_line(node: yaml.Node, lines: Sequence[str]) -> int:
    """The line on which the content of a node ends: blank lines and comments after it belong to what follows."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last, lines)
    end: int = node.end_mark.line
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        end -= node.end_mark.column == 0
        while not lines[end].strip():
            end -= 1
    return end
