"""The manifests: valid by Kubernetes' own schemas, and of one mind with docker-compose.yml, which the tests start for real."""

import re
from typing import Any

import kubernetes_validate
import pytest
import yaml

from core.settings import PREFIX, SECRETS_DIR, Settings
from tests.e2e.composed import SERVERS, services
from tests.expressions import DEPLOY

FOLDER = DEPLOY / "kubernetes"
CUSTOM = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))
RESOURCES: list[dict[str, Any]] = [
    one for name in CUSTOM["resources"] for one in yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8"))
]
WORKLOADS = {
    one["metadata"]["labels"]["app.kubernetes.io/component"]: one
    for one in RESOURCES
    if one["kind"] in ("Deployment", "Job")
}
DEPLOYMENTS = {name: one for name, one in WORKLOADS.items() if one["kind"] == "Deployment"}
SETTINGS = dict(
    line.split("=", 1) for line in (FOLDER / "settings.env").read_text(encoding="utf-8").splitlines() if "=" in line
)
COMPOSED = {name: service for name, service in services().items() if name not in (*SERVERS, "secrets")}
SECRET_FILES = {
    PREFIX.lower() + name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)
}
OLDEST, NEWEST = "1.34", kubernetes_validate.latest_version()
"""The oldest lets a container sleep before its end; both have stable schemas of everything here."""


def pod(workload: dict[str, Any]) -> dict[str, Any]:
    """The specification of its pods."""
    found: dict[str, Any] = workload["spec"]["template"]["spec"]
    return found


def container(workload: dict[str, Any]) -> dict[str, Any]:
    """Its only container."""
    (found,) = pod(workload)["containers"]
    return found


def seconds(said: str) -> int:
    return int(said.removesuffix("s"))


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_a_manifest_is_valid_and_names_no_field_that_kubernetes_does_not_know(
    resource: dict[str, Any], version: str
) -> None:
    kubernetes_validate.validate(resource, version, strict=True)


def test_a_misspelt_field_is_found() -> None:
    wrong = {**DEPLOYMENTS["detect"], "spec": {**DEPLOYMENTS["detect"]["spec"], "replica": 1}}
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


def test_every_file_is_applied() -> None:
    listed = {*CUSTOM["resources"], "kustomization.yaml", *CUSTOM["configMapGenerator"][0]["envs"]}
    assert {file.name for file in FOLDER.iterdir()} == listed


def test_what_compose_starts_is_started_here() -> None:
    assert set(DEPLOYMENTS) == {name for name in COMPOSED if name != "upgrade"}
    assert set(WORKLOADS) - set(DEPLOYMENTS) == {"upgrade"}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_process_is_the_same_as_in_compose(name: str) -> None:
    here, there = WORKLOADS[name], COMPOSED[name]
    limits = there["deploy"]["resources"]["limits"]
    assert container(here)["args"] == there["command"]
    assert f"{container(here)['image']}:latest" == there["image"]
    assert here["spec"]["replicas"] == there["deploy"].get("replicas", 1)
    assert float(container(here)["resources"]["limits"]["cpu"]) == float(limits["cpus"])
    assert container(here)["resources"]["limits"]["memory"] == limits["memory"] + "i"  # Docker's M is 1024²
    assert pod(here)["terminationGracePeriodSeconds"] == seconds(there["stop_grace_period"])
    user = pod(here)["securityContext"]
    assert f"{user['runAsUser']}:{user['runAsGroup']}" == there["user"]
    mounts = {mount["mountPath"]: mount.get("readOnly", False) for mount in container(here)["volumeMounts"]}
    read = {volume.split(":")[1] for volume in there["volumes"]}
    assert mounts == {**dict.fromkeys(there["tmpfs"], False), **dict.fromkeys(read, True)}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_probes_ask_what_the_health_check_of_compose_asks_and_as_patiently(name: str) -> None:
    here, there = container(DEPLOYMENTS[name]), COMPOSED[name]["healthcheck"]
    (asked,) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", there["test"][-1])
    (port,) = here["ports"]
    live, start = here["livenessProbe"], here["startupProbe"]
    assert (str(port["containerPort"]), live["httpGet"]["path"]) == asked
    assert {probe["httpGet"]["port"] for probe in (live, start, here["readinessProbe"])} == {port["name"]}
    assert live["periodSeconds"] == seconds(there["interval"])
    assert live["timeoutSeconds"] == seconds(there["timeout"])
    assert live["failureThreshold"] == there["retries"]
    assert start["httpGet"] == live["httpGet"]
    assert start["periodSeconds"] * start["failureThreshold"] >= seconds(there["start_period"])


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_process_may_nothing_that_it_does_not_need(name: str) -> None:
    inside, may = pod(WORKLOADS[name]), container(WORKLOADS[name])["securityContext"]
    assert inside["automountServiceAccountToken"] is False
    assert inside["securityContext"]["runAsNonRoot"] is True
    assert inside["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert may["allowPrivilegeEscalation"] is False
    assert may["readOnlyRootFilesystem"] is True
    assert may["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("name", WORKLOADS)
def test_no_variable_that_kubernetes_makes_of_a_service_is_taken_for_a_setting(name: str) -> None:
    assert pod(WORKLOADS[name])["enableServiceLinks"] is False


def test_settings_are_settings_and_say_what_compose_says_except_where_the_servers_are() -> None:
    assert set(SETTINGS) <= {PREFIX + name.upper() for name in Settings.model_fields} | {SECRETS_DIR}
    elsewhere = re.compile(r"HUIYING_(KAFKA|ELASTICSEARCH|ELASTICSEARCH_REPLICAS|PUBLIC_URL)$")
    for service in COMPOSED.values():
        said = {k: v for k, v in service["environment"].items() if v is not None and not elsewhere.match(k)}
        assert {name: SETTINGS.get(name) for name in said} == said


@pytest.mark.parametrize("name", WORKLOADS)
def test_secrets_are_files_that_the_settings_read_and_certificates_lie_where_they_are_looked_for(name: str) -> None:
    workload = WORKLOADS[name]
    assert "env" not in container(workload)
    assert container(workload)["envFrom"] == [{"configMapRef": {"name": CUSTOM["configMapGenerator"][0]["name"]}}]
    (secrets,) = [volume["projected"] for volume in pod(workload)["volumes"] if volume["name"] == "secrets"]
    files = {item["path"] for source in secrets["sources"] for item in source["secret"].get("items", [])}
    assert {file for file in files if not file.endswith(".crt")} <= SECRET_FILES
    wanted = {SETTINGS["HUIYING_KAFKA_CA"], SETTINGS["HUIYING_ELASTICSEARCH_CA"]}
    assert wanted == {f"{SETTINGS[SECRETS_DIR]}/{file}" for file in files if file.endswith(".crt")}


def test_the_page_says_how_to_make_every_secret_and_names_only_secrets_that_are_read() -> None:
    page = (DEPLOY.parent / "docs" / "operations.md").read_text(encoding="utf-8")
    kubernetes = page.partition("\n## Kubernetes\n")[2].partition("\n## ")[0]
    made = set(re.findall(r"--from-\w+=(huiying_\w+)", kubernetes))
    assert {"huiying_salt", "huiying_elasticsearch_key"} <= made <= SECRET_FILES


@pytest.mark.parametrize("kind", ["PodDisruptionBudget", "Service", "NetworkPolicy"])
def test_what_selects_processes_selects_some(kind: str) -> None:
    chosen = [one["spec"].get("podSelector") or one["spec"]["selector"] for one in RESOURCES if one["kind"] == kind]
    assert chosen
    for selector in chosen:
        assert [name for name in WORKLOADS if _selects(selector, name)]


def _selects(selector: dict[str, Any], name: str) -> bool:
    labels = WORKLOADS[name]["spec"]["template"]["metadata"]["labels"]
    wanted = selector.get("matchLabels", {} if "matchExpressions" in selector else selector)
    among = selector.get("matchExpressions", [])
    return wanted.items() <= labels.items() and all(labels[one["key"]] in one["values"] for one in among)


def test_each_deployment_finds_its_own_pods_and_may_be_moved_off_a_node() -> None:
    budgets = [one["spec"]["selector"] for one in RESOURCES if one["kind"] == "PodDisruptionBudget"]
    for name, one in DEPLOYMENTS.items():
        assert [other for other in WORKLOADS if _selects(one["spec"]["selector"], other)] == [name]
        assert sum(_selects(selector, name) for selector in budgets) == 1


def test_those_reach_out_that_reach_out_in_compose() -> None:
    (policy,) = [one for one in RESOURCES if one["metadata"]["name"] == "huiying-outside"]
    reach = {name for name in DEPLOYMENTS if _selects(policy["spec"]["podSelector"], name)}
    assert reach == {name for name, service in COMPOSED.items() if "outside" in service["networks"]}


def test_screens_reach_the_api_at_the_address_that_alerts_point_to() -> None:
    (ingress,) = [one["spec"] for one in RESOURCES if one["kind"] == "Ingress"]
    (service,) = [one for one in RESOURCES if one["kind"] == "Service"]
    (rule,) = ingress["rules"]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert SETTINGS["HUIYING_PUBLIC_URL"] == f"https://{rule['host']}"
    assert ingress["tls"][0]["hosts"] == [rule["host"]]
    assert backend["name"] == service["metadata"]["name"]
    assert backend["port"]["name"] in {port["name"] for port in service["spec"]["ports"]}
    assert _selects(service["spec"]["selector"], "api")
