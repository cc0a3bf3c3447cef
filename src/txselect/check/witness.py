"""A patient who shows a finding, as a file that `txselect recommend` runs."""

from __future__ import annotations

from typing import Any

import yaml


def case_file(profile: dict[str, Any]) -> str:
    """A profile in YAML, block by block.

    >>> print(case_file({"cancer": {"type": "PRAD"}, "ecog": 2}), end="")
    cancer: {type: PRAD}
    ecog: 2
    """
    return yaml.safe_dump(profile, sort_keys=False, default_flow_style=None, allow_unicode=True, width=100)
