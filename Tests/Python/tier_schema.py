"""Looks at tier files with a JSON Schema, as an editor does.

    tier_schema.py mutate            standard input: a tier file; out: [{"name", "text"}, ...], the file broken key by key
    tier_schema.py validate SCHEMA   standard input: [text, ...]; out: [null or the first error, ...]
"""

import json
import re
import sys

import jsonschema
import yaml

WORDS = {"true": True, "false": False}
NULLS = {"", "~", "null", "Null", "NULL"}


class Loader(yaml.SafeLoader):
    """Keeps text as it is written: `on` and `1.2` are text, a whole number and a truth value are not."""

    def construct_scalar_value(self, node):
        if node.style:
            return node.value
        if node.value in NULLS:
            return None
        if node.value in WORDS:
            return WORDS[node.value]
        if re.fullmatch(r"-?(0|[1-9][0-9]*)", node.value):
            return int(node.value)
        return node.value

    def construct_object(self, node, deep=True):
        if isinstance(node, yaml.ScalarNode):
            return self.construct_scalar_value(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.construct_object(item) for item in node.value]
        document = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in document:
                raise yaml.YAMLError("a key is no text, or given twice")
            document[key.value] = self.construct_object(value)
        return document


def load(text):
    return Loader(text).get_single_data()


def kinds(document):
    """One place for each key of each kind of table: what one tier may say all may say."""
    found = {}
    for path in kinds(document):
        names = ("*" if isinstance(key, int) else key for key in path)
        kind = tuple("*" if place == 1 and path[0] == "tiers" else name for place, name in enumerate(names))
        found.setdefault(kind, path)
    return found.values()


def places(value, path=()):
    """Every place of a document, the document itself left out."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    for key, element in entries:
        yield path + (key,)
        yield from places(element, path + (key,))


def edited(document, path, edit):
    copy = json.loads(json.dumps(document))
    table = copy
    for key in path[:-1]:
        table = table[key]
    edit(table, path[-1])
    return copy


def rename(table, key):
    if isinstance(table, dict):
        table[key + "x"] = table.pop(key)
    else:
        table.append(table[key])  # an element has no name: it is given twice


def mutations(document):
    values = ["zzz", "", 0, 7, 10**7, 2.5, True, None, [], ["zzz"], {}, {"zzz": 1}, "10%", "101%", "1.2", "on", "keep"]
    yield "as it is", document
    document["tiers"] = dict(list(document["tiers"].items())[-2:])  # two have every key; the rest costs time
    for path in places(document):
        name = ".".join(map(str, path))
        yield f"{name} dropped", edited(document, path, lambda table, key: table.pop(key))
        yield f"{name} renamed", edited(document, path, rename)
        yield f"{name} with a key more", edited(document, path, lambda table, key: table.__setitem__(key, {"a": table[key]}))
        for value in values:
            change = lambda table, key: table.__setitem__(key, value)
            yield f"{name} = {json.dumps(value)}", edited(document, path, change)


def validate(schema, texts):
    validator = jsonschema.Draft202012Validator(schema)
    for text in texts:
        try:
            error = next(validator.iter_errors(load(text)), None)
        except yaml.YAMLError as problem:
            yield f"not YAML: {problem}"
        else:
            yield error and f"{'.'.join(map(str, error.absolute_path))}: {error.message}"[:300]


if sys.argv[1] == "mutate":
    found = [{"name": name, "text": json.dumps(value)} for name, value in mutations(load(sys.stdin.read()))]
    json.dump(found, sys.stdout)
else:
    schema = json.loads(sys.argv[2])
    jsonschema.Draft202012Validator.check_schema(schema)
    json.dump(list(validate(schema, json.load(sys.stdin))), sys.stdout)
