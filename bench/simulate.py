"""Decisions a second of Thompson sampling played one decision after the other, as one writes it in Python.

    python simulate.py numpy|mabwiser HORIZON SECONDS RATE...

Plays whole replications of the given arms until SECONDS are over, and prints decisions a second; of MABWiser, whose
replications take minutes, what was played by then. Python and imports are not counted.
"""
import sys
import time

import numpy as np

subject, horizon, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
rates = np.array([float(rate) for rate in sys.argv[4:]])
rng = np.random.default_rng(1)


def numpy_run(end):
    alpha, beta = np.ones(len(rates)), np.ones(len(rates))
    random, draw = rng.random, rng.beta
    for step in range(horizon):
        arm = draw(alpha, beta).argmax()
        if random() < rates[arm]:
            alpha[arm] += 1
        else:
            beta[arm] += 1
    return horizon


def mabwiser_run(end):
    from mabwiser.mab import MAB, LearningPolicy

    arms = list(range(len(rates)))
    mab = MAB(arms, LearningPolicy.ThompsonSampling(), seed=1)
    mab.fit(arms, [int(rng.random() < rate) for rate in rates])
    for step in range(horizon):
        if time.perf_counter() >= end:
            return step
        arm = mab.predict()
        mab.partial_fit([arm], [int(rng.random() < rates[arm])])
    return horizon


run = {"numpy": numpy_run, "mabwiser": mabwiser_run}[subject]
if subject == "mabwiser":
    run(time.perf_counter() + 0.5)  # imports
start = time.perf_counter()
decisions = 0
while time.perf_counter() < start + seconds:
    decisions += run(start + seconds)
print(f"{decisions / (time.perf_counter() - start):.0f}")
