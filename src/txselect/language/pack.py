"""From a folder of YAML files to a checked `RulePack`, or every problem in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from txselect.errors import Gathering, Place
from txselect.language.declared import read_declared
from txselect.language.document import decoded, parse
from txselect.language.files import pack_files, pack_sha256
from txselect.language.generated import generated_rules
from txselect.language.rule_forms import PackFile
from txselect.language.rules import read_rules
from txselect.language.validation import validated
from txselect.language.vocabulary import merged, read_vocabulary
from txselect.model.rules import About, Evidence, Ranking, RulePack, Ties


def read_pack(folder: Path, files: list[tuple[str, bytes]] | None = None) -> RulePack:
    """The rule pack in `folder`. Raises InputError with every problem of every file, sorted by place."""
    files = pack_files(folder) if files is None else files
    problems = Gathering()
    parsed = [_pack_file(f"{folder.as_posix()}/{name}", content, problems) for name, content in files]
    forms = [form for form in parsed if form]
    _same_pack(forms, problems)
    # Names that stand in an unreadable file would all be reported as unknown: mend the files first.
    if len(forms) < len(files):
        problems.raise_if_any()
    vocabulary = read_vocabulary(forms, problems)
    evidence = merged("source", (entry for form in forms for entry in form.evidence), lambda e: e.id, problems)
    _check_evidence(evidence.values(), problems)
    about, ranking = _about(folder, forms, problems), _ranking(folder, forms, problems)
    rules = read_rules(forms, vocabulary, evidence, problems)
    declared = read_declared(forms, vocabulary, problems)
    problems.raise_if_any()
    rules |= generated_rules(vocabulary, rules)
    return RulePack(
        name=forms[0].pack,
        version=about.version,
        title=about.title,
        disclaimer=about.disclaimer,
        date=max(form.date for form in forms),
        sha256=pack_sha256(files),
        vocabulary=vocabulary,
        rules=rules,
        evidence=evidence,
        ranking=ranking,
        declared=declared,
    )


def _pack_file(file: str, content: bytes, problems: Gathering) -> PackFile | None:
    with problems.keeping():
        return validated(PackFile, parse(decoded(content, file), file), Place(file))
    return None


def _same_pack(forms: list[PackFile], problems: Gathering) -> None:
    names = Counter(form.pack for form in forms)
    for form in forms:
        usual = names.most_common(1)[0][0]
        if form.pack != usual:
            hint = f"the other files say `{usual}`"
            problems.add(form.place.at("pack"), "TX013", f"this file belongs to another pack, `{form.pack}`", hint)


def _one(name: str, folder: Path, forms: list[PackFile], problems: Gathering) -> PackFile | None:
    having = [form for form in forms if getattr(form, name) is not None]
    if not having:
        problems.add(Place(folder.as_posix()), "TX004", f"no file of the pack has `{name}`")
    for form in having[1:]:
        problems.add(
            form.place.at(name), "TX007", f"`{name}` is given a second time", f"first: {having[0].place.at(name)}"
        )
    return having[0] if having else None


def _about(folder: Path, forms: list[PackFile], problems: Gathering) -> About:
    form = _one("about", folder, forms, problems)
    return form.about if form and form.about else About(title="-", version="-", disclaimer="-")


def _ranking(folder: Path, forms: list[PackFile], problems: Gathering) -> Ranking:
    form = _one("ranking", folder, forms, problems)
    if form is None or form.ranking is None:
        return Ranking.model_construct(criteria=(), ties=Ties(because="-"), intents=())
    given = form.ranking
    return Ranking(criteria=given.criteria, ties=given.ties, intents=given.intents)


def _check_evidence(entries: Iterable[Evidence], problems: Gathering) -> None:
    for entry in entries:
        identifiers = [name for name in ("nct", "pmid", "doi") if getattr(entry, name)]
        if identifiers and entry.checked is None:
            hint = "say in `checked` against what it was checked, or leave the identifier out"
            problems.add(
                entry.place.at(identifiers[0]),
                "TX011",
                f"`{entry.id}` has an unchecked {' and '.join(identifiers)}",
                hint,
            )
        if entry.kind == "approval" and (entry.agency is None or entry.date is None):
            problems.add(entry.place, "TX004", f"the approval `{entry.id}` needs `agency` and `date`")
        if entry.kind not in ("approval", "label", "definition") and entry.year is None:
            problems.add(entry.place, "TX004", f"`{entry.id}` needs a `year`")
