"""The drawing of the glass."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from tests.page.conftest import Visit

TOPS = "layers => layers.map(layer => Number(layer.style.transform.match(/[\\d.]+/)[0]))"


def parts(visit: Visit, name: str) -> Locator:
    return visit.page.locator(f"#glass .{name}")


@pytest.mark.parametrize(
    ("drink", "bubbles"),
    [("sparkling-water", True), ("cola", True), ("chocolate-syrup", False), ("baking-soda", False)],
)
def test_only_fizz_has_bubbles(visit: Visit, drink: str, bubbles: bool) -> None:  # noqa: FBT001
    """Chocolate has none."""
    visit.open("milk", drink)
    assert (parts(visit, "bubbles").locator("circle").count() > 0) == bubbles


@pytest.mark.parametrize(
    ("ingredient", "part"),
    [
        ("ice", "cube"),
        ("whipped-cream", "puff"),
        ("vanilla-ice-cream", "ball"),
        ("lemon", "garnish"),
        ("cherry", "garnish"),
        ("mint", "garnish"),
        ("cinnamon", "speck"),
        ("tapioca-pearls", "piece"),
    ],
)
def test_an_ingredient_has_its_form(visit: Visit, ingredient: str, part: str) -> None:
    """It is no layer."""
    visit.open("milk", ingredient)
    assert parts(visit, part).count() > 0
    expect(parts(visit, "layer")).to_have_count(1)


def test_a_pinch_does_not_fill_the_glass(visit: Visit) -> None:
    """Sugar and spices leave the surface where it is."""
    visit.open("milk")
    before = parts(visit, "layer").evaluate_all(TOPS)
    visit.open("milk", "salt", "sugar", "cinnamon")
    assert parts(visit, "layer").evaluate_all(TOPS) == before


def test_colours_come_from_the_model(visit: Visit) -> None:
    """The page has no table of its own."""
    visit.open("espresso", "milk")
    listed = visit.page.evaluate("fetch('api/ingredients').then(found => found.json())")
    colours = {entry["id"]: entry["look"]["colour"] for entry in listed}
    fills = "paths => paths.map(path => path.getAttribute('fill'))"
    drawn = parts(visit, "layer").locator("path").evaluate_all(fills)
    assert drawn == [colours["milk"], colours["espresso"]]  # lower layers are drawn later


def test_thirty_two_ingredients_stay_in_the_glass(visit: Visit) -> None:
    """Layers keep their order, each is visible, and none reaches the rim."""
    visit.open()
    ids = visit.page.evaluate(
        "fetch('api/ingredients').then(found => found.json()).then(all =>"
        " all.filter(({look}) => look.form === 'liquid').map(({id}) => id))"
    )[:32]
    visit.go(*ids)
    expect(parts(visit, "layer")).to_have_count(32)
    tops = parts(visit, "layer").evaluate_all(TOPS)
    assert tops == sorted(tops)
    assert min(lower - upper for upper, lower in pairwise(tops)) > 4
    assert min(tops) > 40
    assert max(tops) < 285


@pytest.mark.parametrize(("motion", "count"), [("no-preference", 1), ("reduce", 0)])
def test_a_pour_is_seen_for_a_moment_if_motion_is_allowed(
    visits: Callable[..., Visit], motion: str, count: int
) -> None:
    visit = visits(reduced_motion=motion)
    visit.open("milk")
    visit.page.evaluate(
        """() => {
            window.poured = 0;
            new MutationObserver(changes => changes.forEach(({ addedNodes }) =>
                addedNodes.forEach(node => { poured += node.classList?.contains("stream"); })))
                .observe(document.getElementById("glass"), { childList: true });
        }"""
    )
    visit.button("espresso").click()
    visit.expect_drink("espresso", "milk")
    assert visit.page.evaluate("poured") == count
    expect(parts(visit, "stream")).to_have_count(0)


def test_layers_move_only_if_motion_is_allowed(visits: Callable[..., Visit]) -> None:
    style = "layer => getComputedStyle(layer).transitionDuration"
    durations = []
    for motion in ("reduce", "no-preference"):
        visit = visits(reduced_motion=motion)
        visit.open("milk")
        durations.append(parts(visit, "layer").evaluate(style))
    assert durations == ["0s", "0.7s"]
