"""What a config may say about certainty: what kind of study answers the question, and whom it is about."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from metacircuit.config.section import Column, Section, Words


class Certainty(Section):
    """From which level certainty starts, and which evidence is direct."""

    design: Literal["randomised", "observational"] | None = Field(
        None, description="The design of the studies: randomised starts high, observational low; not said: low."
    )
    start: Literal["high", "low"] | None = Field(
        None, description="The level to start from, if not the design's: high for evidence judged by ROBINS-I."
    )
    target: dict[Column, Words] = Field(
        default_factory=dict, description="Coded column: the words that the question is about; others are indirect."
    )
