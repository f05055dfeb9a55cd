"""Writes src/test/resources/reference/quantile.csv: quantiles of Betas whose parameters are far apart or very large.

    pip install mpmath
    python quantile_reference.py ../resources/reference

Quadrature of the density over log-odds in 40 digits, and Newton's method on the integral: no continued fraction, nothing shared
with the Java side. A relative difference of more than 1e-20 between two Gauss rules stops the script.
"""
import csv
import math
import random
import sys

import mpmath
from mpmath import mpf

mpmath.mp.dps = 40
SEED = 20260201
OUT_OF_REACH = 100
PROBABILITIES = [1e-12, 1e-6, 0.025, 0.3, 0.5]


def legendre(nodes, t):
    """The polynomial and its derivative."""
    before, value = mpf(1), t
    for k in range(2, nodes + 1):
        before, value = value, ((2 * k - 1) * t * value - (k - 1) * before) / k
    return value, nodes * (t * value - before) / (t * t - 1)


def gauss(nodes):
    points = []
    for i in range(nodes):
        t = mpf(math.cos(math.pi * (i + 0.75) / (nodes + 0.5)))
        for _ in range(6):
            value, slope = legendre(nodes, t)
            t -= value / slope
        _, slope = legendre(nodes, t)
        points.append((t, 2 / ((1 - t * t) * slope * slope)))
    return points


RULES = [gauss(24), gauss(32)]


class LogitBeta:
    def __init__(self, a, b):
        self.a, self.b = mpf(a), mpf(b)
        self.constant = mpmath.loggamma(self.a + self.b) - mpmath.loggamma(self.a) - mpmath.loggamma(self.b)
        self.mode = mpmath.log(self.a / self.b)
        self.scale = mpmath.sqrt(1 / self.a + 1 / self.b)
        # Where the density bends: its peak, the ends of the plateau between, and the change from x to 1 - x.
        centres = {self.mode: self.scale, mpf(0): mpf(1)}
        if a > 1:
            centres[mpmath.log(self.a)] = mpf(1)
        if b > 1:
            centres[-mpmath.log(self.b)] = mpf(1)
        self.breaks = sorted({c + sign * min(w, 1) * mpf(2) ** k
                              for c, w in centres.items() for sign in (-1, 0, 1) for k in range(-1, 60)})

    def log_density(self, u):
        e = mpmath.exp(-abs(u))
        rest = mpmath.log1p(e)
        log_x, log_y = (-rest, -u - rest) if u > 0 else (u - rest, -rest)
        return self.constant + self.a * log_x + self.b * log_y

    def integral(self, low, high):
        if low > high:
            return -self.integral(high, low)
        # Far below the peak the density falls off from the upper end.
        falling = [high - (high - low) / 2 ** k for k in range(1, 12)]
        ends = sorted([low] + [u for u in self.breaks if low < u < high] + falling + [high])
        sums = []
        for rule in RULES:
            total = mpf(0)
            for left, right in zip(ends, ends[1:]):
                half, middle = (right - left) / 2, (right + left) / 2
                total += half * sum(w * mpmath.exp(self.log_density(middle + half * t)) for t, w in rule)
            sums.append(total)
        if abs(sums[0] - sums[1]) > mpf(10) ** -20 * max(abs(sums[1]), mpf(10) ** -14):
            raise ArithmeticError(f"{self.a} {self.b}: {sums}")
        return sums[1]

    def below(self, u):
        lost, reach = self.log_density(u) - OUT_OF_REACH, self.scale
        while self.log_density(u - reach) > lost:
            reach *= 2
        while self.log_density(u - reach / 2) < lost:
            reach /= 2
        return self.integral(u - reach, u)

    def quantile(self, p):
        """Log-odds u with P(theta <= rate of u) = p; log F is concave, so that the steps after the first come from below."""
        u = self.mode
        below = self.below(u)
        while True:
            step = below / mpmath.exp(self.log_density(u)) * mpmath.log(p / below)
            # Small steps add to the integral; after large ones nothing would be left of its digits.
            if abs(step) < min(self.scale, 1) / 4:
                below += self.integral(u, u + step)
            else:
                while (after := self.below(u + step)) < p * p and step < 0:
                    step /= 2
                below = after
            u += step
            if abs(step) < mpf(10) ** -18 * self.scale:
                return u


def log_uniform(rng, low, high):
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def cases(rng):
    yield 6.122286837506382e8, 818.806434
    for i in range(60):
        small, large = log_uniform(rng, 1e-6, 1e6), log_uniform(rng, 1e7, 1e10)
        yield (small, large) if i % 4 == 0 else (large, small)
    for _ in range(40):
        yield log_uniform(rng, 1e-6, 1e10), log_uniform(rng, 1e-6, 1e10)
    for i in range(24):
        prior = rng.choice([0.5, 1.0, 2.5])
        n = int(log_uniform(rng, 10, 1e10))
        k = [0, n, int(n * rng.random()), 3][i % 4]
        yield k + prior, n - k + prior


def main(target):
    rng = random.Random(SEED)
    with open(f"{target}/quantile.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["alpha", "beta", "probability", "quantile", "complement"])
        for a, b in cases(rng):
            beta = LogitBeta(a, b)
            for p in rng.sample(PROBABILITIES, 2):
                u = beta.quantile(mpf(p))
                x, y = 1 / (1 + mpmath.exp(-u)), 1 / (1 + mpmath.exp(u))
                out.writerow([repr(a), repr(b), repr(p), repr(float(x)), repr(float(y))])
                file.flush()


if __name__ == "__main__":
    main(sys.argv[1])
