"""The tree of errors and its drawing."""

import inspect

from agent import errors


def classes() -> list[type[Exception]]:
    return [
        found for _, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, errors.ClosewrightError)
    ]


def test_the_drawing_names_every_error_under_its_parent() -> None:
    drawing = (errors.__doc__ or "").splitlines()
    places = {
        line.split("─ ")[-1].split()[0]: (len(line) - len(line.lstrip("│├└─ ")), at)
        for at, line in enumerate(drawing)
        if "─ " in line
    }
    for found in classes():
        if found is errors.ClosewrightError:
            continue
        depth, at = places[found.__name__]
        parent = found.__mro__[1]
        above = [name for name, (its_depth, its_at) in places.items() if its_at < at and its_depth < depth]
        assert parent is errors.ClosewrightError or above[-1] == parent.__name__


def test_every_error_says_what_it_is() -> None:
    assert all((found.__doc__ or "").strip().splitlines()[0].endswith(".") for found in classes())
