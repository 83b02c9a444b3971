"""`make screenshots`: the Lightning components in each state, with real LWC in Chromium; pictures land in `screenshots/`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.contracts.test_jsforce import node
from tests.crm.salesforce.projects import whole_project
from tests.screenshots.scenes import Scene, page, scenes

HERE = Path(__file__).parent
OUT = Path("screenshots")
STYLE = HERE / "node_modules/@salesforce-ux/design-system/assets/styles/salesforce-lightning-design-system.min.css"
PATIENCE = 3_000  # milliseconds of the page's own time


def main() -> int:
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        print("there is no chromium: apt install chromium")
        return 2
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="attain-screenshots-") as folder:
        work = Path(folder)
        project = work / "project"
        for name, content in whole_project().files().items():
            path = project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for language in ("en_US", "zh_CN"):
            subprocess.run([node(), HERE / "build.mjs", project, work, language], check=True)
        blank = [each.name for each in scenes() if not _taken(browser, work, each)]
    for each in blank:
        print(f"nothing to be seen: {each}")
    print(f"{len(scenes()) - len(blank)} pictures in {OUT}/")
    return 1 if blank else 0


def _taken(browser: str, work: Path, scene: Scene) -> bool:
    """Whether there is something to be read on the page, and a picture of it."""
    file = work / f"{scene.name}.html"
    file.write_text(page(scene, STYLE.as_uri(), (work / f"scene-{scene.language}.js").as_uri()), encoding="utf-8")
    common = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars",
        "--allow-file-access-from-files", f"--user-data-dir={work / 'browser'}", f"--virtual-time-budget={PATIENCE}",
    ]  # fmt: skip
    size = f"--window-size={scene.width},{scene.height}"
    picture = f"--screenshot={(OUT / f'{scene.name}.png').resolve()}"
    subprocess.run([*common, size, picture, file.as_uri()], check=True, capture_output=True, timeout=120)
    read = subprocess.run([*common, "--dump-dom", file.as_uri()], check=True, capture_output=True, timeout=120)
    inside = read.stdout.decode().partition("<main>")[2].partition("</main>")[0]
    print(f"  {scene.name}: {len(inside):,} characters of page", flush=True)
    return "slds-card__body" in inside


if __name__ == "__main__":
    sys.exit(main())
