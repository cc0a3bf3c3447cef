"""What makes a text hard to read: ids, slips of number, words said twice, sentences over two lines."""

import re
from collections.abc import Iterable
from functools import cache

from knowledge.shipped import rules

LONGEST = 200
"""Characters of a sentence: two lines of 100."""

NOUNS = {
    "rule": "rules", "condition": "conditions", "note": "notes", "contraindication": "contraindications",
    "month": "months", "year": "years", "metastasis": "metastases", "line": "lines", "test": "tests",
    "prior therapy": "prior therapies", "therapy class": "therapy classes", "other": "others",
    "reason for care": "reasons for care",
}  # fmt: skip
TWICE = re.compile(r"\b([a-z]+) \1\b|\bnot: no|\bno not?\b|: :|\bno no\b|[,;:] *[,;:.]|\(\)", re.IGNORECASE)
BETWEEN = r"(?:more |failed |unknown |systemic )?"
PLURAL_OF_ONE = re.compile(rf"(?<![\w.])1 {BETWEEN}(?:{'|'.join(NOUNS.values())})\b")
SINGULAR_OF_MANY = re.compile(rf"(?<![\w.])(?:0|[2-9]|\d\d+) {BETWEEN}(?:{'|'.join(NOUNS)})\b")


@cache
def known_ids() -> frozenset[str]:
    """Ids of rules and of the vocabulary that cannot be taken for words."""
    pack = rules().pack
    vocabulary = pack.vocabulary
    named = (
        vocabulary.cancers, vocabulary.biomarkers, vocabulary.tests, vocabulary.measurements, vocabulary.facts,
        vocabulary.therapies, vocabulary.agents, *vocabulary.terms.values(), pack.rules, pack.evidence,
    )  # fmt: skip
    return frozenset(name for entries in named for name in entries if "_" in name or "." in name)


@cache
def written() -> frozenset[str]:
    """Sentences that somebody wrote into the rules, the evidence and the vocabulary."""
    pack = rules().pack
    texts = [text for rule in pack.rules.values() for text in (rule.title, rule.because, rule.experts_differ)]
    texts += [entry.result or "" for entry in pack.evidence.values()]
    texts += [entry.name for entry in pack.evidence.values()]
    texts += [criterion.because for criterion in pack.ranking.criteria]
    return frozenset(sentence for text in texts for sentence in sentences(text))


def sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?:[.;:](?:\s|$))|\n", text) if part]


def ids_shown(texts: Iterable[str]) -> set[str]:
    """Known ids that stand in texts as they are."""
    words = {word for text in texts for word in re.findall(r"[\w.]*\w", text) if "_" in word or "." in word}
    return words & known_ids()


def miscounted(texts: Iterable[str]) -> list[str]:
    """Texts that speak of one as many, or of many as one."""
    return [text for text in texts if PLURAL_OF_ONE.search(text) or SINGULAR_OF_MANY.search(text)]


def said_twice(texts: Iterable[str]) -> list[str]:
    """Texts in which a word stands twice, or something is denied twice."""
    return [text for text in texts if TWICE.search(text)]


def too_long(texts: Iterable[str]) -> set[str]:
    """Sentences over two lines that nobody wrote so into the rules."""
    return {part for text in texts for part in sentences(text) if len(part) > LONGEST} - written()
