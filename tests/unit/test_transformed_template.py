"""The template as CloudFormation gets it, after the transform of SAM."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from infra.local.template import read_template, resources_of
from infra.transform import transform

TEMPLATE = read_template()
GRADUAL = "Canary10Percent5Minutes"
OPEN = {
    "any /",
    "any /page/{proxy+}",
    "any /docs",
    "any /docs/{proxy+}",
    "any /openapi.json",
    "any /api/health",
    "options /api/documents",
    "options /api/{proxy+}",
}


@cache
def transformed(preference: str = "AllAtOnce") -> dict[str, Any]:
    return transform(TEMPLATE, {"DeploymentPreference": preference})


def properties(kind: str, preference: str = "AllAtOnce") -> dict[str, dict[str, Any]]:
    """Return the properties of all resources of a type, by logical id."""
    found = resources_of(transformed(preference), kind)
    return {name: resource["Properties"] for name, resource in found.items()}


def methods() -> dict[str, dict[str, Any]]:
    """Return the methods of the gateway as `verb path`."""
    [gateway] = properties("AWS::ApiGateway::RestApi").values()
    return {
        f"{verb.removeprefix('x-amazon-apigateway-').removesuffix('-method')} {path}": method
        for path, verbs in gateway["Body"]["paths"].items()
        for verb, method in verbs.items()
    }


def test_the_gateway_has_one_stage_and_it_has_a_throttle() -> None:
    """The transform adds a second one, `Stage`, to a deployment unless OpenApiVersion is set."""
    [stage] = properties("AWS::ApiGateway::Stage").values()
    [deployment] = properties("AWS::ApiGateway::Deployment").values()
    assert "StageName" not in deployment
    [setting] = stage["MethodSettings"]
    assert (setting["ResourcePath"], setting["HttpMethod"]) == ("/*", "*")
    assert setting["ThrottlingRateLimit"] == {"Ref": "ThrottleRate"}
    assert setting["ThrottlingBurstLimit"] == {"Ref": "ThrottleBurst"}


def test_only_page_docs_health_and_preflights_need_no_key() -> None:
    is_open = {name: not any(method["security"]) for name, method in methods().items()}
    assert {name for name, found in is_open.items() if found} == OPEN
    closed = [method for name, method in methods().items() if name not in OPEN]
    assert closed
    assert all(method["security"] == [{"api_key": []}] for method in closed)


def test_the_gateway_refuses_old_versions_of_tls() -> None:
    [gateway] = properties("AWS::ApiGateway::RestApi").values()
    assert gateway["SecurityPolicy"].startswith("SecurityPolicy_TLS13_1_2_")


def test_a_key_may_send_less_than_the_stage_accepts() -> None:
    """One caller cannot lock out all others."""
    [plan] = properties("AWS::ApiGateway::UsagePlan").values()
    assert plan["Throttle"] == {"RateLimit": {"Ref": "KeyRate"}, "BurstLimit": {"Ref": "KeyBurst"}}
    default = {name: found.get("Default") for name, found in TEMPLATE["Parameters"].items()}
    assert default["KeyRate"] < default["ThrottleRate"]
    assert default["KeyBurst"] < default["ThrottleBurst"]


def test_a_key_has_a_daily_quota() -> None:
    [plan] = properties("AWS::ApiGateway::UsagePlan").values()
    assert plan["Quota"] == {"Limit": {"Ref": "KeyDailyQuota"}, "Period": "DAY"}


def test_the_limits_of_single_methods_name_methods_that_exist() -> None:
    """API Gateway ignores a limit for a method that it does not have."""
    [plan] = properties("AWS::ApiGateway::UsagePlan").values()
    [stage] = plan["ApiStages"]
    limited = {(*name.rpartition("/")[::2],) for name in stage["Throttle"]}
    assert limited == {("/api/documents", "POST")}
    for path, verb in limited:
        assert f"{verb.lower()} {path}" in methods()


def test_reserved_concurrency_is_off_by_default() -> None:
    """It needs a hundred executions that no function reserves, and a new account has ten."""
    for name in ("ApiFunction", "WorkerFunction", "DocumentFunction"):
        found = properties("AWS::Lambda::Function")[name]["ReservedConcurrentExecutions"]
        condition, reserved, otherwise = found["Fn::If"]
        assert otherwise == {"Ref": "AWS::NoValue"}
        assert TEMPLATE["Parameters"][reserved["Ref"]]["Default"] == 0
        is_off = {"Fn::Equals": [reserved, 0]}
        assert TEMPLATE["Conditions"][condition] == {"Fn::Not": [is_off]}


def test_the_size_and_the_rate_of_the_workers_are_parameters() -> None:
    """The runbook advises to change them, which must not take an edit of the template."""
    mappings = properties("AWS::Lambda::EventSourceMapping")
    bulk = mappings["WorkerFunctionBulk"]
    assert bulk["BatchSize"] == {"Ref": "BatchSize"}
    assert bulk["MaximumBatchingWindowInSeconds"] == {"Ref": "BatchingWindow"}
    concurrency = {"MaximumConcurrency": {"Ref": "MaximumConcurrency"}}
    for name in ("WorkerFunctionInteractive", "WorkerFunctionBulk", "DocumentFunctionDocuments"):
        assert mappings[name]["ScalingConfig"] == concurrency
    functions = properties("AWS::Lambda::Function")
    assert functions["WorkerFunction"]["MemorySize"] == {"Ref": "WorkerMemory"}
    for name in ("WorkerFunction", "DocumentFunction"):
        variables = functions[name]["Environment"]["Variables"]
        assert variables["MAX_RETRIES"] == {"Ref": "MaxRetries"}


def test_lambda_lets_the_document_worker_continue_a_document() -> None:
    """It would otherwise stop a chain of 16 invocations through a queue as an endless loop."""
    function = properties("AWS::Lambda::Function")["DocumentFunction"]
    assert function["RecursiveLoop"] == "Allow"


def test_parameters_protect_and_back_up_the_table() -> None:
    [table] = properties("AWS::DynamoDB::Table").values()
    assert table["DeletionProtectionEnabled"] == {"Fn::If": ["IsProtected", True, False]}
    is_on = {"Fn::Equals": [{"Ref": "DeletionProtection"}, "true"]}
    assert TEMPLATE["Conditions"]["IsProtected"] == is_on
    backups = {"PointInTimeRecoveryEnabled": {"Ref": "PointInTimeRecovery"}}
    assert table["PointInTimeRecoverySpecification"] == backups


def test_access_logs_are_written_only_if_they_are_on() -> None:
    """Without the account's role for them, API Gateway would refuse the stage."""
    [stage] = properties("AWS::ApiGateway::Stage").values()
    condition, setting, otherwise = stage["AccessLogSetting"]["Fn::If"]
    assert setting["DestinationArn"] == {"Fn::GetAtt": ["AccessLogGroup", "Arn"]}
    assert otherwise == {"Ref": "AWS::NoValue"}
    is_on = {"Fn::Equals": [{"Ref": "AccessLogs"}, "true"]}
    assert TEMPLATE["Conditions"][condition] == is_on


def test_a_budget_warns_before_it_is_spent() -> None:
    """At 80% of what was spent, and at all of what is forecast."""
    [budget] = properties("AWS::Budgets::Budget").values()
    limit = {"Amount": {"Ref": "MonthlyBudget"}, "Unit": "USD"}
    assert budget["Budget"]["BudgetLimit"] == limit
    warnings = budget["NotificationsWithSubscribers"]
    email = {"SubscriptionType": "EMAIL", "Address": {"Ref": "BudgetEmail"}}
    assert all(warning["Subscribers"] == [email] for warning in warnings)
    found = {
        (w["Notification"]["NotificationType"], w["Notification"]["Threshold"]) for w in warnings
    }
    assert found == {("ACTUAL", 80), ("FORECASTED", 100)}


def test_without_an_amount_and_an_address_there_is_no_budget() -> None:
    assert transformed()["Resources"]["Budget"]["Condition"] == "HasBudget"
    is_set = [
        {"Fn::Not": [{"Fn::Equals": [{"Ref": name}, TEMPLATE["Parameters"][name]["Default"]]}]}
        for name in ("MonthlyBudget", "BudgetEmail")
    ]
    assert TEMPLATE["Conditions"]["HasBudget"] == {"Fn::And": is_set}


def test_layers_of_two_stacks_have_different_names() -> None:
    """Otherwise, one stack would delete versions of the other."""
    for layer in properties("AWS::Lambda::LayerVersion").values():
        assert layer["LayerName"]["Fn::Sub"].startswith("${AWS::StackName}-")


def test_nothing_outlives_the_stack_but_versions_of_functions() -> None:
    """These are deleted with their functions."""
    resources = transformed()["Resources"].values()
    kept = {found["Type"] for found in resources if found.get("DeletionPolicy") == "Retain"}
    assert kept == {"AWS::Lambda::Version"}


@pytest.mark.parametrize("function", ["ApiFunction", "WorkerFunction"])
def test_a_gradual_deployment_first_tries_the_new_version(function: str) -> None:
    alias = transformed(GRADUAL)["Resources"][f"{function}Aliaslive"]
    hook = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["BeforeAllowTrafficHook"]
    check = {"Ref": "DeploymentCheckFunction"}
    assert hook == {"Fn::If": ["IsGradual", check, {"Ref": "AWS::NoValue"}]}


def test_code_deploy_may_invoke_the_check() -> None:
    """The policy of its role allows only names that begin like this."""
    check = properties("AWS::Lambda::Function", GRADUAL)["DeploymentCheckFunction"]
    assert check["FunctionName"]["Fn::Sub"].startswith("CodeDeployHook_")


def test_the_check_gets_the_new_versions() -> None:
    check = properties("AWS::Lambda::Function", GRADUAL)["DeploymentCheckFunction"]
    variables = check["Environment"]["Variables"]
    versions = properties("AWS::Lambda::Version", GRADUAL)
    for variable, function in (
        ("API_VERSION", "ApiFunction"),
        ("WORKER_VERSION", "WorkerFunction"),
    ):
        assert versions[variables[variable]["Ref"]]["FunctionName"] == {"Ref": function}


def test_a_deployment_at_once_has_no_check() -> None:
    for name, resource in transformed()["Resources"].items():
        if name.startswith("DeploymentCheck"):
            assert resource["Condition"] == "IsGradual"
    aliases = resources_of(transformed(), "AWS::Lambda::Alias").values()
    assert all("UpdatePolicy" not in alias for alias in aliases)


def test_new_code_keeps_the_version_before_it_and_new_parameters_do_not() -> None:
    """New code gives a version another logical id, and CloudFormation retains what is removed.

    A parameter changes the description of the same resource. CloudFormation then replaces it and
    deletes the old version, because it has no UpdateReplacePolicy.
    """
    versions = resources_of(transformed(), "AWS::Lambda::Version")
    for version in versions.values():
        assert version["DeletionPolicy"] == "Retain"
        assert "UpdateReplacePolicy" not in version
    other = transform(TEMPLATE, {"DeadlineSeconds": "1000", "LongestWaitSeconds": "2"})
    assert resources_of(other, "AWS::Lambda::Version").keys() == versions.keys()
    code = {"ApiFunction": "s3://artifacts/new", "WorkerFunction": "new", "DocumentFunction": "new"}
    other = transform(TEMPLATE, artifacts=code)
    assert not resources_of(other, "AWS::Lambda::Version").keys() & versions.keys()
