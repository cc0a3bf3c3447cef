"""Decisions as JSON, and the JSON Schema they follow."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from txselect.decision.record import SCHEMA, Decision


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Decision]:
    return TypeAdapter(Decision)


def to_json(decision: Decision, *, compact: bool = False) -> str:
    """The decision as JSON text, on one line if `compact`."""
    return _adapter().dump_json(decision, indent=None if compact else 2).decode()


def from_json(text: str | bytes) -> Decision:
    """A stored decision. Raises pydantic's ValidationError for text that does not follow the schema."""
    return _adapter().validate_json(text)


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of `txselect.decision/1`."""
    made = _adapter().json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA, "title": SCHEMA, **made}
