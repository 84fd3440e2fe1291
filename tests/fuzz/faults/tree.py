"""Faults of what YAML and JSON say: mappings, lists and scalars."""

from __future__ import annotations

from typing import Any

from tests.fuzz.faults.plain import DEPTHS
from tests.fuzz.faults.registry import fault
from tests.fuzz.levels import Draw, places
from tests.fuzz.texts import CHARACTERS, FORMULAS, PATTERNS, TEXTS, TREES

Place = tuple[Any, Any]


def pick(draw: Draw, tree: Any, kinds: type | tuple[type, ...] = object) -> Place:
    """Return a place that holds one of some types; one of any type where there is none."""
    found = places(tree)
    fitting = [(node, key) for node, key in found if isinstance(node[key], kinds)]
    return draw.choice(fitting or found or [([tree], 0)])


@fault("structure", "tree")
def a_part_gone(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree)
    del node[key]
    return tree


@fault("structure", "tree")
def a_part_again(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree, (list, dict))
    inside = node[key]
    if isinstance(inside, list) and inside:
        inside.insert(draw.randrange(len(inside) + 1), draw.choice(inside))
    elif isinstance(inside, dict) and inside:
        inside[str(draw.choice(list(inside))) + draw.choice((" ", "x", "_"))] = draw.choice(
            list(inside.values())
        )
    return tree


@fault("structure", "tree")
def a_part_elsewhere(draw: Draw, tree: Any) -> Any:
    (a, i), (b, j) = pick(draw, tree), pick(draw, tree)
    # A part must not be put into itself.
    b[j] = a[i] if not isinstance(a[i], dict | list) else _copy(a[i])
    return tree


@fault("structure", "tree")
def a_key_of_another_name(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree)
    if isinstance(node, dict):
        name = str(key)
        node[draw.choice((name + "s", name[:-1], name.upper(), name[::-1], "", " " + name))] = (
            node.pop(key)
        )
    return tree


@fault("structure", "tree")
def a_list_around_or_without(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree)
    inside = node[key]
    node[key] = inside[0] if isinstance(inside, list) and inside else [inside]
    return tree


@fault("structure", "tree")
def parts_in_another_order(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree, list)
    if isinstance(node[key], list):
        draw.shuffle(node[key])
    return tree


@fault("structure", "tree")
def a_scalar_of_another(draw: Draw, tree: Any) -> Any:
    (a, i), (b, j) = pick(draw, tree, (str, int, float)), pick(draw, tree, (str, int, float))
    a[i] = b[j]
    return tree


@fault("type", "tree")
def a_scalar_of_another_type(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree, (str, int, float, bool, type(None)))
    node[key] = draw.choice(TREES)
    return tree


@fault("type", "tree")
def a_part_of_another_type(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree)
    node[key] = draw.choice(TREES)
    return tree


@fault("type", "tree")
def another_whole(draw: Draw, tree: Any) -> Any:
    return draw.choice(TREES)


@fault("encoding", "tree")
def characters_that_are_none(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree, str)
    text = str(node[key])
    place = draw.randrange(len(text) + 1)
    odd = draw.choice(
        (
            "\ud800",
            "\udfff\ud800",
            "\x00",
            "\ufffe",
            "\x7f",
            "\x85",
            "\ufeff",
            "\u2028",
            "\U0010ffff",
        )
    )
    node[key] = text[:place] + odd + text[place:]
    return tree


@fault("size", "tree")
def a_list_without_end(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree, list)
    if isinstance(node[key], list) and node[key]:
        node[key] = node[key] * draw.choice((100, 2_000, 20_000))
    return tree


@fault("size", "tree")
def a_mapping_without_end(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree, dict)
    if isinstance(node[key], dict):
        value = next(iter(node[key].values()), 0)
        node[key] |= {f"k{n}": value for n in range(draw.choice((100, 5_000, 50_000)))}
    return tree


@fault("size", "tree")
def a_scalar_without_end(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree, (str, int, float))
    long = draw.choice(("a", "9", "a ", "é", "1+", "\n", "(")) * draw.choice((300, 5_000, 500_000))
    node[key] = draw.choice((long, str(node[key]) + long, 10 ** draw.choice((20, 300, 4_000))))
    return tree


@fault("nesting", "tree")
def a_part_deep_inside(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree)
    for _ in range(draw.choice((5, 40, 55, 300))):
        node[key] = [node[key]] if draw.random() < 0.5 else {"a": node[key]}
    return tree


@fault("nesting", "tree")
def a_text_deep_inside(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree, str)
    a, b = draw.choice(
        (("(", ")"), ("abs(", ")"), ("-", ""), ("not ", ""), ("1 + ", ""), ("2 ** ", ""), ("where(a > 1, ", ", 0)"),
         ("[", "]"), ("{", "}"), ("a.", ""), ("../", ""), ("1 < ", ""), ("1 if 1 else ", ""), ("(?:", ")*"), ("a and ", ""))
    )  # fmt: skip
    depth = draw.choice(DEPTHS)
    node[key] = a * depth + str(node[key]) + b * depth
    return tree


@fault("truncation", "tree")
def parts_emptied(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree, (list, dict, str))
    node[key] = type(node[key])()
    return tree


@fault("hostile text", "tree")
def a_hostile_scalar(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree, str)
    node[key] = draw.choice((draw.choice(TEXTS), str(node[key]) + draw.choice(TEXTS)))
    return tree


@fault("hostile text", "tree")
def a_hostile_expression(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree, str)
    node[key] = draw.choice((*FORMULAS, *PATTERNS))
    return tree


@fault("hostile text", "tree")
def a_hostile_key(draw: Draw, tree: Any) -> Any:
    node, key = pick(draw, tree)
    if isinstance(node, dict):
        node[draw.choice((*CHARACTERS, *TEXTS))] = node.pop(key)
    return tree


def _copy(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _copy(value) for key, value in part.items()}
    return [_copy(value) for value in part] if isinstance(part, list) else part
