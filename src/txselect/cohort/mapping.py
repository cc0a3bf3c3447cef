"""Mapping files: how the columns of somebody's table become the documented flat columns.

unknown: [NA, NOT_FOUND]              # texts that say nothing, in every column
columns:
  id: PATIENT_ID
  cancer.type: {always: BREAST}
  biomarker.HER2: {from: HER2_STATUS, values: {Positive: positive, Negative: negative}, others: unknown}
  menopausal_status:                  # several ways: the first that says something counts
    - {from: MENOPAUSE_AT_DIAGNOSIS, values: {Post: postmenopausal}, others: unknown}
    - {from: MENOPAUSE_AT_DIAGNOSIS, values: {Pre: premenopausal}, others: unknown, where: {STAGE_AT_DIAGNOSIS: IV}}
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BeforeValidator, Field

from txselect.errors import InputError, Place, Problem, did_you_mean
from txselect.language.document import decoded, parse
from txselect.language.files import content_of
from txselect.language.validation import validated
from txselect.model.forms import Form, OneOrMore, Text, TextByName, Texts, without_place


def _named(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


def _ways(value: Any) -> Any:
    return [_named(way) for way in value] if isinstance(value, (list, tuple)) else [_named(value)]


class ColumnFrom(Form):
    """Where a flat column comes from: the first of `from` that says something, or the same text for everybody.

    values: what its texts become; others: what becomes of texts that `values` does not name.
    where: texts of other columns; said only of rows in which each of these columns has one of its texts.
    """

    sources: OneOrMore = Field(default=(), alias="from", min_length=0)
    always: Text | None = None
    values: TextByName = Field(default_factory=dict)
    others: Literal["kept", "unknown"] = "kept"
    where: Annotated[dict[str, OneOrMore], BeforeValidator(without_place)] = Field(default_factory=dict)

    @property
    def read(self) -> tuple[str, ...]:
        """The columns of the table that this is read from."""
        return (*self.sources, *self.where)

    def texts(self, table: pa.RecordBatch, unknown: Collection[str]) -> pa.Array:
        """What this says of each row; null where it says nothing, as texts in `unknown` do."""
        if self.always is not None:
            said = pa.array([self.always] * table.num_rows, pa.string())
        else:
            said = pc.coalesce(*(self._said(table.column(name), unknown) for name in self.sources))
        for name, wanted in self.where.items():
            said = pc.if_else(_is_one_of(table.column(name), wanted), said, None)
        return said

    def _said(self, texts: pa.Array, unknown: Collection[str]) -> pa.Array:
        encoded = texts.cast(pa.string()).dictionary_encode()
        said = [self._value(text.strip(), unknown) for text in encoded.dictionary.to_pylist()]
        return pa.array(said, pa.string()).take(encoded.indices)

    def _value(self, text: str, unknown: Collection[str]) -> str | None:
        if not text or text in unknown:
            return None
        return self.values.get(text, None if self.others == "unknown" else text)


def _is_one_of(texts: pa.Array, wanted: Collection[str]) -> pa.Array:
    return pc.is_in(pc.utf8_trim_whitespace(texts.cast(pa.string())), pa.array(wanted, pa.string()))


class ColumnMapping(Form):
    """The flat columns that a table becomes, each in one way, or in several of which the first to speak counts."""

    unknown: Texts = ()
    columns: Annotated[
        dict[str, Annotated[tuple[ColumnFrom, ...], BeforeValidator(_ways), Field(min_length=1)]],
        BeforeValidator(without_place),
    ]

    def flat(self, table: pa.RecordBatch) -> pa.RecordBatch:
        """The table with flat columns, each a column of texts."""
        columns = {
            name: pc.coalesce(*(way.texts(table, self.unknown) for way in ways)) for name, ways in self.columns.items()
        }
        return pa.RecordBatch.from_pydict(columns)

    def missing(self, names: list[str], place: Place) -> list[Problem]:
        """A problem for each column that a table with these lacks."""
        problems = []
        for target, source in self._read():
            if source not in names:
                text = f"`{target}` comes from `{source}`, which the table does not have"
                problems.append(Problem(place, "TX040", text, did_you_mean(source, names)))
        return problems

    def unused(self, names: list[str]) -> list[str]:
        """The columns of a table that nothing is read from."""
        used = {source for _, source in self._read()}
        return [name for name in names if name not in used]

    def _read(self) -> Iterator[tuple[str, str]]:
        return ((target, name) for target, ways in self.columns.items() for way in ways for name in way.read)


def load_mapping(path: Path) -> ColumnMapping:
    """The mapping in a file. Raises InputError with every problem."""
    file = path.as_posix()
    found = validated(ColumnMapping, parse(decoded(content_of(path), file), file), Place(file))
    every = ((name, way) for name, ways in found.columns.items() for way in ways)
    wrong = [name for name, way in every if bool(way.sources) == (way.always is not None)]
    if wrong:
        text = "needs either `from`, a column of the table, or `always`, a text"
        raise InputError([Problem(found.place, "TX040", f"`{name}` {text}") for name in wrong])
    return found
