"""What can be the matter with what is stored, by kind; light enough for a command line's help.

* A code is a name that programs read: it never changes its meaning.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What somebody should look at."""

    WORKS_AND_NOT = "works_and_does_not"
    PAID_WITHOUT_WORK = "paid_without_work"
    ENDED_BEFORE_BEGUN = "ended_before_it_began"
    POST_BEFORE_PRE = "post_before_pre"
    INSIDE_AFTER_RELEASE = "inside_after_release"
    ENROLLED_AFTER_DEATH = "enrolled_after_death"
    BASELINES_DIFFER = "baselines_differ"
    UNUSUAL_INCOME = "unusual_income"
    NO_MONTHLY = "no_monthly_income"
    NO_INCOME_BEFORE = "no_income_before"
    NO_SCORE_BEFORE = "no_score_before"
    VOICE_WAITS = "voice_waits"
    DUPLICATE = "probable_duplicate"
    UNKNOWN_NAME = "unknown_name"
