"""A rule to begin with: complete, with a source, a case in which it fires and one in which it nearly does."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from txselect.errors import InputError, Place, Problem
from txselect.language.case import read_case
from txselect.language.files import pack_files
from txselect.language.pack import read_pack
from txselect.model.rules import RulePack
from txselect.pipeline import Rules, read
from txselect.scaffold.files import write
from txselect.scaffold.new_case import decided_case, profile_of
from txselect.scaffold.rule_text import page_text, rule_file
from txselect.scaffold.wanted import Places, Resolved, Wanted, case_path, joined, resolved


def new_rule(wanted: Wanted, places: Places) -> list[Path]:
    """Write a rule that recommends a therapy class, its source, its two cases and a line about it; the files written.

    Nothing is written unless the pack loads with it and both cases come out as they should.
    Raises InputError with every problem: names that are unknown or none, an id or a file that exists.
    """
    pack = read_pack(places.rules)
    rule = resolved(wanted, pack, places)
    file = places.file or places.rules / f"{joined(rule.id, '_')}.yaml"
    texts = {file: rule_file(rule, file, pack)}
    rules = Rules(_with_file(places.rules, file, texts[file]))
    cases = [_case(rule, rules, places.cases, fires) for fires in (True, False)]
    texts |= dict(cases)
    texts[places.page] = page_text(rule, places.page, [path for path, _ in cases])
    write(texts)
    return list(texts)


def _with_file(folder: Path, file: Path, text: str) -> RulePack:
    """The pack as it will be. Raises InputError where it does not load."""
    if not file.resolve().is_relative_to(folder.resolve()):
        hint = f"rules are read from {folder.as_posix()}"
        raise InputError([Problem(Place(file.as_posix()), "TX014", "lies outside of the rules", hint)])
    name = file.resolve().relative_to(folder.resolve()).as_posix()
    files = dict(pack_files(folder)) | {name: text.encode()}
    return read_pack(folder, sorted(files.items()))


def _case(rule: Resolved, rules: Rules, folder: Path, fires: bool) -> tuple[Path, str]:
    """A case in which the rule fires, or in which it misses by its first condition alone."""
    path = case_path(rule.id, folder, fires)
    first, *others = rule.asked
    profile = profile_of(rule.cancer, rules.pack.date)
    for part in (first.met if fires else first.missed, *(each.met for each in others)):
        profile |= part
    told = "All of its conditions hold" if fires else f"It misses by one condition: {first.words}"
    about = {
        "id": path.stem,
        "title": f"{rule.title} ({'fires' if fires else 'nearly fires'})",
        "narrative": f"Made for the rule {rule.id}. {told}. To be described.",
    }
    text = decided_case(about, profile, rules, path)
    _check(rule, rules, text, path, fires)
    return path, text


def _check(rule: Resolved, rules: Rules, text: str, path: Path, fires: bool) -> None:
    """Raises InputError where the rule does not do in its case what the case is for."""
    reading, decision = read(rules, read_case(text, path.as_posix()))
    if reading.program.rules.get(rule.id) is None or reading.rule_truth(rule.id) is not fires:
        what = "does not fire" if fires else "does not miss"
        hint = "name the cancer with --cancer, as the scope of the file asks for it"
        raise InputError([Problem(Place(path.as_posix()), "TX005", f"`{rule.id}` {what} in its own case", hint)])
    option = decision.option(rule.therapy)
    if fires and option and option.status == "excluded":
        reasons = _named(reason.rule for reason in option.reasons if not reason.is_for)
        message = f"`{rule.therapy}` is excluded where `{rule.id}` holds, by {reasons}"
        raise InputError([Problem(Place("<rule>"), "TX005", message, "choose another --prior, --marker or --therapy")])


def _named(names: Iterable[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)
