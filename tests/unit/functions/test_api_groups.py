"""Allergen groups in requests: honoured by the worker, or refused by the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import WITHOUT_GROUPS
from tests.unit.functions.conftest import Api, problem_of


def test_ingredients_are_listed_with_the_groups_that_they_contain(api: Api) -> None:
    """An empty list says that there are none, and null that there are no data."""
    listed = {item["id"]: item["contains"] for item in api.http.get("/api/ingredients").json()}
    expected = {"milk": ["dairy"], "water": [], "orange-juice": None, "ginger": ["sulphites"]}
    assert expected.items() <= listed.items()


def test_ingredients_are_listed_with_their_looks(api: Api) -> None:
    """A model may have no such data."""
    listed = {item["id"]: item for item in api.http.get("/api/ingredients").json()}
    milk = {"shelf": "milk", "form": "liquid", "colour": "#fbf6ea"}
    assert (listed["milk"]["look"], listed["milk"]["drinks"]) == (milk, 12)
    assert (listed["water"]["look"], listed["water"]["drinks"]) == (None, None)


def test_groups_are_listed_with_the_number_of_their_ingredients(api: Api) -> None:
    """An ingredient without data is in each of them."""
    assert api.http.get("/api/groups").json() == [
        {"group": "group:dairy", "ingredients": 2},
        {"group": "group:sulphites", "ingredients": 2},
    ]
    assert Api(vocabulary=WITHOUT_GROUPS).http.get("/api/groups").json() == []


def test_a_group_reaches_the_task_as_a_group(api: Api) -> None:
    """The model that answers replaces it by its ingredients."""
    drink = {"ingredients": ["milk"], "exclude": [" Group:DAIRY", "sugar"]}
    for body in (drink, [drink, drink]):
        assert api.http.post("/api/process", json=body).status_code == 202
    exclusions = [row.input["exclude"] for row in api.store.rows.values()]
    assert exclusions == [("group:dairy", "sugar")] * 3


def test_the_same_group_in_another_case_is_the_same_request(api: Api) -> None:
    headers = {"Idempotency-Key": "k1"}
    first, again = (
        api.http.post("/api/process", json={"exclude": [group]}, headers=headers)
        for group in ("group:dairy", "GROUP:Dairy")
    )
    assert (first.status_code, first.json()) == (202, again.json())
    assert len(api.store.rows) == 1


@pytest.mark.parametrize("ignore_unknown", ["true", "false"])
def test_an_unknown_group_is_refused(api: Api, ignore_unknown: str) -> None:
    """It may be a misspelt allergy, so it is never ignored."""
    body = {"ingredients": ["milk"], "exclude": ["group:dairi"]}
    response = api.http.post(f"/api/process?ignore_unknown={ignore_unknown}", json=body)
    assert (response.status_code, problem_of(response)) == (422, "unknown-ingredient")
    assert response.json()["unknown"] == [{"name": "group:dairi", "nearest": ["group:dairy"]}]
    detail = response.json()["detail"]
    assert detail == (
        "'group:dairi' is not known; did you mean group:dairy? GET /api/groups lists groups."
    )
    assert api.is_untouched()


def test_a_model_without_groups_refuses_them() -> None:
    """The sentence says why."""
    api = Api(vocabulary=WITHOUT_GROUPS)
    response = api.http.post("/api/process", json=[{}, {"exclude": ["group:dairy"]}])
    assert (response.status_code, problem_of(response)) == (422, "unknown-ingredient")
    assert response.json()["index"] == 1
    assert "this model has no data on allergens" in response.json()["detail"]
    assert api.is_untouched()


@pytest.mark.parametrize(
    ("request_of", "at"),
    [
        ({"json": {"only": ["sugar", "group:dairy"]}}, "body.only[1]"),
        ({"json": [{"ingredients": ["group:dairy"]}]}, "body[0].ingredients[0]"),
        ({"params": {"ingredients_joined": "group:dairy"}}, "query.ingredients[0]"),
    ],
)
def test_a_group_can_only_be_excluded(api: Api, request_of: dict[str, Any], at: str) -> None:
    """Nor is it ignored as an unknown name."""
    response = api.http.post("/api/process", **request_of)
    assert (response.status_code, problem_of(response)) == (422, "invalid")
    [error] = response.json()["errors"]
    assert error == {"at": at, "detail": "a group, such as group:dairy, is allowed in exclude only"}
    params = {"ignore_unknown": "true", **request_of.get("params", {})}
    response = api.http.post("/api/process", **request_of | {"params": params})
    assert response.status_code == 422
    assert api.is_untouched()


def test_groups_that_leave_nothing_to_suggest_are_refused(api: Api) -> None:
    """The API expands them as the worker does: only water is without dairy."""
    drinks = [{"exclude": ["group:dairy"]}, {"exclude": ["group:dairy", "water"]}]
    assert api.http.post("/api/process", json=drinks[0]).status_code == 202
    response = api.http.post("/api/process", json=drinks[1])
    assert (response.status_code, problem_of(response)) == (422, "nothing-to-suggest")
