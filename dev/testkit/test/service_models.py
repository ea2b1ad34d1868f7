"""Compares an endpoint with botocore's model of its service: python service_models.py SERVICE URL

It calls every operation, right and wrong, and prints the differences as JSON. Credentials and names come from the
environment, as .env.local has them.
"""

from __future__ import annotations

import copy
import json
import os
import sys
import urllib.error
import urllib.request
from typing import Any

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

# Errors of every AWS service, which no model repeats.
COMMON = {"ValidationException", "SerializationException"}
UNKNOWN = "NoSuchMember"


def model_of(service: str) -> dict[str, Any]:
    return botocore.session.get_session().get_component("data_loader").load_service_model(service, "service-2")


class Endpoint:
    def __init__(self, service: str, url: str) -> None:
        session = botocore.session.get_session()
        self.model = model_of(service)
        self.service = session.get_service_model(service)
        self.url = url
        metadata = self.model["metadata"]
        self.prefix = metadata["targetPrefix"]
        name = metadata.get("signingName", metadata["endpointPrefix"])
        self.signer = SigV4Auth(session.get_credentials(), name, session.get_config_variable("region"))

    def call(self, operation: str, request: object) -> tuple[int, Any]:
        body = json.dumps(request).encode()
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"{self.prefix}.{operation}"}
        signed = AWSRequest("POST", f"{self.url}/", headers=headers, data=body)
        self.signer.add_auth(signed)
        call = urllib.request.Request(f"{self.url}/", body, dict(signed.headers.items()), method="POST")
        try:
            with urllib.request.urlopen(call) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


def reply_faults(model: dict[str, Any], name: str, value: Any, at: str) -> list[str]:
    """Where a value differs from its output shape."""
    shape = model["shapes"][name]
    kind = shape["type"]
    if kind == "structure":
        if not isinstance(value, dict):
            return [f"{at} is no structure"]
        faults = [f"{at}.{key} is not in the model" for key in value if key not in shape["members"]]
        faults += [f"{at}.{key} is missing" for key in shape.get("required", []) if key not in value]
        if shape.get("union") and len(value) != 1:
            faults.append(f"{at} has {len(value)} members of a union")
        for key, part in value.items():
            if key in shape["members"]:
                faults += reply_faults(model, shape["members"][key]["shape"], part, f"{at}.{key}")
        return faults
    if kind in ("list", "map"):
        if not isinstance(value, list if kind == "list" else dict):
            return [f"{at} is no {kind}"]
        parts = value if kind == "list" else value.values()
        element = shape["member" if kind == "list" else "value"]["shape"]
        return [fault for part in parts for fault in reply_faults(model, element, part, f"{at}[]")]
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    right = {
        "string": isinstance(value, str),
        "blob": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": number and int(value) == value,
        "long": number and int(value) == value,
    }.get(kind, number)
    if not right:
        return [f"{at} is {json.dumps(value)}, not of type {kind}"]
    if "enum" in shape and value not in shape["enum"]:
        return [f"{at} is {value}, which the enum {name} does not have"]
    return []


def changed(request: Any, path: list[Any], value: Any) -> Any:
    """A copy with another value at the path; without the member if the value is UNKNOWN."""
    result = copy.deepcopy(request)
    target = result
    for step in path[:-1]:
        target = target[step]
    if value is UNKNOWN:
        del target[path[-1]]
    else:
        target[path[-1]] = value
    return result


def invalid_requests(model: dict[str, Any], name: str, whole: Any) -> list[tuple[str, Any]]:
    """Each way to break one member of a valid request, with a name for it."""
    cases: list[tuple[str, Any]] = []

    def visit(name: str, value: Any, path: list[Any]) -> None:
        shape = model["shapes"][name]
        kind = shape["type"]
        at = ".".join(map(str, path))
        wrong = {"string": {"a": 1}, "structure": "text", "list": "text", "map": "text"}.get(kind, "text")
        if path:
            cases.append((f"{at}: wrong type", changed(whole, path, wrong)))
            if "enum" in shape:
                cases.append((f"{at}: not in the enum", changed(whole, path, "NO_SUCH_VALUE")))
            if kind in ("string", "list", "integer", "long"):
                for bound, by in (("max", 1), ("min", -1)):
                    limit = shape.get(bound)
                    if limit is None or (bound == "min" and limit == 0 and kind != "integer"):
                        continue
                    if kind == "string":
                        broken: Any = "x" * (limit + by)
                    elif kind == "list":
                        broken = (value * (limit + by))[: limit + by]
                    else:
                        broken = limit + by
                    cases.append((f"{at}: beyond {bound}", changed(whole, path, broken)))
            if "pattern" in shape and "enum" not in shape:
                cases.append((f"{at}: against the pattern", changed(whole, path, "\u0001\ufffe")))
        if kind == "structure":
            cases.append((f"{at}: unknown member", changed(whole, [*path, UNKNOWN + "1"], 1)))
            for member in shape.get("required", []):
                cases.append((f"{at}: without {member}", changed(whole, [*path, member], UNKNOWN)))
            for member, part in value.items():
                visit(shape["members"][member]["shape"], part, [*path, member])
        elif kind == "list" and value:
            visit(shape["member"]["shape"], value[0], [*path, 0])

    visit(name, whole, [])
    return cases


def declared_error(endpoint: Endpoint, operation: str, reply: Any) -> list[str]:
    code = reply.get("__type", "").split("#")[-1]
    errors = {error["shape"] for error in endpoint.model["operations"][operation].get("errors", [])}
    if code not in errors | COMMON:
        return [f"the error {code} is not declared"]
    if code not in errors:
        return []
    shape = endpoint.model["shapes"][code]
    members = {key: value for key, value in reply.items() if key in shape["members"]}
    faults = reply_faults(endpoint.model, code, members, code)
    missing = [key for key in shape["members"] if key in ("Message", "ErrorCode") and key not in members]
    return faults + [f"{code} has no {key}" for key in missing]


NOBODY = {
    "ClusterId": "j-NONE",
    "JobFlowId": "j-NONE",
    "ResourceId": "j-NONE",
    "StepId": "s-NONE",
    "JobFlowIds": ["j-NONE"],
    "Id": "00000000-0000-0000-0000-000000000000",
    "WorkgroupName": "other",
    "ReleaseLabel": "emr-0.0.0",
    "TargetResourceArn": "arn:aws:elasticmapreduce:us-east-1:000000000000:cluster/j-NONE",
    "PersistentAppUIId": "p-NONE",
}


def drive(endpoint: Endpoint, cases: dict[str, Any]) -> dict[str, Any]:
    differences: list[str] = []
    requests = 0
    for operation, request in cases.items():
        model = endpoint.model["operations"][operation]
        broken_requests = invalid_requests(endpoint.model, model["input"]["shape"], request)
        nobody = [(f"{key}: of nobody", changed(request, [key], NOBODY[key])) for key in request if key in NOBODY]
        for what, broken in broken_requests + nobody:
            requests += 1
            status, reply = endpoint.call(operation, broken)
            if status != 400:
                differences.append(f"{operation}: {what}: {status} {json.dumps(reply)[:200]}")
                continue
            differences += [f"{operation}: {what}: {fault}" for fault in declared_error(endpoint, operation, reply)]
        requests += 1
        status, reply = endpoint.call(operation, request)
        if status != 200:
            differences.append(f"{operation}: a valid request: {status} {json.dumps(reply)[:300]}")
        elif "output" in model:
            faults = reply_faults(endpoint.model, model["output"]["shape"], reply, "reply")
            differences += [f"{operation}: {fault}" for fault in faults]
    unknown = []
    for operation in sorted(set(endpoint.model["operations"]) - set(cases)):
        status, reply = endpoint.call(operation, {})
        if (status, reply.get("__type")) != (400, "UnknownOperationException"):
            differences.append(f"{operation} is answered, but not compared: {status} {json.dumps(reply)[:200]}")
        unknown.append(operation)
    return {"requests": requests, "differences": differences, "notEmulated": unknown}


Cases = tuple[dict[str, Any], dict[str, tuple[dict[str, Any], int]]]


def must(reply: tuple[int, Any]) -> Any:
    if reply[0] != 200:
        raise RuntimeError(f"{reply}")
    return reply[1]


def emr_cases(endpoint: Endpoint) -> Cases:
    """A valid request for each emulated operation, in an order in which each succeeds; and what to page through."""
    jar = {
        "Jar": "command-runner.jar",
        "Args": ["s3-dist-cp"],
        "MainClass": "x",
        "Properties": [{"Key": "a", "Value": "b"}],
    }
    step = {"Name": "step", "ActionOnFailure": "CONTINUE", "HadoopJarStep": jar}
    configuration = {"Classification": "spark", "Properties": {"a": "b"}, "Configurations": []}
    group = {
        "Name": "m",
        "InstanceRole": "MASTER",
        "InstanceType": "m5.xlarge",
        "InstanceCount": 1,
        "Market": "SPOT",
        "BidPrice": "1",
        "CustomAmiId": "ami-1",
        "Configurations": [configuration],
        "EbsConfiguration": {"EbsBlockDeviceConfigs": [{"VolumeSpecification": {"VolumeType": "gp3", "SizeInGB": 10}}]},
    }
    core = {**group, "InstanceRole": "CORE", "InstanceCount": 60}
    types = {"InstanceType": "m5.xlarge", "WeightedCapacity": 1, "BidPrice": "1", "Priority": 1.5}
    spot = {"TimeoutDurationMinutes": 5, "TimeoutAction": "TERMINATE_CLUSTER", "AllocationStrategy": "lowest-price"}
    fleet = {
        "Name": "m",
        "InstanceFleetType": "MASTER",
        "TargetOnDemandCapacity": 1,
        "TargetSpotCapacity": 0,
        "InstanceTypeConfigs": [types],
        "LaunchSpecifications": {"SpotSpecification": spot},
    }
    limits = {"UnitType": "VCPU", "MinimumCapacityUnits": 1, "MaximumCapacityUnits": 2}
    tags = [{"Key": "k", "Value": "v"}]
    instances = {
        "KeepJobFlowAliveWhenNoSteps": True,
        "TerminationProtected": False,
        "Ec2KeyName": "key",
        "Placement": {"AvailabilityZone": "us-east-1a"},
        "ServiceAccessSecurityGroup": "sg-1",
        "EmrManagedMasterSecurityGroup": "sg-1",
        "EmrManagedSlaveSecurityGroup": "sg-1",
        "AdditionalMasterSecurityGroups": ["sg-2"],
    }
    run = {
        "Name": "all",
        "LogUri": "s3://bucket/logs",
        "ReleaseLabel": "emr-7.13.0",
        "Steps": [step],
        "StepExecutionRoleArn": "arn:aws:iam::000000000000:role/step",
        "Applications": [{"Name": "Spark", "Version": "3.5"}],
        "Configurations": [configuration],
        "VisibleToAllUsers": True,
        "JobFlowRole": "profile",
        "ServiceRole": "role",
        "Tags": [*tags, {"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}],
        "SecurityConfiguration": "sealed",
        "AutoScalingRole": "role",
        "EbsRootVolumeSize": 10,
        "ScaleDownBehavior": "TERMINATE_AT_TASK_COMPLETION",
        "RepoUpgradeOnBoot": "NONE",
        "StepConcurrencyLevel": 1,
        "AutoTerminationPolicy": {"IdleTimeout": 3600},
        "OSReleaseLabel": "2023",
        "ManagedScalingPolicy": {"ComputeLimits": limits, "UtilizationPerformanceIndex": 50},
        "Instances": {**instances, "InstanceGroups": [group, core], "Ec2SubnetId": "subnet-1"},
    }
    for name in ["sealed", "to-delete", *(f"s{index}" for index in range(58))]:
        must(endpoint.call("CreateSecurityConfiguration", {"Name": name, "SecurityConfiguration": "{}"}))
    fleets = {**run, "Instances": {**instances, "InstanceFleets": [fleet], "Ec2SubnetIds": ["subnet-1"]}}
    with_fleets = must(endpoint.call("RunJobFlow", fleets))["JobFlowId"]
    cluster = must(endpoint.call("RunJobFlow", run))["JobFlowId"]
    steps = must(endpoint.call("AddJobFlowSteps", {"JobFlowId": cluster, "Steps": [step] * 120}))["StepIds"]
    for _ in range(60):
        must(endpoint.call("RunJobFlow", {"Name": "many", "Instances": {"KeepJobFlowAliveWhenNoSteps": True}}))
    of = {"ClusterId": cluster}
    arn = must(endpoint.call("DescribeCluster", of))["Cluster"]["ClusterArn"]
    ui = must(endpoint.call("CreatePersistentAppUI", {"TargetResourceArn": arn}))["PersistentAppUIId"]
    cases = {
        "RunJobFlow": run,
        "DescribeCluster": of,
        "ListClusters": {"CreatedAfter": 1, "CreatedBefore": 9e9, "ClusterStates": ["RUNNING", "WAITING"]},
        "ModifyCluster": {**of, "StepConcurrencyLevel": 2},
        "SetTerminationProtection": {"JobFlowIds": [cluster], "TerminationProtected": False},
        "SetVisibleToAllUsers": {"JobFlowIds": [cluster], "VisibleToAllUsers": True},
        "SetKeepJobFlowAliveWhenNoSteps": {"JobFlowIds": [cluster], "KeepJobFlowAliveWhenNoSteps": True},
        "AddJobFlowSteps": {
            "JobFlowId": cluster,
            "Steps": [step],
            "ExecutionRoleArn": "arn:aws:iam::000000000000:role/x",
        },
        "DescribeStep": {**of, "StepId": steps[0]},
        "ListSteps": {**of, "StepStates": ["PENDING", "FAILED"], "StepIds": steps[:2]},
        "CancelSteps": {**of, "StepIds": steps[-2:], "StepCancellationOption": "SEND_INTERRUPT"},
        "AddTags": {"ResourceId": cluster, "Tags": tags},
        "RemoveTags": {"ResourceId": cluster, "TagKeys": ["k"]},
        "ListInstances": {**of, "InstanceGroupTypes": ["MASTER"], "InstanceStates": ["RUNNING"]},
        "ListInstanceFleets": {"ClusterId": with_fleets},
        "ListInstanceGroups": of,
        "ListBootstrapActions": of,
        "PutAutoTerminationPolicy": {**of, "AutoTerminationPolicy": {"IdleTimeout": 60}},
        "GetAutoTerminationPolicy": of,
        "RemoveAutoTerminationPolicy": of,
        "ListReleaseLabels": {"Filters": {"Prefix": "emr-7", "Application": "Spark"}, "MaxResults": 2},
        "DescribeReleaseLabel": {"ReleaseLabel": "emr-7.13.0", "MaxResults": 1},
        "CreateSecurityConfiguration": {"Name": "created", "SecurityConfiguration": "{}"},
        "DescribeSecurityConfiguration": {"Name": "sealed"},
        "ListSecurityConfigurations": {},
        "DeleteSecurityConfiguration": {"Name": "to-delete"},
        "CreatePersistentAppUI": {"TargetResourceArn": arn, "Tags": tags, "XReferer": "x", "ProfilerType": "SHS"},
        "DescribePersistentAppUI": {"PersistentAppUIId": ui},
        "GetPersistentAppUIPresignedURL": {
            "PersistentAppUIId": ui,
            "PersistentAppUIType": "SHS",
            "ApplicationId": "application_1_1",
            "AuthProxyCall": False,
            "ExecutionRoleArn": "arn:aws:iam::000000000000:role/x",
        },
        "TerminateJobFlows": {"JobFlowIds": [with_fleets]},
    }
    paged = {
        "ListClusters": ({}, 62),
        "ListSteps": (of, 122),
        "ListInstances": (of, 61),
        "ListInstanceGroups": (of, 2),
        "ListInstanceFleets": ({"ClusterId": with_fleets}, 1),
        "ListBootstrapActions": (of, 0),
        "ListSecurityConfigurations": ({}, 60),
    }
    return cases, paged


def redshift_cases(endpoint: Endpoint) -> Cases:
    at = {"WorkgroupName": os.environ["REDSHIFT_WORKGROUP"], "Database": os.environ["REDSHIFT_DATABASE"]}
    with_user = {**at, "SecretArn": "arn:aws:secretsmanager:us-east-1:000000000000:secret:x", "DbUser": "somebody"}
    sql = "select 1 as one"
    run = {**with_user, "Sql": "select :a", "Parameters": [{"name": "a", "value": "1"}], "StatementName": "name"}
    run |= {"WithEvent": False, "ResultFormat": "JSON", "WaitTimeSeconds": 30}

    def ended(operation: str, request: dict[str, Any]) -> str:
        return must(endpoint.call(operation, {**request, "WaitTimeSeconds": 30}))["Id"]

    for index in range(3):
        ended(
            "BatchExecuteStatement",
            {**at, "Sqls": [f"create schema s{index}", f"create table s0.t{index} (a int, b int, c int)"]},
        )
    lines = "select n, repeat('x', 60000) from generate_series(1, 40) as lines(n)"
    many = ended("ExecuteStatement", {**at, "Sql": lines})
    one = ended("ExecuteStatement", {**at, "Sql": sql})
    csv = ended("ExecuteStatement", {**at, "Sql": sql, "ResultFormat": "CSV"})
    many_csv = ended("ExecuteStatement", {**at, "Sql": lines, "ResultFormat": "CSV"})
    numbers = "generate_series(1, 300000)"
    endless = {**at, "Sql": f"select sum(a.n * b.n) from {numbers} as a(n), {numbers} as b(n)"}
    slow = must(endpoint.call("ExecuteStatement", endless))["Id"]
    cases = {
        "CancelStatement": {"Id": slow},
        "ExecuteStatement": {**run, "ClientToken": "token"},
        "BatchExecuteStatement": {
            **at,
            "Sqls": [sql],
            "StatementName": "name",
            "ClientToken": "other",
            "ExecutionMode": "TRANSACTION",
        },
        "DescribeStatement": {"Id": one, "WaitTimeSeconds": 1},
        "GetStatementResult": {"Id": one},
        "GetStatementResultV2": {"Id": csv},
        "ListStatements": {"MaxResults": 2, "StatementName": "name", "Status": "ALL"},
        "ListDatabases": {**at, "MaxResults": 2},
        "ListSchemas": {**at, "SchemaPattern": "s%", "MaxResults": 2},
        "ListTables": {**at, "SchemaPattern": "s%", "TablePattern": "t%", "MaxResults": 2},
        "DescribeTable": {**at, "Schema": "s0", "Table": "t0", "MaxResults": 2},
    }
    paged = {
        "ListStatements": ({"MaxResults": 2, "Status": "ALL"}, 7),
        "ListSchemas": ({**at, "MaxResults": 1}, 3),
        "ListTables": ({**at, "SchemaPattern": "s0", "MaxResults": 1}, 3),
        "DescribeTable": ({**at, "Schema": "s0", "Table": "t0", "MaxResults": 1}, 3),
        "GetStatementResult": ({"Id": many}, 40),
        "GetStatementResultV2": ({"Id": many_csv}, 2),
        "ListDatabases": (at, 1),
    }
    return cases, paged


def pages(endpoint: Endpoint, operation: str, request: dict[str, Any], least: int, several: bool) -> list[str]:
    """Follows the tokens that the paginator names; whether every page has other items, `least` of them in all."""
    loader = botocore.session.get_session().get_component("data_loader")
    paginators = loader.load_service_model(endpoint.service.service_name, "paginators-1")["pagination"]
    names = paginators[operation]
    seen: list[str] = []
    token = None
    count = 0
    while count < 100:
        part = {} if token is None else {names["input_token"]: token}
        status, reply = endpoint.call(operation, {**request, **part})
        if status != 200:
            return [f"{operation}: page {count}: {status} {json.dumps(reply)[:200]}"]
        seen += [json.dumps(item, sort_keys=True) for item in reply[names["result_key"]]]
        count += 1
        token = reply.get(names["output_token"])
        if token is None:
            break
    faults = [] if several == (count > 1) else [f"{operation} has {count} pages"]
    if len(set(seen)) != len(seen):
        faults.append(f"{operation} has an item on two pages")
    if len(seen) < least:
        faults.append(f"{operation} has {len(seen)} items on its pages, not {least}")
    status, reply = endpoint.call(operation, {**request, names["input_token"]: "no token"})
    if status != 400:
        faults.append(f"{operation} takes a token that it never gave: {status}")
    else:
        faults += [f"{operation}: wrong token: {fault}" for fault in declared_error(endpoint, operation, reply)]
    return faults


# They never have enough items for two.
ONE_PAGE = ("ListBootstrapActions", "ListInstanceGroups", "ListInstanceFleets", "ListDatabases")


def unique_pages(endpoint: Endpoint, wanted: dict[str, tuple[dict[str, Any], int]]) -> list[str]:
    loader = botocore.session.get_session().get_component("data_loader")
    paginators = loader.load_service_model(endpoint.service.service_name, "paginators-1")["pagination"]
    emulated = [name for name in paginators if endpoint.call(name, {})[1].get("__type") != "UnknownOperationException"]
    faults = [f"{name} has pages that are not compared" for name in emulated if name not in wanted]
    for name, (request, least) in wanted.items():
        faults += pages(endpoint, name, request, least, several=name not in ONE_PAGE)
    return faults


def main(service: str, url: str) -> None:
    endpoint = Endpoint(service, url)
    cases, paged = {"emr": emr_cases, "redshift-data": redshift_cases}[service](endpoint)
    report = drive(endpoint, cases)
    report["differences"] += unique_pages(endpoint, paged)
    print(json.dumps(report))


if __name__ == "__main__":
    main(*sys.argv[1:])
