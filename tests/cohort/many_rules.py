"""A pack of made-up rules over the shipped vocabulary: as many as asked for, about what a `Population` says.

Half derive facts in three layers, each layer from the one below it; the rest recommend and contraindicate therapies
from the third. Each has three to six conditions over some sixty fields. Nothing in it means anything.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from txselect.model.rules import Recommend, RulePack
from txselect.model.vocabulary import Vocabulary

_FIELDS, _LAYERS, _THERAPIES = 60, 3, 40
_NUMBERS = {"age": (40, 80), "ecog": (1, 3), "cancer.metastases": (2, 8), "cancer.months_since_diagnosis": (6, 60)}
_WORDS = {
    "sex": ("male", "female"),
    "menopausal_status": ("premenopausal", "postmenopausal"),
    "hormone_state": ("hormone_sensitive", "castration_resistant", "endocrine_resistant_primary"),
    "cancer.extent": ("metastatic", "oligometastatic", "locally_advanced"),
    "cancer.timing": ("synchronous", "metachronous"),
}


def write_pack(folder: Path, shipped: Path, pack: RulePack, columns: Sequence[str], count: int, seed: int = 1) -> None:
    """Write the pack into `folder`: the vocabulary of `pack`, which is in `shipped`, and rules about the columns."""
    shutil.copytree(shipped / "vocabulary", folder / "vocabulary")
    shutil.copytree(shipped / "evidence", folder / "evidence")
    for name in ("pack.yaml", "ranking.yaml"):
        shutil.copy(shipped / name, folder)
    made = _Rules(pack, columns, random.Random(seed))
    rules = made.rules(count)
    header = {"pack": pack.name, "language": 1, "date": pack.date}
    facts = [{"id": fact, "label": fact} for layer in made.facts for fact in layer]
    (folder / "rules.yaml").write_text(yaml.safe_dump({**header, "facts": facts, "rules": rules}, sort_keys=False))


class _Rules:
    def __init__(self, pack: RulePack, columns: Sequence[str], dice: random.Random) -> None:
        self.dice = dice
        self.vocabulary: Vocabulary = pack.vocabulary
        asked = [name for name in columns if self._leaf(name)]
        self.fields = dice.sample(asked, min(_FIELDS, len(asked)))
        heads = [rule.head for rule in pack.rules.values()]
        offered = {head.therapy: head.regimens for head in heads if isinstance(head, Recommend) and head.regimens}
        self.therapies = dice.sample(sorted(offered.items()), _THERAPIES)
        self.source = next(iter(pack.evidence))
        self.facts: list[list[str]] = []

    def rules(self, count: int) -> list[dict[str, Any]]:
        rules = []
        for layer in range(_LAYERS):
            number = count // (2 * _LAYERS)
            facts = [f"made_up_{layer}_{place}" for place in range(max(1, number // 2))]
            rules += [self._rule(f"{layer}.{place}", {"derive": facts[place % len(facts)]}) for place in range(number)]
            self.facts.append(facts)
        rules += [self._rule(f"head.{place}", self._head()) for place in range(count - len(rules))]
        return rules

    def _rule(self, name: str, head: dict[str, Any]) -> dict[str, Any]:
        parts = [self._part() for _ in range(self.dice.randint(3, 6))]
        if self.facts:
            parts[0] = {"fact": self.dice.choice(self.facts[-1])}
        return {"id": f"made_up.{name}", "title": name, "when": {"all": parts}, **head, "because": "It is made up."}

    def _head(self) -> dict[str, Any]:
        therapy, agents = self.dice.choice(self.therapies)
        if self.dice.random() < 0.3:
            strength = self.dice.choice(["absolute", "relative"])
            return {"contraindicate": {"therapy": therapy, "strength": strength, "reason": "safety"}}
        preference = self.dice.choice(["preferred", "alternative", "selected", "investigational"])
        regimens = [list(regimen) for regimen in agents]
        return {
            "recommend": {"therapy": therapy, "agents": regimens, "preference": preference},
            "evidence": [self.source],
        }

    def _part(self) -> dict[str, Any]:
        """A condition, the opposite of one, or either of two."""
        kind = self.dice.random()
        if kind < 0.5:
            return self._condition()
        return {"not": self._condition()} if kind < 0.7 else {"any": [self._condition(), self._condition()]}

    def _condition(self) -> dict[str, Any]:
        return self._leaf(self.dice.choice(self.fields))

    def _leaf(self, column: str) -> dict[str, Any]:
        """A condition on a column; empty for a column that no rule asks for."""
        kind, _, rest = column.partition(".")
        name = rest.partition(" [")[0]
        if column in _NUMBERS:
            return {column.removeprefix("cancer."): self._bound(*_NUMBERS[column])}
        if column in _WORDS:
            return {column.removeprefix("cancer."): self.dice.choice(_WORDS[column])}
        if kind == "findings":
            return {"finding": name}
        if kind == "measurement":
            entry = self.vocabulary.measurements[name]
            return {
                "measurement": {"name": name, "unit": entry.unit, **self._bound(entry.minimum or 0, entry.maximum or 1)}
            }
        return self._marker(name) if kind == "biomarker" else {}

    def _marker(self, name: str) -> dict[str, Any]:
        entry = self.vocabulary.biomarkers[name]
        if entry.scale:
            return {"biomarker": {"marker": name, "at_least": self.dice.choice(entry.scale[1:])}}
        if entry.measured:
            bound = self._bound(entry.minimum or 0, entry.maximum or 100)
            return {"biomarker": {"marker": name, "unit": entry.unit, **bound}}
        return {"biomarker": {"marker": name, "state": "positive"}}

    def _bound(self, low: float, high: float) -> dict[str, float]:
        share = self.dice.choice([0.2, 0.4, 0.6, 0.8])
        found = low + share * (high - low)
        return {self.dice.choice(["at_least", "below"]): round(found) if high > 3 else round(found, 1)}
