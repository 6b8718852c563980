"""From the text of a config file to settings, with every mistake in it named at once."""

from __future__ import annotations

import datetime
import difflib
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from metacircuit.config.errors import UserError
from metacircuit.config.settings import Settings

_REFERENCE = "config/README.md"


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML lets a later key silently replace an earlier one of the same name; a config must not."""

    def compose_mapping_node(self, anchor: str | None) -> yaml.MappingNode:
        # Here, and not when the mapping is built: by then, merged keys (<<) stand beside those that replace them.
        node = super().compose_mapping_node(anchor)
        seen: set[Any] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(
                    problem="a key is one word, not a list or a section", problem_mark=key_node.start_mark
                )
            merged = key_node.tag == "tag:yaml.org,2002:merge"
            key = key_node.value if merged else self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key!r} stands twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return node


def parse_settings(text: str, *, source: str) -> Settings:
    """Read the text of a config file.

    Parameters
    ----------
    text : str
        YAML, as in config/nssi.yaml.
    source : str
        The file's name, for messages.

    Returns
    -------
    Settings
        Validated and frozen.

    Raises
    ------
    UserError
        With one message for every mistake: where it is, what is allowed, and the nearest known key.

    Examples
    --------
    >>> parse_settings("review: my review", source="config/x.yaml")
    Traceback (most recent call last):
    ...
    metacircuit.config.errors.UserError: config/x.yaml: review: 'my review' ...
    """
    return validate_settings(read_yaml(text, source=source), source=source)


def read_yaml(text: str, *, source: str) -> object:
    """Read YAML in which no key stands twice.

    Raises
    ------
    UserError
        With the line, if the text is not such YAML.

    Examples
    --------
    >>> read_yaml("a: [1, 2]", source="x.yaml")
    {'a': [1, 2]}
    """
    try:
        return yaml.load(text, Loader=_UniqueKeyLoader)
    except yaml.YAMLError as error:
        raise UserError(f"{source}: {_yaml_problem(error)} Mend the line and run again.") from None


def validate_settings(raw: object, *, source: str) -> Settings:
    """Validate settings that are already read, as `parse_settings` does for a text."""
    if not isinstance(raw, dict):
        raise UserError(
            f"{source}: the file holds no settings. It starts with `review:`, `title:`, … as config/nssi.yaml does."
        )
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        raise UserError(*explain(source, error, Settings)) from None


def explain(source: str, error: ValidationError, root: type[BaseModel], *, reference: str = _REFERENCE) -> list[str]:
    """Say every mistake that validation found in a section of the kind `root`: where it is, and what is allowed there.

    Parameters
    ----------
    source : str
        The file's name.
    error : ValidationError
        What pydantic raised.
    root : type
        The outermost section.
    reference : str
        The page that explains the keys.
    """
    errors = error.errors(include_url=False)
    places = [e["loc"] for e in errors]
    # A list whose only item is wrong is told to be empty, too: the item says it better.
    echoes = [e for e in errors if e["type"] == "too_short" and any(_below(place, e["loc"]) for place in places)]
    return [_explain(source, e, root, reference) for e in errors if e not in echoes]


def _below(place: tuple[int | str, ...], other: tuple[int | str, ...]) -> bool:
    return len(place) > len(other) and place[: len(other)] == other


def _yaml_problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}{getattr(error, 'problem', None) or 'this is not YAML'}."


def _explain(source: str, error: dict[str, Any], root: type[BaseModel], reference: str) -> str:
    path = [str(part) for part in error["loc"]]
    where = ".".join(path) or "the file"
    match error["type"]:
        case "extra_forbidden":
            known = _known_keys(path[:-1], root)
            near = difflib.get_close_matches(path[-1], known, n=1)
            hint = f" Did you mean `{near[0]}`?" if near else ""
            return f"{source}: {where}: there is no such key.{hint} Known here: {', '.join(known)}."
        case "missing":
            return f"{source}: {where}: this key is missing. {reference} says what it takes."
        case "value_error":
            return f"{source}: {where}: {error['ctx']['error']}."
        case "string_pattern_mismatch":
            return f"{source}: {where}: {error['input']!r} {_wrong_name(path)}."
        case "string_type" if isinstance(error["input"], int | float | datetime.date):
            # An index of a list says nothing to whoever wrote one word.
            place = ".".join(part for part in path if not part.isdigit())
            return (
                f"{source}: {place}: {error['input']} is read as a {_yaml_kind(error['input'])}, and text is wanted."
                f' Write it with quotes, such as "{error["input"]}"; words of the sheets letter for letter.'
            )
        case _:
            return f"{source}: {where}: {error['input']!r} does not fit. {error['msg']}."


def _yaml_kind(value: object) -> str:
    """What YAML made of a word without quotes."""
    if isinstance(value, bool):
        return "truth value"
    return "date" if isinstance(value, datetime.date) else "number"


def _wrong_name(path: list[str]) -> str:
    """What is wrong with a name at `path`, and which names fit there."""
    analysis = path[:1] == ["analyses"]
    if path == ["review"] or (analysis and len(path) == 3 and path[-1] == "[key]"):
        return "has characters that are not allowed. Allowed: small letters, digits, - and _, the first no - or _"
    if analysis and path[2:3] == ["groupings"]:
        return "is not a grouping. Allowed: a column name, or two joined by a colon such as disorder:circuit"
    return "is not a column name. Allowed: letters, digits and _, the first a letter"


def _known_keys(path: list[str], root: type[BaseModel]) -> list[str]:
    """The keys of the section at `path`, following dictionaries through any key."""
    section: Any = root
    for part in path:
        if isinstance(section, type) and issubclass(section, BaseModel) and part in section.model_fields:
            section = _section_of(section.model_fields[part].annotation)
    return sorted(section.model_fields) if isinstance(section, type) and issubclass(section, BaseModel) else []


def _section_of(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    nested = [_section_of(part) for part in getattr(annotation, "__args__", ())]
    return next((s for s in nested if isinstance(s, type) and issubclass(s, BaseModel)), None)
