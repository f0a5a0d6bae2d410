"""The published figures F1 to F11, computed from what the store knows.

* What each figure counts stands in storage/outcomes/definitions.py; here women are counted, in groups where asked.
* A woman is in one group of each partition; where she can be in several (axis, workshop), `notes` tells how many are.
"""

from __future__ import annotations

from storage.outcomes.figures import Asked as Asked
from storage.outcomes.figures import Dimension as Dimension
from storage.outcomes.figures import Figure as Figure
from storage.outcomes.figures import Share as Share
