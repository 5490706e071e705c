"""Documents with one thing in them that is no longer as it was."""

import copy
import random
from typing import Any

Resource = dict[str, Any]
_ELSE: tuple[Any, ...] = (
    7,
    True,
    "",
    " ",
    "x y",
    "urn:uuid:1",
    "2026-13-01",
    None,
    [],
    {},
    [None],
    ["x"],
    {"id": "x"},
)
_CODES = ("x", "draft", "entered-in-error", "deny", "email", "old", "child", "order")
_BESIDE: tuple[Resource, ...] = (
    {"authorString": "x", "authorReference": {"display": "x"}},
    {"type": "Task"},
    {"reference": "Location/1"},
    {"id": "x"},
)


def spoilt(value: Resource, dice: random.Random) -> Resource:
    """The value with something taken out of it somewhere."""
    changed = copy.deepcopy(value)
    holder, step = _somewhere(changed, dice, stop=0.4)
    if step != "resourceType":
        del holder[step]
    return changed


def twisted(value: Resource, dice: random.Random) -> Resource:
    """The value with something in it of another form, twice, under another name, in another's place, recoded,
    or beside a choice made twice."""
    changed = copy.deepcopy(value)
    holder, step = _somewhere(changed, dice)
    match dice.randrange(6):
        case 5 if isinstance(holder[step], str):
            holder[step] = dice.choice(_CODES)
        case 4 if isinstance(holder, dict):
            holder |= dice.choice(_BESIDE)
        case 0:
            holder[step] = copy.deepcopy(dice.choice(_ELSE))
        case 1 if isinstance(holder, list):
            holder.append(copy.deepcopy(holder[step]))
        case 1:
            holder[step] = [holder[step], copy.deepcopy(holder[step])]
        case 2 if isinstance(holder, dict):
            holder[dice.choice([f"_{step}", f"{step}x", "id", "extension", "value", "valueCode"])] = (
                holder.pop(step)
            )
        case _:
            other, place = _somewhere(changed, dice)
            holder[step] = copy.deepcopy(other[place])
    return changed


def _somewhere(value: Resource, dice: random.Random, stop: float = 0.1) -> tuple[Any, Any]:
    """A holder inside `value`, and one of its steps; `stop` is the chance to go no deeper, at each level."""
    holder: Any = value
    while True:
        step = dice.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        inner = holder[step]
        if not isinstance(inner, (dict, list)) or not inner or dice.random() < stop:
            return holder, step
        holder = inner
