"""Owns the proof that a batch outlives being killed: ``python tests/batch/kill.py [--kills 20] [--seed 0]``.

Submissions of the corpus are graded undisturbed, and again in a run that is killed at random moments (all its
processes at once, or the first one alone) and resumed, until it has finished; both folders must have the same bytes.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, os.fspath(Path(__file__).parents[1]))
from batch_kit import REAL, TESTS, finished, started, written

#: What the exit status may be when a run has come to its end.
ENDED = (0, 3)


def corpus(folder: Path, exercise: str, copies: int) -> tuple[Path, Path]:
    """The key of an exercise, and a folder with its submissions, each several times."""
    source = TESTS / "grading_corpus" / exercise
    subs = folder / "submissions"
    subs.mkdir()
    for path in sorted(source.iterdir()):
        if path.suffix in (".md", ".tex"):
            for copy in range(copies):
                shutil.copy(path, subs / f"{path.stem}-{copy}{path.suffix}")
    return source / "key.deriv.yaml", subs


def kill(process: subprocess.Popen[str], everything: bool) -> None:
    """Kill a run: its first process, or that and all it has started."""
    if everything:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    finished(process)


def main() -> int:
    """Kill, resume and compare; 0 where the bytes are the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--exercise", default="logistic")
    parser.add_argument("--copies", type=int, default=2)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        key, subs = corpus(root, asked.exercise, asked.copies)
        words = [os.fspath(key), os.fspath(subs), "--no-cache", "-j", "2", "--output"]

        begun = time.monotonic()
        status, _, err = finished(started([*words, os.fspath(root / "calm")], root, REAL))
        whole = time.monotonic() - begun
        if status not in ENDED:
            print(err)
            return 1
        print(f"undisturbed: {len(list(subs.iterdir()))} submissions in {whole:.0f} s")

        again = [*words, os.fspath(root / "killed"), "--resume"]
        kills = ends = 0
        while kills < asked.kills:
            process = started(again, root, REAL)
            time.sleep(draw.uniform(0.0, 1.2 * whole))
            if process.poll() is None:
                kill(process, draw.random() < 0.5)
                kills += 1
            else:  # it had finished: the next one begins anew
                ends += 1
                same = finished(process)[0] in ENDED and written(root / "killed") == written(root / "calm")
                print(f"finished after {kills} kills: {'the same bytes' if same else 'OTHER BYTES'}")
                if not same:
                    return 1
                shutil.rmtree(root / "killed")
        status, _, err = finished(started(again, root, REAL))
        same = status in ENDED and written(root / "killed") == written(root / "calm")
        print(f"{kills} kills, {ends + 1} times finished: {'the same bytes' if same else 'OTHER BYTES'}\n{err}")
        return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
