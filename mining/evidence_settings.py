"""What the comparison of two recordings depends on: settings apart from the signal processing that reads them."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, Le


@dataclass(frozen=True, kw_only=True)
class EvidenceSettings:
    """What is searched, and how finely."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    search_reach_s: Annotated[float, Gt(0.0), Le(60.0)] = 12.0
    """Lags tried either way: encoder delays are milliseconds, lead-ins seconds; cost grows with it."""
    far_search: bool = True
    """Search once more about the fingerprints' best offset where nothing aligns within reach."""
    fingerprint_shift_s: Annotated[float, Gt(0.0), Le(600.0)] = 15.0
    """Offsets tried between fingerprints, as pyacoustid does."""
    chance_share: Annotated[float, Ge(0.0), Le(1.0)] = 0.1
    """Share that agrees by chance: 0.2 of 3 ms is one window in fifteen; confidence is 0 up to here."""
    certain_share: Annotated[float, Ge(0.0), Le(1.0)] = 0.5
    """Share from which confidence is 1; true pairs of the worst kind reach it."""
