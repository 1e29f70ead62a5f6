"""The segments of a model, and all that is said of each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, NonNegativeInt

from clienteling.segmentation.model_features import Part

__all__ = [
    "UNSTABLE",
    "Association",
    "Condition",
    "Figure",
    "Retired",
    "Segment",
    "Standardised",
    "Trait",
    "TreeRule",
    "share_words",
]

#: Below this mean Jaccard index a segment should not be trusted (Hennig 2007,
#: doi:10.1016/j.csda.2006.11.025).
UNSTABLE = 0.6
#: None is farther from the mean than the square root of the number of customers.
Standardised = Annotated[FiniteFloat, Field(ge=-1e9, le=1e9)]


class Figure(Part):
    """What a segment is like in a column that took no part in making it.

    Parameters
    ----------
    column : its name
    level : the level of a column of words; empty for a mean
    value : mean, or share from 0 to 1
    low, high : 95 % interval of the value
    overall : the same figure for all customers
    effect : how much the segment differs from all other customers: of means Hedges' g, in standard
        deviations; of shares their difference. None where there are no others
    effect_low, effect_high : 95 % interval of the effect
    """

    column: str
    level: str = ""
    value: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat
    overall: FiniteFloat
    effect: FiniteFloat | None = None
    effect_low: FiniteFloat | None = None
    effect_high: FiniteFloat | None = None

    @property
    def effect_words(self) -> str:
        """The effect with its interval, in a few words; empty where there is none.

        Examples
        --------
        >>> figure = Figure(
        ...     column="Age",
        ...     value=32.7,
        ...     low=31.5,
        ...     high=33.9,
        ...     overall=38.9,
        ...     effect=-0.58,
        ...     effect_low=-0.93,
        ...     effect_high=-0.23,
        ... )
        >>> figure.effect_words
        "Hedges' g -0.58, -0.93 to -0.23"
        """
        if self.effect is None or self.effect_low is None or self.effect_high is None:
            return ""
        if self.level:
            low, high = 100 * self.effect_low, 100 * self.effect_high
            return f"{100 * self.effect:+.0f} points, {low:+.0f} to {high:+.0f}"
        return f"Hedges' g {self.effect:+.2f}, {self.effect_low:+.2f} to {self.effect_high:+.2f}"

    @property
    def words(self) -> str:
        """The figure in a few words.

        Examples
        --------
        >>> Figure(column="Age", value=32.7, low=31.5, high=33.9, overall=38.9).words
        'Age 32.7 on average (31.5 to 33.9; all customers 38.9)'
        """
        effect = f"; {self.effect_words}" if self.effect_words else ""
        if not self.level:
            return (
                f"{self.column} {_shown(self.value)} on average ({_shown(self.low)} to "
                f"{_shown(self.high)}; all customers {_shown(self.overall)}{effect})"
            )
        return (
            f"{self.column} {self.level} {self.value:.0%} ({self.low:.0%} to {self.high:.0%}; "
            f"all customers {self.overall:.0%}{effect})"
        )


def _shown(value: float) -> str:
    """Return one decimal, and of a number below one its first two digits."""
    return f"{value:,.1f}" if abs(value) >= 1 or value == 0 else f"{value:.2g}"


_STRENGTHS = ((0.5, "strongly"), (0.3, "moderately"), (0.1, "weakly"), (0.0, "hardly or not"))


class Association(Part):
    """How strongly a column that took no part goes with the segments as a whole.

    Parameters
    ----------
    column : its name
    measure : for numbers, the share of the variance that lies between segments; for words and
        flags, Cramér's V; both corrected for chance
    value : from 0, nothing in common, to 1
    """

    column: str
    measure: Literal["eta squared", "Cramér's V"]
    value: Annotated[FiniteFloat, Field(ge=0, le=1)]

    @property
    def strength(self) -> float:
        """Both measures on the scale of a correlation."""
        return self.value**0.5 if self.measure == "eta squared" else self.value

    @property
    def words(self) -> str:
        """How strong that is, by the usual limits for a correlation (Cohen 1988).

        Examples
        --------
        >>> Association(column="Age", measure="eta squared", value=0.19).words
        'moderately'
        """
        return next(words for least, words in _STRENGTHS if self.strength >= least)


class Trait(Part):
    """A feature that sets a segment apart from all customers.

    Parameters
    ----------
    feature : its column
    value : the segment's mean, in the feature's own units; where the feature is transformed, the
        mean of the transformed values, in own units again
    overall : the same of all customers
    difference : of the two, in standard deviations of all customers, after the transforms
    """

    feature: str
    value: FiniteFloat
    overall: FiniteFloat
    difference: FiniteFloat


class Condition(Part):
    """What a feature must be, in its own units: larger than ``above``, and at most ``up_to``."""

    feature: str
    above: FiniteFloat | None = None
    up_to: FiniteFloat | None = None


class TreeRule(Part):
    """A rule of thumb for a segment, from a shallow decision tree.

    It describes; a customer's segment is decided by the nearest centre alone.

    Parameters
    ----------
    conditions : all of them must hold
    words : the same for people
    recall : share of the segment's customers that the rule catches, over all customers
    precision : share of the customers that it catches who are the segment's
    """

    conditions: list[Condition] = Field(min_length=1)
    words: str
    recall: Annotated[FiniteFloat, Field(ge=0, le=1)]
    precision: Annotated[FiniteFloat, Field(ge=0, le=1)]

    @property
    def sentence(self) -> str:
        r"""The rule with what it is worth.

        Examples
        --------
        >>> limit = Condition(feature="Income", above=70.0)
        >>> rule = TreeRule(conditions=[limit], words="income above 70", recall=1, precision=0.954)
        >>> rule.sentence
        'income above 70: catches all of them, and 95\xa0% of whom it catches are theirs'
        """
        recall, precision = share_words(self.recall), share_words(self.precision)
        return (
            f"{self.words}: catches {recall} of them, and {precision} of whom it catches are theirs"
        )


def share_words(share: float) -> str:
    r"""Return a share in whole percent that says all only where it is all.

    Examples
    --------
    >>> share_words(1.0), share_words(0.9999), share_words(0.954)
    ('all', '99\xa0%', '95\xa0%')
    """
    return "all" if share == 1 else f"{min(99.0, max(share * 100, 0.5)):.0f}\N{NO-BREAK SPACE}%"


class Segment(Part):
    """A named group of customers.

    Parameters
    ----------
    id : from 0, numbered by size at the first fit; a refit keeps it, and gives a new segment the
        next number that was never used
    name : distinct in the model
    key : the archetype of the playbook; offers are chosen by it
    size : customers at the fit
    share : of all customers with a segment, from 0 to 1
    centre : standardised, one number per feature
    description, strategy : from the playbook
    explanation : where the centre lies among all customers
    fit : how loosely the name fits; empty where it fits
    stability : mean Jaccard index with what is found when customers are drawn anew, from 0 to 1;
        None where it was not judged
    warning : what to say beside the segment where it is not found again; else empty
    profile : figures on columns that took no part
    traits : the features that set it apart from all customers, the most telling first
    typical : the values of the customer nearest to the centre, by feature; of very many customers,
        of the point of the sketch that is nearest
    rule : a rule of thumb that catches most of its customers and few others, if there is one
    """

    id: NonNegativeInt
    name: Annotated[str, Field(min_length=1)]
    key: str
    size: NonNegativeInt
    share: Annotated[FiniteFloat, Field(ge=0, le=1)]
    centre: list[Standardised]
    description: str
    strategy: str
    explanation: str
    fit: str = ""
    stability: Annotated[FiniteFloat, Field(ge=0, le=1)] | None = None
    warning: str = ""
    profile: list[Figure] = Field(default_factory=list)
    traits: list[Trait] = Field(default_factory=list)
    typical: dict[str, FiniteFloat] = Field(default_factory=dict)
    rule: TreeRule | None = None

    @property
    def is_unstable(self) -> bool:
        """Whether it is not found again when customers are drawn anew."""
        return self.stability is not None and self.stability < UNSTABLE


class Retired(Part):
    """A segment of an earlier model that a refit did not find again: its id is not used again."""

    id: NonNegativeInt
    name: str
