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
    NO_CONSENT_BASIS = "no_consent_basis"


KIND_KEYS = {
    Kind.WORKS_AND_NOT: "staff.quality_works_and_does_not",
    Kind.PAID_WITHOUT_WORK: "staff.quality_paid_without_work",
    Kind.ENDED_BEFORE_BEGUN: "staff.quality_ended_before_it_began",
    Kind.POST_BEFORE_PRE: "staff.quality_post_before_pre",
    Kind.INSIDE_AFTER_RELEASE: "staff.quality_inside_after_release",
    Kind.ENROLLED_AFTER_DEATH: "staff.quality_enrolled_after_death",
    Kind.BASELINES_DIFFER: "staff.quality_baselines_differ",
    Kind.UNUSUAL_INCOME: "staff.quality_unusual_income",
    Kind.NO_MONTHLY: "staff.quality_no_monthly_income",
    Kind.NO_INCOME_BEFORE: "staff.quality_no_income_before",
    Kind.NO_SCORE_BEFORE: "staff.quality_no_score_before",
    Kind.VOICE_WAITS: "staff.quality_voice_waits",
    Kind.DUPLICATE: "staff.quality_probable_duplicate",
    Kind.UNKNOWN_NAME: "staff.quality_unknown_name",
    Kind.NO_CONSENT_BASIS: "staff.quality_no_consent_basis",
}
"""What is the matter, in the catalogues."""
