"""JSON Schemas of what is answered and sent, from the structs that are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from inspect import cleandoc
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

Schema = dict[str, Any]

# How an amount is written, and as what it is read.
_NUMBER: Schema = {"type": "number"}
_NUMBER_OR_TEXT: Schema = {"type": ["number", "string"]}

_REF = "#/components/schemas/{name}"


_Object = inspect.StructType | inspect.DataclassType  # what is written as a set of fields


class Drawn(NamedTuple):
    """The schema of each kind, in order, and the components that they refer to."""

    schemas: Sequence[Schema]
    components: Mapping[str, Schema]


def drawn_answers(kinds: Sequence[Any]) -> Drawn:
    """As the API writes them: every field is there but what may be unset; amounts are numbers."""
    drawn = _drawn(kinds, _REF, _NUMBER)
    for component in drawn.components.values():
        fields = component.get("properties", {})
        if fields:
            # What may be unset is the one kind of field that has no default and need not be given.
            given = component.get("required", ())
            component["required"] = [
                name for name, field in fields.items() if name in given or "default" in field
            ]
        for field in fields.values():
            field.pop("default", None)
    return drawn


def drawn_bodies(kinds: Sequence[Any], from_address: Mapping[str, Iterable[str]]) -> Drawn:
    """As the API reads them, named `…Input`; without what the address gives, by struct."""
    drawn = _drawn(kinds, f"{_REF}Input", _NUMBER_OR_TEXT)
    for name, fields in from_address.items():
        required = drawn.components[name].get("required", [])
        drawn.components[name]["required"] = [each for each in required if each not in fields]
    return Drawn(drawn.schemas, {f"{name}Input": each for name, each in drawn.components.items()})


def parameter_schema(kind: Any, default: Any = None) -> Schema:
    """The schema of one parameter, which is left out rather than null."""
    (schema,) = _drawn([kind], _REF, _NUMBER).schemas
    if "anyOf" in schema:
        (schema,) = (each for each in schema["anyOf"] if each != {"type": "null"})
    return schema if default is None else {**schema, "default": default}


def _drawn(kinds: Sequence[Any], ref: str, amount: Schema) -> Drawn:
    structs = _structs_in(inspect.multi_type_info(kinds))
    schemas, components = msgspec.json.schema_components([*kinds, *structs], ref_template=ref)
    for cls, schema in zip(structs, schemas[len(kinds) :], strict=True):
        component = components[_name_in(schema, ref)]
        for field in structs[cls].fields:
            _say_which_are_moments(field.type, component["properties"][field.encode_name])
        component["description"] = cleandoc(component.get("description", ""))
    for kind, schema in zip(inspect.multi_type_info(kinds), schemas, strict=False):
        _say_which_are_moments(kind, schema)
    _write_amounts_as(amount, [schemas, components])
    names = {name: _short(name) for name in components}
    if len({*names.values()}) < len(names):
        raise ValueError(f"two components would have one name: {sorted(names.values())}")
    refs = {ref.format(name=long): ref.format(name=short) for long, short in names.items()}
    _rename_refs(refs, [schemas, components])
    return Drawn(schemas[: len(kinds)], {names[name]: each for name, each in components.items()})


def _name_in(schema: Schema, ref: str) -> str:
    before, _, after = ref.partition("{name}")
    return str(schema["$ref"]).removeprefix(before).removesuffix(after)


def _short(name: str) -> str:
    """msgspec tells structs of one name apart by their modules: `Target` of `…store.stats`."""
    *_, module, struct = ("", *name.split("."))
    return f"{module.title().replace('_', '')}{struct}"


def _rename_refs(refs: Mapping[str, str], part: Any) -> None:
    if isinstance(part, dict):
        if part.get("$ref") in refs:
            part["$ref"] = refs[part["$ref"]]
        part = part.values()
    if not isinstance(part, str) and isinstance(part, Iterable):
        for inner in part:
            _rename_refs(refs, inner)


def _structs_in(kinds: Iterable[inspect.Type]) -> dict[type, _Object]:
    found: dict[type, _Object] = {}
    waiting = [*kinds]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, _Object):
            if kind.cls in found:
                continue
            found[kind.cls] = kind
            waiting += [field.type for field in kind.fields]
        else:
            waiting += _parts(kind)
    return found


def _parts(kind: inspect.Type) -> Iterator[inspect.Type]:
    match kind:
        case inspect.Metadata(type=inner):
            yield inner
        case inspect.UnionType(types=types):
            yield from types
        case inspect.TupleType(item_types=types):
            yield from types
        case inspect.DictType(key_type=key, value_type=value):
            yield from (key, value)
        case inspect.CollectionType(item_type=item):
            yield item


def _say_which_are_moments(kind: inspect.Type, schema: Any) -> None:
    """msgspec draws a moment as any text, since one without an offset is read as well."""
    match kind:
        case inspect.DateTimeType():
            if schema.get("type") == "string":
                schema["format"] = "date-time"
        case inspect.Metadata(type=inner):
            _say_which_are_moments(inner, schema)
        case inspect.UnionType(types=types):
            for arm in schema.get("anyOf", ()):
                for each in types:
                    _say_which_are_moments(each, arm)
        case inspect.DictType(value_type=value):
            if isinstance(schema.get("additionalProperties"), dict):
                _say_which_are_moments(value, schema["additionalProperties"])
        case inspect.CollectionType(item_type=item):
            if isinstance(schema.get("items"), dict):
                _say_which_are_moments(item, schema["items"])


def _write_amounts_as(amount: Schema, schema: Any) -> None:
    """msgspec calls every decimal a text."""
    if isinstance(schema, dict):
        if schema.get("format") == "decimal":
            del schema["format"]
            schema |= amount
        for inner in schema.values():
            _write_amounts_as(amount, inner)
    elif isinstance(schema, list):
        for inner in schema:
            _write_amounts_as(amount, inner)
