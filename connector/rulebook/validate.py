"""From plain YAML to a typed model, with every complaint in plain words and at its place."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from connector.errors import Problem
from connector.yamlfile import Trail, YamlFile, did_you_mean


class Shape(BaseModel):
    """The shape of a file or of a part of one: nothing is converted, and no key is unknown."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=False)


M = TypeVar("M", bound=BaseModel)

_EXPECTED = {
    "string_type": "a text is expected here",
    "int_type": "a whole number is expected here",
    "bool_type": "true or false is expected here",
    "list_type": "a list is expected here: [a, b]",
    "tuple_type": "a list is expected here: [a, b]",
    "dict_type": "names with values are expected here",
    "model_type": "names with values are expected here",
    "string_too_short": "this must not be empty",
    "too_short": "this must not be empty",
}


def validated(file: YamlFile, model: type[M]) -> tuple[M | None, list[Problem]]:
    """The file as a model, or what is wrong with it; problems of the YAML itself come first."""
    problems = list(file.problems)
    if file.value is None and problems:
        return None, problems
    found, more = shaped(file, model, file.value, ())
    return (found if not problems else None), problems + more


def shaped(file: YamlFile, model: type[M], value: object, trail: Trail) -> tuple[M | None, list[Problem]]:
    """A part of a file as a model. `trail` says where in the file the value stands."""
    if value is None:
        keys = ", ".join(f"`{name}`" for name in keys_of(model))
        return None, [Problem(file.place_of_key(trail), "empty", "nothing stands here", f"known keys are {keys}")]
    empty = list(_empty(file, value, trail))
    try:
        found = model.model_validate(value)
    except ValidationError as error:
        wrong = [each for each in error.errors(include_url=False) if each["input"] is not None]
        return None, empty + [_problem(file, model, each, trail) for each in wrong]
    return (None if empty else found), empty


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a model as ops write them."""
    return tuple(each.alias or name for name, each in model.model_fields.items())


def complaint(code: str, text: str, hint: str = "") -> PydanticCustomError:
    """What a validator of ours raises: it arrives as a problem with this code."""
    # The text goes in as a value: braces in it are no template.
    return PydanticCustomError(code, "{text}", {"text": text, "hint": hint})


def _empty(file: YamlFile, value: object, trail: Trail) -> Iterator[Problem]:
    """Keys without a value: nobody can tell whether nothing was meant, or something forgotten."""
    if value is None:
        text = f"`{trail[-1]}` has no value" if trail else "nothing stands here"
        yield Problem(file.place_of_key(trail), "empty", text, "leave the key out, or give it a value")
    for step, each in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from _empty(file, each, (*trail, step))


def _problem(file: YamlFile, model: type[BaseModel], error: ErrorDetails, trail: Trail) -> Problem:
    loc, kind, context = error["loc"], error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(file, model, loc, trail)
    if kind == "missing":
        return Problem(file.place_of_key((*trail, *loc[:-1])), "missing-key", f"`{loc[-1]}` is missing")
    if loc and loc[-1] == "[key]":
        place, loc = file.place_of_key((*trail, *loc[:-1])), loc[:-1]
    else:
        place = file.place((*trail, *loc))
    if kind == "literal_error":
        return _unknown_value(place_of=Problem(place, "unknown-value", ""), value=error["input"], context=context)
    if kind == "string_pattern_mismatch":
        text = f"`{error['input']}` is no name; names are small letters, digits and _"
        return Problem(place, "no-name", text, _snake(str(error["input"])))
    if kind in _EXPECTED:
        return Problem(place, "wrong-type", _EXPECTED[kind], _quoting(kind, error["input"]))
    return Problem(place, _code(kind), str(error["msg"]), str(context.get("hint", "")))


def _code(kind: str) -> str:
    """Our own codes are kebab-case; pydantic's are not, and say little to ops."""
    return kind if "-" in kind or "_" not in kind else "wrong-value"


def _unknown_key(file: YamlFile, model: type[BaseModel], loc: tuple[int | str, ...], trail: Trail) -> Problem:
    owner = _model_at(model, loc[:-1])
    known = keys_of(owner) if owner else ()
    hint = did_you_mean(str(loc[-1]), known) or (f"known keys are {', '.join(known)}" if known else "")
    return Problem(file.place_of_key((*trail, *loc)), "unknown-key", f"there is no key `{loc[-1]}` here", hint)


def _unknown_value(*, place_of: Problem, value: object, context: Mapping[str, Any]) -> Problem:
    expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    choices = expected.split(", ")
    hint = did_you_mean(str(value), choices) or f"it is one of {', '.join(choices)}"
    return Problem(place_of.place, place_of.code, f"`{value}` is not known here", hint)


def _quoting(kind: str, value: object) -> str:
    is_scalar = not isinstance(value, str | Sequence | Mapping)
    return f'write it between quotes: "{str(value).lower()}"' if kind == "string_type" and is_scalar else ""


def _snake(text: str) -> str:
    word = "".join(sign if sign.isalnum() else "_" for sign in text.lower()).strip("_")
    return f"write `{word}`" if word and word[0].isalpha() and word.isascii() else ""


def _model_at(annotation: object, loc: Sequence[int | str]) -> type[BaseModel] | None:
    """The model that a path of keys leads to, through lists, mappings and unions."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType, Annotated):
        options = arguments[:1] if origin is Annotated else arguments
        return next((found for each in options if (found := _model_at(each, loc))), None)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not loc:
            return annotation
        named = (each for name, each in annotation.model_fields.items() if (each.alias or name) == loc[0])
        field = next(named, None)
        return _model_at(field.annotation, loc[1:]) if field else None
    return _model_at(arguments[-1 if origin is dict else 0], loc[1:]) if loc and arguments else None
