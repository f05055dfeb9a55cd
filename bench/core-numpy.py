"""Mean microseconds of one Thompson draw in NumPy: Generator.beta(a, b) of all arms, then argmax.

    python core-numpy.py ARMS [SECONDS]

Arms are of the kind of the Java benchmark: rates of 2 to 10 %, 100 to 2,100 trials each. Prints one number.
"""
import sys
import time

import numpy as np

arms = int(sys.argv[1])
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
rng = np.random.default_rng(1)
trials = 100 + rng.integers(0, 2001, arms)
successes = np.round(trials * rng.uniform(0.02, 0.1, arms))
alpha, beta = 1.0 + successes, 1.0 + trials - successes


def microseconds(for_seconds):
    batch = max(1, 20_000 // arms)
    draws = 0
    start = time.perf_counter()
    while time.perf_counter() - start < for_seconds:
        for _ in range(batch):
            np.argmax(rng.beta(alpha, beta))
        draws += batch
    return (time.perf_counter() - start) / draws * 1e6


microseconds(seconds / 4)
print(f"{microseconds(seconds):.3f}")
