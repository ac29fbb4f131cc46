"""Pictures of the console: `python -m labcloud_support.pictures FOLDER [NAME…]`.

It starts a labcloud of its own, fills it, and takes a picture of each page: as on a desktop in
light and dark, and as on a phone. The README's are taken with it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import boto3

from labcloud.client import launch, report
from labcloud.client.environment import address_and_key
from labcloud.state.home import Home, Running

from . import demonstration as shown
from . import deployed
from .browser import chromium

PAGES = {
    "overview": "",
    "jobs": "jobs/training-jobs",
    "training-job": f"jobs/training-jobs/{shown.TRAINED}",
    "failed-job": f"jobs/processing-jobs/{shown.PROCESSED}",
    "running-job": f"jobs/processing-jobs/{shown.RUNNING}",
    "tuning-job": f"jobs/tuning-jobs/{shown.TUNED}",
    "transform-job": f"jobs/transform-jobs/{shown.TRANSFORMED}",
    "executions": "jobs/pipeline-executions",
    "pipelines": "pipelines",
    "pipeline": f"pipelines/{deployed.PIPELINE}",
    "failed-execution": f"pipelines/{deployed.PIPELINE}/executions/{{{deployed.REFUSED}}}",
    "execution": f"pipelines/{deployed.PIPELINE}/executions/{{{deployed.WAITING}}}",
    "step": f"pipelines/{deployed.PIPELINE}/executions/{{{deployed.REFUSED}}}/steps/split",
    "callback": f"pipelines/{deployed.PIPELINE}/executions/{{{deployed.WAITING}}}/steps/"
    f"{deployed.ASKED}",
    "registry": "registry",
    "group": f"registry/{deployed.GROUP}",
    "version": f"registry/{deployed.GROUP}/2",
    "functions": "functions",
    "function": f"functions/{deployed.FUNCTION}",
    "apis": "apis",
    "http-api": "apis/http-apis/{http_api}",
    "rest-api": "apis/rest-apis/{rest_api}",
    "endpoints": "endpoints",
    "endpoint": f"endpoints/{shown.ENDPOINT}",
    "models": "models",
    "model": f"models/{shown.MODEL}",
    "images": "images",
    "buckets": "s3",
    "folder": f"s3/{shown.BUCKET}?prefix=looks/",
    "csv": f"s3/{shown.BUCKET}/object?key=looks/houses.csv",
    "archive": f"s3/{shown.BUCKET}/object?key=models/{shown.TRAINED}/output/model.tar.gz",
    "costs": "costs",
}
_LOOKS = {
    "light": ({"width": 1280, "height": 900}, "light"),
    "dark": ({"width": 1280, "height": 900}, "dark"),
    "phone": ({"width": 375, "height": 780}, "light"),
}


def clients(home: Home, running: Running) -> Any:
    found = address_and_key(home, running)
    session = boto3.Session(
        found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"], None, running.region
    )
    return lambda service: session.client(service, endpoint_url=running.url)


def address(home: Home, running: Running) -> str:
    """What opens the console once."""
    found = report.ask(home, running, "POST", "/console")
    return f"{running.url}{found['Path']}?token={found['Token']}"


def take(
    home: Home, running: Running, folder: Path, names: list[str], looks: list[str], *, whole: bool
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    found = deployed.identifiers(clients(home, running))
    with chromium() as browser:
        for look in looks:
            size, scheme = _LOOKS[look]
            context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
            page = context.new_page()
            page.on("console", lambda said: print("the page says:", said.text))
            page.on("pageerror", lambda error: print("the page fails:", error))
            page.goto(address(home, running))
            page.get_by_role("heading", name="Overview").wait_for()
            for name in names:
                page.goto(
                    f"{running.url}/_console/{PAGES[name].format(**found)}",
                    wait_until="networkidle",
                )
                page.screenshot(path=folder / f"{name}-{look}.png", full_page=whole)
            context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help="of pages; all, where none is named")
    parser.add_argument("--looks", nargs="*", choices=_LOOKS, default=list(_LOOKS))
    parser.add_argument("--home", type=Path, help="of a labcloud that runs and is filled")
    parser.add_argument(
        "--first", action="store_true", help="only what the window shows at first, as in the README"
    )
    options = parser.parse_args()
    names = options.names or list(PAGES)
    if options.home:
        home = Home(options.home)
        running = home.running()
        assert running, "it does not run"
        take(home, running, options.folder, names, options.looks, whole=not options.first)
        return
    with launch.temporary() as (home, running):
        demonstration = shown.Demonstration(clients(home, running))
        demonstration.make()
        demonstration.begin()
        take(home, running, options.folder, names, options.looks, whole=not options.first)
        demonstration.end()


if __name__ == "__main__":
    main()
