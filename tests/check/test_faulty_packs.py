"""Rule sets with one fault each that only a proof over all patients finds, and their repaired twins.

`tests/faulty_packs/proof_<what>/` holds `faulty/` and `repaired/`, two complete packs that differ in one place, and
`fault.yaml`, which says what is at fault and where. A `code` of `none` marks a trap: nothing is to be found in either.
"""

from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).parents[1] / "faulty_packs"


@dataclass(frozen=True)
class Fault:
    """What is planted: `rule` is the rule or the declared claim, `file` and `line` where the finding belongs."""

    code: str
    rule: str
    file: str
    line: int
    says: str


def faulty_packs() -> list[tuple[Path, Fault]]:
    """Every folder with its fault, by name."""
    folders = sorted(path.parent for path in FOLDER.glob("proof_*/fault.yaml"))
    return [(folder, Fault(**yaml.safe_load((folder / "fault.yaml").read_text("utf-8")))) for folder in folders]
