"""Microseconds of one Thompson draw in NumPy: Generator.beta(a, b) of all arms, then argmax.

    python core-numpy.py ARMS [SECONDS]

Arms are of the kind of the Java benchmark: rates of 2 to 10 %, 100 to 2,100 trials each. Prints one
number, the least mean of the batches of about 10 ms.
"""
import sys
import time

import numpy as np

arms = int(sys.argv[1])
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3.0
rng = np.random.default_rng(1)
trials = 100 + rng.integers(0, 2001, arms)
successes = np.round(trials * rng.uniform(0.02, 0.1, arms))
alpha, beta = 1.0 + successes, 1.0 + trials - successes


def least_microseconds(for_seconds):
    batch = max(1, 100_000 // (arms + 100))
    least = float("inf")
    end = time.perf_counter() + for_seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(batch):
            np.argmax(rng.beta(alpha, beta))
        least = min(least, (time.perf_counter() - start) / batch * 1e6)
    return least


print(f"{least_microseconds(seconds):.3f}")
