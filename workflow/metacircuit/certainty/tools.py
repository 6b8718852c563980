"""A risk-of-bias tool as a file: its domains, its judgements, and how they make an overall one."""

from __future__ import annotations

from typing import Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from metacircuit.config.errors import UserError
from metacircuit.config.section import Section, Slug

OVERALL = "overall"
Level = Literal["low", "some", "high", "unclear"]


class Domain(Section):
    """One domain: what it asks, and the judgements that it may have if not the tool's."""

    id: Slug
    label: str
    asks: str = ""
    judgements: tuple[str, ...] = ()


class Judgement(Section):
    """A word of the tool, and what it means for certainty; `rank` orders the words, the worst last."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_ -]*$")
    label: str = ""
    level: Level = "unclear"


class Rule(Section):
    """A judgement, and when it holds; all conditions of a rule hold together, the first rule that holds decides."""

    judgement: str
    any: tuple[str, ...] = Field((), description="Some domain has one of these judgements.")
    all: tuple[str, ...] = Field((), description="Every domain has one of these judgements.")
    at_least: dict[str, int] = Field(default_factory=dict, description="So many domains have this judgement.")
    domains: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="These domains have one of these judgements."
    )


class Tool(Section):
    """A tool for judging the risk of bias."""

    tool: Slug
    title: str
    source: str = ""
    note: str = ""
    domains: tuple[Domain, ...] = Field(min_length=1)
    judgements: tuple[Judgement, ...] = Field(min_length=1)
    overall: tuple[Rule, ...] = Field((), description="Empty: the tool defines no overall judgement.")

    @model_validator(mode="after")
    def _words_exist(self) -> Self:
        ids = [d.id for d in self.domains]
        words = {j.id for j in self.judgements}
        problems = []
        if OVERALL in ids or len(set(ids)) < len(ids):
            problems.append("domains have ids of their own, each once, and none is 'overall'")
        used = {w for d in self.domains for w in d.judgements}
        for rule in self.overall:
            used |= {
                rule.judgement,
                *rule.any,
                *rule.all,
                *rule.at_least,
                *(w for ws in rule.domains.values() for w in ws),
            }
            problems += [
                f"a rule asks for the domain {d!r}, which does not exist" for d in rule.domains if d not in ids
            ]
        problems += [f"{word!r} is no judgement of this tool" for word in sorted(used - words)]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def allowed(self, domain: str) -> tuple[str, ...]:
        """The judgements that a domain may have."""
        own = next((d.judgements for d in self.domains if d.id == domain), ())
        if own:
            return own
        # Words that only some domains use, such as stars, are no overall judgement, and the other way round.
        of_domains = {w for d in self.domains for w in d.judgements}
        return tuple(j.id for j in self.judgements if j.id not in of_domains)

    def level(self, judgement: str) -> str:
        """What a judgement means for certainty: low, some, high or unclear."""
        return next((j.level for j in self.judgements if j.id == judgement), "unclear")

    def overall_of(self, judged: dict[str, str]) -> str | None:
        """The overall judgement of a study that is judged in every domain; None if the tool defines none.

        The first rule that holds decides.
        """
        if any(d.id not in judged for d in self.domains):
            return None
        values = [judged[d.id] for d in self.domains]
        return next((rule.judgement for rule in self.overall if _holds(rule, values, judged)), None)


def _holds(rule: Rule, values: list[str], judged: dict[str, str]) -> bool:
    return (
        (not rule.any or any(v in rule.any for v in values))
        and (not rule.all or all(v in rule.all for v in values))
        and all(values.count(word) >= n for word, n in rule.at_least.items())
        and all(judged[domain] in words for domain, words in rule.domains.items())
    )


def parse_tool(text: str, *, source: str) -> Tool:
    """Read a tool from the text of its YAML file.

    Parameters
    ----------
    text : str
        As in config/rob/*.yaml. Nothing in it is evaluated.
    source : str
        The file's name, for messages.

    Raises
    ------
    UserError
        With one message for every mistake.
    """
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UserError(f"{source}: this is not YAML{f' (line {mark.line + 1})' if mark else ''}. Mend it.") from None
    if not isinstance(raw, dict):
        raise UserError(f"{source}: not a tool. It starts with `tool:`, as config/rob/rob2.yaml does.")
    try:
        return Tool.model_validate(raw)
    except ValidationError as error:
        said = [(".".join(map(str, e["loc"])), e["msg"].removeprefix("Value error, ")) for e in error.errors()]
        raise UserError(*(f"{source}: {f'{where}: ' if where else ''}{message}." for where, message in said)) from None
