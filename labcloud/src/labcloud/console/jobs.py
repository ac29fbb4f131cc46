"""Jobs: the table of a kind, a job's page, and what can be done with one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from labcloud.cloud import Cloud
from labcloud.console import tuning
from labcloud.console.charts import Chart, chart
from labcloud.console.desk import Desk, NotThere, desk
from labcloud.console.kinds import BY_PATH, KINDS, Kind, member
from labcloud.console.logs import LINES, Tail, tail
from labcloud.console.pages import live, page, see_other
from labcloud.sagemaker.listing import listing
from labcloud.sagemaker.states import ENDED, JobStatus
from labcloud.state.records import Record

ROWS = 25
# The lines of a log that stand with a FailureReason.
_BEFORE = 12
# What tells the members of a list in a description apart.
_NAMED = ("ChannelName", "InputName", "OutputName")


def _kind(request: Request, *, of_a_job: bool = True) -> Kind:
    found = BY_PATH.get(request.path_params["kind"])
    if found is None or (of_a_job and found.at):
        raise NotThere("There is no kind of job with this name.")
    return found


async def table(request: Request) -> Response:
    """One page of the jobs of a kind, the newest first."""
    kind, at = _kind(request, of_a_job=False), desk(request)
    cloud = at.cloud
    status = request.query_params.get("status", "")
    search = request.query_params.get("search", "").strip()
    image = request.query_params.get("image", "").strip() if kind.image else ""
    more = [await _with_image(at, kind, image)] if image else []
    asked: dict[str, Any] = {"MaxResults": ROWS}
    if status:
        asked["StatusEquals"] = status
    if search:
        asked["NameContains"] = search
    if after := request.query_params.get("after"):
        asked["NextToken"] = after
    places = cloud.records.places
    names, token = listing(places, kind.resource.kind, asked, has_status=True, more=more)
    records = [cloud.records.get(kind.resource.kind, name) for name in names]
    counts = places.statuses(kind.resource.kind)
    return live(
        request, "jobs.html", "jobs_table.html",
        kind=kind, rows=[row(kind, each) for each in records], next=token.get("NextToken"),
        after=after, status=status, search=search, image=image, counts=counts,
        total=sum(counts.values()),
        totals={each.path: sum(places.statuses(each.resource.kind).values()) for each in KINDS},
    )  # fmt: skip


async def _with_image(at: Desk, kind: Kind, part: str) -> tuple[str, str]:
    """The condition of a list for jobs whose image has this in its name."""
    if not at.images.newer(at.cloud, kind):
        await asyncio.to_thread(at.images.all_at_once, at.cloud, kind)
    return at.images.condition(kind, part)


def row(kind: Kind, record: Record) -> dict[str, Any]:
    """What a table shows of a job."""
    status, detail = record[kind.resource.status], record.get("SecondaryStatus")
    return {
        "kind": kind,
        "name": record[kind.resource.name],
        "status": status,
        "detail": None if status in kind.resource.final or detail == status else detail,
        "created": record["CreationTime"],
        "seconds": kind.use_of(record).seconds,
        "image": member(record, kind.image) if kind.image else None,
        "model": member(record, kind.model) if kind.model else None,
        "cost": kind.cost(record),
    }


async def job(request: Request) -> Response:
    """One job: all that is known of it."""
    kind, name, at = _kind(request), request.path_params["name"], desk(request)
    resource = kind.resource
    described = await at.describe(resource, name)
    record = resource.find(at.cloud, name)
    log = Tail("")
    if kind.log_group:
        log = await tail(at.call, kind.log_group, f"{name}/", request.query_params.get("log", ""))
    values: dict[str, Any] = {
        "kind": kind, "name": name, "job": row(kind, record), "described": described,
        "arn": record[resource.arn], "reason": record.get("FailureReason"), "log": log,
        "most": LINES, "before": log.lines[-_BEFORE:], "steps": steps(kind, record),
        "charts": metric_charts(at.cloud, name) if not resource.kind.startswith("hyper") else [],
        "final": described.get("FinalMetricDataList", []),
        "parameters": described.get("HyperParameters", {}), "places": list(places(described)),
        "labels": record.get("Tags", []), "ended": record[resource.status] in ENDED,
        "stoppable": record[resource.status] == JobStatus.IN_PROGRESS,
        "begun": record.get(kind.begun), "end": record.get(kind.ended), "search": None,
        "instance": member(record, kind.instance) if kind.instance else None,
        "count": member(record, kind.count) or 1 if kind.count else None,
        "tuned_by": tuning_job_of(record),
    }  # fmt: skip
    if kind.path == tuning.PATH:
        values["search"] = found = tuning.search(at.cloud, record)
        values["after"] = request.query_params.get("after", "")
        values["trials"], values["next"] = found.newest(values["after"])
    return live(request, "job.html", "job_live.html", **values)


def tuning_job_of(record: Record) -> str:
    return str(record.get("TuningJobArn", "")).rpartition("/")[2]


def steps(kind: Kind, record: Record) -> list[dict[str, Any]]:
    """A job's statuses in time: the status, what was said of it, its beginning and end."""
    told = record.get("SecondaryStatusTransitions")
    if told:
        return [
            {
                "status": each["Status"],
                "said": each.get("StatusMessage", ""),
                "begun": each["StartTime"],
                "seconds": each["EndTime"] - each["StartTime"] if "EndTime" in each else None,
            }
            for each in told
        ]
    found = [("Created", "", record["CreationTime"])]
    if kind.begun != "CreationTime" and record.get(kind.begun):
        found.append(("Started", "", record[kind.begun]))
    status = record[kind.resource.status]
    if status in ENDED:
        found.append((status, "", record.get(kind.ended) or record["LastModifiedTime"]))
    return [{"status": s, "said": said, "begun": at, "seconds": None} for s, said, at in found]


def metric_charts(cloud: Cloud, name: str) -> list[Chart]:
    """A training job's metrics. Those that end alike (train:rmse, test:rmse) share a chart."""
    together: dict[str, list[tuple[str, list[tuple[float, float]]]]] = {}
    for metric, values in cloud.training_metrics.values(name).items():
        together.setdefault(metric.rpartition(":")[2], []).append((metric, values))
    found = [
        chart(title, series, "number of the value", title)
        for title, series in sorted(together.items())
    ]
    return [each for each in found if each]


def places(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """All places in S3 that a description names, by their members."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from places(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for item in value:
            # The channel, or the input or output of a processing job.
            named = item if isinstance(item, dict) else {}
            name = next((named[each] for each in _NAMED if each in named), None)
            yield from places(item, path if name is None else f"{path}[{name}]")
    elif isinstance(value, str) and value.startswith("s3://"):
        yield path, value


async def ask_stop(request: Request) -> Response:
    kind, name = _kind(request), request.path_params["name"]
    kind.resource.find(desk(request).cloud, name)
    return page(
        request, "ask.html", title=f"Stop {kind.resource.called}", verb="Stop", name=name,
        said="It cannot go on afterwards.",
        action=["jobs", kind.path, name, "stop"], back=["jobs", kind.path, name], query={},
    )  # fmt: skip


async def stop(request: Request) -> Response:
    kind, name, at = _kind(request), request.path_params["name"], desk(request)
    await at.fields(request)
    await at.call("sagemaker", f"Stop{kind.resource.title}", **{kind.resource.name: name})
    return see_other("jobs", kind.path, name)


def _deleted(request: Request) -> Kind:
    found = _kind(request)
    if not found.deletes:
        raise NotThere(f"AWS deletes no {found.resource.called}.")
    return found


async def ask_delete(request: Request) -> Response:
    kind, name = _deleted(request), request.path_params["name"]
    kind.resource.find(desk(request).cloud, name)
    return page(
        request, "ask.html", title=f"Delete {kind.resource.called}", name=name,
        said="Its record goes. Its log, its artifacts and its outputs stay.",
        action=["jobs", kind.path, name, "delete"], back=["jobs", kind.path, name], query={},
    )  # fmt: skip


async def delete(request: Request) -> Response:
    kind, name, at = _deleted(request), request.path_params["name"], desk(request)
    await at.fields(request)
    await at.call("sagemaker", f"Delete{kind.resource.title}", **{kind.resource.name: name})
    return see_other("jobs", kind.path)


async def importance(request: Request) -> Response:
    """How much each hyperparameter has mattered; it is computed when a page asks for it."""
    name, cloud = request.path_params["name"], desk(request).cloud
    record = BY_PATH[tuning.PATH].resource.find(cloud, name)
    trials = tuning.search(cloud, record)
    found = await asyncio.to_thread(tuning.importance, trials)
    whole = request.headers.get("hx-request") != "true"
    template = "importance_page.html" if whole else "importance.html"
    return page(request, template, found=found, name=name)


ROUTES = [
    Route("/jobs/tuning-jobs/{name}/importance", importance),
    Route("/jobs/{kind}", table),
    Route("/jobs/{kind}/{name}", job),
    Route("/jobs/{kind}/{name}/stop", ask_stop),
    Route("/jobs/{kind}/{name}/stop", stop, methods=["POST"]),
    Route("/jobs/{kind}/{name}/delete", ask_delete),
    Route("/jobs/{kind}/{name}/delete", delete, methods=["POST"]),
]
