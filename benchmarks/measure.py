"""Run a job as a process of its own and take its time and peak memory from the operating system."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

JOBS = Path(__file__).with_name("jobs.py")


@dataclass(frozen=True)
class Measured:
    """Wall seconds, peak resident memory in GB, and what the job said."""

    seconds: float
    memory: float
    said: dict


def measure(job: str, *arguments: object) -> Measured:
    """Run a job of jobs.py once."""
    command = [sys.executable, str(JOBS), job, *map(str, arguments)]
    # DuckDB and scikit-learn choose their own kernels; no setting of this machine's slows one.
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")
    }
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise RuntimeError(f"{job} failed")
    return Measured(seconds, usage.ru_maxrss / 1e6, json.loads(text.splitlines()[-1]))
