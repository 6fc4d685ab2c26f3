"""The calls for webhooks: secrets, deliveries, and starting a delivery again."""

from __future__ import annotations

from fastapi import APIRouter

from functions.api.dependencies import OwnerDep, ServicesDep, TaskIdDep, WithWebhooksDep
from functions.api.openapi import problems
from functions.api.presenters import present_delivery, present_no_delivery
from functions.api.schemas.responses import DeliveryView, SecretsView

router = APIRouter(
    prefix="/api",
    tags=["webhooks"],
    responses=problems(404, 422),
    dependencies=[WithWebhooksDep],
)


@router.get("/webhooks/secret", responses=problems(503))
async def list_secrets(services: ServicesDep, owner: OwnerDep) -> SecretsView:
    """Return the secrets with which your webhooks are signed."""
    return SecretsView(secrets=await services.run(services.secrets.of, owner))


@router.post("/webhooks/secret", responses=problems(503))
async def rotate_secret(services: ServicesDep, owner: OwnerDep) -> SecretsView:
    """Make a new secret. The previous one stays valid for a day."""
    return SecretsView(secrets=await services.run(services.secrets.rotate, owner))


@router.get("/task/{task_id}/deliveries", responses=problems(410, 503))
async def list_deliveries(
    task_id: TaskIdDep, services: ServicesDep, owner: OwnerDep
) -> DeliveryView:
    """Return the attempts to deliver the result of a task, or of its array, to its webhook."""
    task = await services.run(services.tasks.fetch, owner, task_id)
    found = None
    if task.webhook is not None:
        found = await services.run(services.deliveries.find, task)
    return present_no_delivery(task) if found is None else present_delivery(found)


@router.post("/task/{task_id}/redeliver", status_code=202, responses=problems(409, 410, 503))
async def redeliver_task(
    task_id: TaskIdDep, services: ServicesDep, owner: OwnerDep
) -> DeliveryView:
    """Start the delivery of a task, or of its array, again."""
    task = await services.run(services.tasks.fetch, owner, task_id)
    return present_delivery(await services.run(services.deliveries.restart, task))
