"""What a file of claims may say: the document, and each of its statements with the test that answers it."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from metacircuit.config.section import Column, Section, Words

Test = Literal["stratum", "variance_ratio", "between", "pairs", "interaction", "moderator", "heterogeneity", "count"]
Direction = Literal["positive", "negative", "two_sided"]
Sentence = Annotated[str, Field(min_length=1)]


class _Form(NamedTuple):
    """What a test needs, what it may have, and which directions it can have."""

    needs: frozenset[str]
    may: frozenset[str]
    directions: frozenset[str]


_SIDES, _ALL = frozenset({"positive", "negative"}), frozenset({"positive", "negative", "two_sided"})
_FORMS: dict[str, _Form] = {
    "stratum": _Form(frozenset({"stratum"}), frozenset(), _ALL),
    "variance_ratio": _Form(frozenset({"stratum"}), frozenset(), _ALL),
    "between": _Form(frozenset(), frozenset({"within"}), frozenset({"two_sided"})),
    "pairs": _Form(frozenset({"pairs"}), frozenset(), _ALL),
    "interaction": _Form(frozenset(), frozenset(), frozenset({"two_sided"})),
    "moderator": _Form(frozenset({"moderator"}), frozenset({"per", "stratum"}), _ALL),
    "heterogeneity": _Form(frozenset({"stratum"}), frozenset(), _SIDES),
    "count": _Form(frozenset({"stratum"}), frozenset(), _SIDES),
}
#: Tests whose result is an effect on the measure of the analysis.
OF_EFFECTS = frozenset({"stratum", "variance_ratio", "between", "pairs", "interaction"})
VARIABILITY = frozenset({"VR", "CVR"})


class Source(Section):
    """The document that the claims are from."""

    id: Column
    authors: tuple[str, ...] = Field(min_length=1)
    year: int
    title: Sentence
    journal: Sentence
    doi: Annotated[str, Field(pattern=r"^10\.\S+/\S+$")]

    @property
    def citation(self) -> str:
        """Author, year, journal and DOI on one line."""
        first = self.authors[0]
        name = first.split(",")[0] if "," in first else first.split()[-1]
        others = " et al." if len(self.authors) > 1 else ""
        return f"{name}{others} ({self.year}). {self.journal}. https://doi.org/{self.doi}"


class Sesoi(Section):
    """The smallest effect of interest: an effect nearer to zero would not matter."""

    value: float = Field(gt=0)
    scale: Sentence
    reason: Sentence


class Contrast(Section):
    """The test that answers a claim."""

    test: Test
    stratum: str | None = Field(None, description="The stratum that is looked at.")
    within: str | None = Field(None, description="Of a crossed grouping: compare the first factor within this word.")
    pairs: tuple[tuple[str, str], ...] = Field((), description="Pairs of strata, the first less the second.")
    moderator: Column | None = Field(None, description="A column of numbers.")
    per: float = Field(1.0, gt=0, description="How many units of the moderator the slope is for.")
    where: dict[Column, Words] = Field(
        default_factory=dict, description="Coded column: the words that are taken, of the rows of the analysis."
    )
    unless: dict[Column, Words] = Field(default_factory=dict, description="Coded column: the words that are left.")

    @model_validator(mode="after")
    def _as_its_test(self) -> Self:
        form = _FORMS[self.test]
        given = {name for name in ("stratum", "within", "pairs", "moderator") if getattr(self, name)}
        given |= {"per"} if "per" in self.model_fields_set else set()
        if missing := sorted(form.needs - given):
            raise ValueError(f"the test {self.test!r} needs {' and '.join(missing)}")
        if extra := sorted(given - form.needs - form.may):
            raise ValueError(f"the test {self.test!r} does not take {' and '.join(extra)}")
        return self

    @property
    def strata(self) -> tuple[str, ...]:
        """Every stratum that is named, in order."""
        named = (self.stratum,) if self.stratum else ()
        return tuple(dict.fromkeys((*named, *(stratum for pair in self.pairs for stratum in pair))))


class Claim(Section):
    """One statement of a document, the test that answers it, and what would count for and against it."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+\.[a-z0-9]+(_[a-z0-9]+)*$")]
    statement: Sentence
    source: Column
    topic: Column = Field(description="A word that the claims are sorted by.")
    analysis: Sentence
    grouping: Sentence
    contrast: Contrast
    direction: Direction
    sesoi: Sesoi
    supports: Sentence
    contradicts: Sentence
    needs: tuple[Sentence, ...] = ()
    note: str = ""

    @field_validator("statement", "supports", "contradicts")
    @classmethod
    def _is_a_sentence(cls, text: str) -> str:
        if not text.rstrip().endswith("."):
            raise ValueError("write a sentence that ends with a full stop")
        return " ".join(text.split())

    @model_validator(mode="after")
    def _a_direction_that_its_test_has(self) -> Self:
        allowed = _FORMS[self.contrast.test].directions
        if self.direction not in allowed:
            raise ValueError(
                f"the test {self.contrast.test!r} has no direction {self.direction!r};"
                f" allowed: {', '.join(sorted(allowed))}"
            )
        factors = self.grouping.split(":")
        if self.contrast.test == "interaction" and len(factors) != 2:
            raise ValueError("an interaction needs a grouping of two factors, such as disorder:circuit")
        if self.contrast.within and len(factors) != 2:
            raise ValueError("`within` needs a grouping of two factors, such as disorder:circuit")
        if self.contrast.test in ("between", "pairs", "interaction") and self.grouping == "overall":
            raise ValueError("`overall` has one stratum only: name the grouping whose strata are compared")
        return self


class Seed(Section):
    """A file of claims: the document, what was read of it, and its claims."""

    source: Source
    document: Sentence
    claims: tuple[Claim, ...]

    @field_validator("claims")
    @classmethod
    def _has_some(cls, claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
        # A limit on the length would count the claims that are wrong as missing.
        if not claims:
            raise ValueError("the list is empty: write at least one claim, or take the file out of the config")
        return claims
