"""The calls that answer every caller alike: queues, ingredients, groups and health."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Response

from functions.api.dependencies import ApiKeyDep, LanguageDep, ServicesDep, known_query
from functions.api.openapi import LANGUAGE, problems
from functions.api.schemas.responses import (
    BacklogView,
    GroupView,
    Health,
    IngredientView,
    LookView,
)
from tasks.task import Lane

router = APIRouter(prefix="/api", tags=["service"], responses=problems(422))


@router.get("/queue", responses=problems(503), dependencies=[ApiKeyDep])
async def get_queues(services: ServicesDep) -> dict[Lane, BacklogView]:
    """Return the length of each queue, its rate, and the wait that a new task can expect."""
    return {
        lane: BacklogView(**asdict(await services.run(monitored.backlog)))
        for lane, monitored in services.queues.items()
    }


@router.get(
    "/ingredients",
    dependencies=[ApiKeyDep, known_query("q", "limit")],
    responses={200: {"headers": LANGUAGE}},
)
async def list_ingredients(
    services: ServicesDep,
    language: LanguageDep,
    response: Response,
    q: Annotated[str, Query(max_length=64, description="A part of a name.")] = "",
    limit: Annotated[
        int, Query(ge=1, le=1000, description="The most ingredients to return.")
    ] = 1000,
) -> list[IngredientView]:
    """List the ingredients that the model knows; those that begin with `q` come first."""
    response.headers["Content-Language"] = language
    return [
        IngredientView(
            id=found.id,
            name=found.name(language),
            aliases=found.aliases_in(language),
            base=found.base,
            additive=found.additive,
            contains=None if found.contains is None else list(found.contains),
            look=None if found.look is None else LookView(**found.look._asdict()),
            drinks=found.drinks,
        )
        for found in services.vocabulary.search(q, limit)
    ]


@router.get("/groups", dependencies=[ApiKeyDep])
async def list_groups(services: ServicesDep) -> list[GroupView]:
    """List the groups that a drink can exclude; a model without data on allergens has none."""
    members = services.vocabulary.groups
    return [GroupView(group=name, ingredients=len(members[name])) for name in members]


@router.get("/health")
async def get_health(services: ServicesDep) -> Health:
    """Return that the function runs, and the version of its model."""
    return Health(status="ok", model=services.model)
