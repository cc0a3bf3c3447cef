"""How hard Hypothesis looks, by the place the tests run in.

- `default`, at a desk: new random examples every time, since every run may find something; failures are kept in
  `.hypothesis` and tried first next time.
- `ci`: the same examples every time. A red build then means that the change broke something, not that the dice found an
  old fault under an innocent change; finding those is the business of the nightly run and of every desk.
- `nightly` (`TXSELECT_NIGHTLY=1`): many more, random again. A failure prints the blob that reproduces it.

No deadlines anywhere: the machines are shared, and how long something takes is measured in `benchmarks/`.
"""

import os

from hypothesis import HealthCheck, settings

from scale import NIGHTLY

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, database=None, print_blob=True)
settings.register_profile("nightly", settings.get_profile("default"), max_examples=2_000, print_blob=True)

settings.load_profile("nightly" if NIGHTLY else "ci" if os.environ.get("CI") else "default")
