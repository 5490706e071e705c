"""Java programs from Maven: the jars that a pom names, fetched once for each content of the pom."""

import shutil
import subprocess
from pathlib import Path

from places import RUN  # isort: skip; it says where the next ones are
from packages import require


class ConformanceFailedError(Exception):
    """A foreign program could not be fetched or started; the text says why."""


def jars(pom: Path, name: str) -> Path:
    """The folder with the jars of `pom` and all that they need, under `name`.

    Raises ConformanceFailedError with the end of what Maven said.
    """
    folder = RUN / "jars" / name
    done = folder / "pom.xml"
    if done.exists() and done.read_bytes() == pom.read_bytes():
        return folder
    mvn = require("mvn", "maven")
    print(f"fetching {name} from Maven, once", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
    fetched = subprocess.run(
        [mvn, "-B", "-q", "-f", str(pom), *goal], capture_output=True, text=True, check=False
    )
    if fetched.returncode:
        raise ConformanceFailedError(f"Maven could not fetch {name}:\n{fetched.stdout[-2000:]}")
    shutil.copyfile(pom, done)
    return folder
