"""Mapping files: how the columns of somebody's table become the documented flat columns.

unknown: [NA, NOT_FOUND]              # texts that say nothing, in every column
columns:
  id: PATIENT_ID
  cancer.type: {always: BREAST}
  biomarker.HER2: {from: HER2_STATUS, values: {Positive: positive, Negative: negative}, others: unknown}
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BeforeValidator, Field

from txselect.errors import InputError, Place, Problem, did_you_mean
from txselect.language.document import decoded, parse
from txselect.language.files import content_of
from txselect.language.validation import validated
from txselect.model.forms import Form, OneOrMore, Text, Texts, TextByName


def _named(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


class ColumnFrom(Form):
    """Where a flat column comes from: the first of `from` that says something, or the same text for everybody.

    values: what its texts become; others: what becomes of texts that `values` does not name.
    """

    sources: OneOrMore = Field(default=(), alias="from", min_length=0)
    always: Text | None = None
    values: TextByName = Field(default_factory=dict)
    others: Literal["kept", "unknown"] = "kept"


class ColumnMapping(Form):
    """The flat columns that a table is turned into."""

    unknown: Texts = ()
    columns: dict[str, Annotated[ColumnFrom, BeforeValidator(_named)]]

    def flat(self, table: pa.RecordBatch) -> pa.RecordBatch:
        """The table with flat columns, each a column of texts."""
        columns = {name: self._column(column, table) for name, column in self.columns.items() if name != "place"}
        return pa.RecordBatch.from_pydict(columns)

    def missing(self, names: list[str], place: Place) -> list[Problem]:
        """A problem for each column that a table with these lacks."""
        problems = []
        for target, column in self.columns.items():
            for source in column.sources:
                if source not in names:
                    text = f"`{target}` comes from `{source}`, which the table does not have"
                    problems.append(Problem(place, "TX040", text, did_you_mean(source, names)))
        return problems

    def unused(self, names: list[str]) -> list[str]:
        """The columns of a table that nothing is read from."""
        used = {source for column in self.columns.values() for source in column.sources}
        return [name for name in names if name not in used]

    def _column(self, column: ColumnFrom, table: pa.RecordBatch) -> pa.Array:
        if column.always is not None:
            return pa.array([column.always] * table.num_rows, pa.string())
        found = [self._said(column, table.column(name)) for name in column.sources]
        return pc.coalesce(*found) if len(found) > 1 else found[0]

    def _said(self, column: ColumnFrom, texts: pa.Array) -> pa.Array:
        encoded = texts.cast(pa.string()).dictionary_encode()
        said = [self._value(column, text.strip()) for text in encoded.dictionary.to_pylist()]
        return pa.array(said, pa.string()).take(encoded.indices)

    def _value(self, column: ColumnFrom, text: str) -> str | None:
        if not text or text in self.unknown:
            return None
        return column.values.get(text, None if column.others == "unknown" else text)


def load_mapping(path: Path) -> ColumnMapping:
    """The mapping in a file. Raises InputError with every problem."""
    file = path.as_posix()
    value = parse(decoded(content_of(path), file), file)
    if isinstance(value, Mapping) and isinstance(value.get("columns"), dict):
        value["columns"].pop("place", None)
    found = validated(ColumnMapping, value, Place(file))
    wrong = [name for name, column in found.columns.items() if bool(column.sources) == (column.always is not None)]
    if wrong:
        text = "needs either `from`, a column of the table, or `always`, a text"
        raise InputError([Problem(found.place, "TX040", f"`{name}` {text}") for name in wrong])
    return found
