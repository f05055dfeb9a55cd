"""Writes the reference values of src/test/resources/reference, independently of the Java code.

    pip install numpy scipy mpmath
    python reference.py ../resources/reference

Where the Java code sweeps densities over log-odds, this integrates over quantiles: with t = F_k(x),

    P(k is best) = integral over t in (0, 1) of prod_{j != k} F_j(F_k^-1(t)),

whose integrand has neither peaks nor poles. F and its inverse are Boost's (through SciPy), both tails kept apart, so that
rates next to 1 stay resolved. Panels break at every arm's quantiles; each value is computed with 12 and with 24 nodes
a panel, and a difference of more than 1e-9 stops the script. P(A > B) of whole parameters comes from mpmath's exact sum.
"""
import csv
import sys

import mpmath
import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc, betaincinv

SEED = 20250601
TAILS = np.concatenate([10.0 ** -np.arange(18, 1, -1.0), np.arange(0.05, 0.5, 0.05)])


def parameter(x):
    return float(f"{x:.6g}")


def rate_and_complement(a, b, t, s):
    """F^-1(t) and its complement, s = 1 - t."""
    low = t <= 0.5
    x, y = np.empty_like(t), np.empty_like(t)
    x[low] = betaincinv(a, b, t[low])
    y[low] = 1 - x[low]
    y[~low] = betaincinv(b, a, s[~low])
    x[~low] = 1 - y[~low]
    return x, y


def cdf(a, b, x, y):
    return np.where(x <= 0.5, betainc(a, b, x), 1 - betainc(b, a, y))


def breaks(k, a, b, stretch, to_upper_end):
    """Panel ends in t (or in 1 - t) from 0 to 1/2: own tails, and where the other arms' quantiles fall."""
    points = [TAILS]
    for j in range(len(a)):
        x = betaincinv(a[j], b[j], TAILS)
        y = betaincinv(b[j], a[j], TAILS)
        for rate, rest in ((x, 1 - x), (1 - y, y)):
            rate, rest = rate / (1 + stretch), (stretch + rest) / (1 + stretch)
            own = betainc(b[k], a[k], rest) if to_upper_end else betainc(a[k], b[k], rate)
            points.append(own)
    kink = betainc(b[k], a[k], stretch / (1 + stretch)) if to_upper_end else betainc(a[k], b[k], 1 / (1 + stretch))
    points = np.unique(np.concatenate(points + [[kink]]))
    points = points[(points > 1e-18) & (points < 0.5)]
    kept = [0.0]
    for p in points:
        # Stretched, the integrand has a kink, towards which panels must be allowed to shrink.
        near = min(1e-3 * p, 0.2 * abs(p - kink) + 1e-12 * p) if stretch else 1e-3 * p
        if p - kept[-1] > near:
            kept.append(p)
    return np.array(kept + [0.5])


def probability_best(k, a, b, stretch=0.0, rules=(12, 24)):
    results = []
    for nodes in rules:
        t0, w0 = np.polynomial.legendre.leggauss(nodes)
        total = 0.0
        for upper in (False, True):
            ends = breaks(k, a, b, stretch, upper)
            half = np.diff(ends)[:, None] / 2
            t = (ends[:-1, None] + half * (1 + t0)).ravel()
            w = (half * w0).ravel()
            x, y = rate_and_complement(a[k], b[k], 1 - t, t) if upper else rate_and_complement(a[k], b[k], t, 1 - t)
            x, y = x * (1 + stretch), y - stretch * x
            product = np.ones_like(t)
            for j in range(len(a)):
                if j != k:
                    inside = y > 0
                    product[inside] *= cdf(a[j], b[j], np.minimum(x[inside], 1), y[inside])
            total += np.dot(w, product)
        results.append(total)
    if abs(results[0] - results[-1]) > 1e-9:
        raise ArithmeticError(f"P(best) unsettled: {results} for {k} of {a} {b}")
    return results[-1]


def mean_of_maximum(a, b):
    """integral of 1 - prod F_j(x) over x."""
    narrowest = np.sqrt(a * b / (a + b) ** 2 / (a + b + 1)).min()
    results = []
    for nodes in (12, 24):
        t0, w0 = np.polynomial.legendre.leggauss(nodes)
        total = 0.0
        for upper in (False, True):
            ends = [10.0 ** -np.arange(30, 0, -0.5)]
            for j in range(len(a)):
                for tail in (TAILS, 1 - TAILS):
                    ends.append(betaincinv(b[j], a[j], tail) if upper else betaincinv(a[j], b[j], tail))
            ends = np.unique(np.concatenate(ends))
            ends = ends[(ends > 1e-30) & (ends < 0.5)]
            kept = [0.0]
            for p in ends:
                if p - kept[-1] > min(0.05 * narrowest, 0.3 * p):
                    kept.append(p)
            ends = np.array(kept + [0.5])
            half = np.diff(ends)[:, None] / 2
            x = (ends[:-1, None] + half * (1 + t0)).ravel()
            w = (half * w0).ravel()
            x, y = (1 - x, x) if upper else (x, 1 - x)
            product = np.ones_like(x)
            for j in range(len(a)):
                product *= cdf(a[j], b[j], x, y)
            total += np.dot(w, 1 - product)
        results.append(total)
    if abs(results[0] - results[1]) > 1e-10:
        raise ArithmeticError(f"E[max] unsettled: {results} for {a} {b}")
    return results[1]


def exact_greater(a1, b1, a2, b2):
    """P(Beta(a1, b1) > Beta(a2, b2)), a1 whole: E. Miller's finite sum in 50 digits."""
    with mpmath.workdps(50):
        a1, b1, a2, b2 = (mpmath.mpf(v) for v in (a1, b1, a2, b2))
        term = mpmath.beta(a2, b1 + b2) / (b1 * mpmath.beta(1, b1) * mpmath.beta(a2, b2))
        total = mpmath.mpf(0)
        for i in range(int(a1)):
            total += term
            # ratio of consecutive terms B(a2 + i, b1 + b2) / ((b1 + i) B(1 + i, b1))
            term *= (a2 + i) / (a2 + i + b1 + b2) * (b1 + i) / (1 + i)
        return float(total)


def random_arm(rng, style):
    if style == "wide":
        return parameter(np.exp(rng.uniform(np.log(0.5), np.log(1e7)))), parameter(np.exp(rng.uniform(np.log(0.5), np.log(1e7))))
    n = np.exp(rng.uniform(np.log(2), np.log(2e7 if style == "rates" else 2e4)))
    q = rng.uniform(0.05, 0.06) if style == "rates" else rng.uniform(0.2, 0.8)
    return parameter(max(0.5, n * q)), parameter(max(0.5, n * (1 - q)))


def close_arms(rng, count):
    """Posteriors of one size whose means differ by about their standard deviation."""
    n = np.exp(rng.uniform(np.log(20), np.log(1e7)))
    q = rng.uniform(0.02, 0.98)
    sd = np.sqrt(q * (1 - q) / n)
    means = np.clip(q + sd * rng.normal(size=count), 0.5 / n, 1 - 0.5 / n)
    return [(parameter(max(0.5, n * m)), parameter(max(0.5, n * (1 - m)))) for m in means]


def arm_sets(rng, counts):
    for i, count in enumerate(counts):
        style = ("wide", "rates", "free", "close")[i % 4]
        arms = close_arms(rng, count) if style == "close" else [random_arm(rng, style) for _ in range(count)]
        if i % 8 == 5:
            arms[0], arms[-1] = (0.5, 0.5), (1e6, 1e7)
        yield np.array([a for a, _ in arms]), np.array([b for _, b in arms])


def write(path, header, rows):
    with open(path, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        for row in rows:
            out.writerow(row)
            file.flush()


def listed(values, form="{:.12g}"):
    return " ".join(form.format(v) for v in values)


def posteriors(rng):
    for i in range(240):
        a, b = random_arm(rng, ("wide", "rates", "free")[i % 3])
        with mpmath.workdps(40):
            mean, sd = a / (a + b), np.sqrt(a * b / (a + b) ** 2 / (a + b + 1))
            x = float(np.clip(mean + sd * rng.uniform(-5, 5), mean * 1e-3, 1 - (1 - mean) * 1e-3))
            log_pdf = float((a - 1) * mpmath.log(mpmath.mpf(x)) + (b - 1) * mpmath.log(1 - mpmath.mpf(x))
                            - mpmath.loggamma(a) - mpmath.loggamma(b) + mpmath.loggamma(a + mpmath.mpf(b)))
        p = float(rng.choice([rng.uniform(), 10 ** rng.uniform(-12, -1)]))
        yield [f"{a!r}", f"{b!r}", repr(x), repr(log_pdf), repr(float(betainc(a, b, x))), repr(p), repr(float(betaincinv(a, b, p)))]


def pairs(rng):
    for i, (a, b) in enumerate(arm_sets(rng, [2] * 240)):
        if i % 3 == 0:
            a[0] = np.ceil(min(a[0], 1e5) ** 0.8)
            p = exact_greater(a[0], b[0], a[1], b[1])
        else:
            p = probability_best(0, a, b)
        yield [repr(float(v)) for v in (a[0], b[0], a[1], b[1])] + [f"{p:.15g}"]


def best(rng):
    counts = [2, 3, 4, 5, 6, 7, 8, 10] * 25 + [20, 20, 30, 30, 50]
    for a, b in arm_sets(rng, counts):
        p = np.array([probability_best(k, a, b) for k in range(len(a))])
        if abs(p.sum() - 1) > 1e-8:
            raise ArithmeticError(f"P(best) sums to {p.sum()} for {a} {b}")
        loss = mean_of_maximum(a, b) - a / (a + b)
        yield [listed(a), listed(b), listed(p, "{:.10f}"), listed(loss, "{:.11f}")]


def value_remaining(rng):
    for a, b in arm_sets(rng, [2, 3, 4, 2] * 52 + [10] * 4):
        p = np.array([probability_best(k, a, b) for k in range(len(a))])
        ranked = np.sort(p)
        if ranked[-1] - ranked[-2] < 1e-6 or abs(ranked[-1] - 0.95) < 1e-6:
            continue
        leader = int(np.argmax(p))

        def excess(log_v):
            return probability_best(leader, a, b, np.exp(log_v), rules=(16,)) - 0.95

        percentile = 0.0
        if p[leader] < 0.95:
            high = -4.0
            while excess(high) < 0:
                high += 2
            low = high - 2
            while excess(low) > 0:
                low -= 2
            percentile = float(np.exp(brentq(excess, low, high, xtol=1e-10, rtol=1e-10)))
            if abs(probability_best(leader, a, b, percentile) - 0.95) > 1e-8:
                raise ArithmeticError(f"percentile unsettled for {a} {b}")
        yield [listed(a), listed(b), leader, f"{percentile:.12g}", f"{probability_best(leader, a, b, 0.01):.11f}"]


if __name__ == "__main__":
    target = sys.argv[1]
    only = sys.argv[2:]
    tables = {
        "posterior": (posteriors, ["alpha", "beta", "x", "log_pdf", "cdf", "probability", "quantile"]),
        "greater": (pairs, ["alpha_a", "beta_a", "alpha_b", "beta_b", "probability_a_greater"]),
        "best": (best, ["alpha", "beta", "probability_best", "expected_loss"]),
        "value-remaining": (value_remaining, ["alpha", "beta", "leader", "percentile_95", "probability_below_0.01"]),
    }
    for number, (name, (rows, header)) in enumerate(tables.items()):
        if not only or name in only:
            write(f"{target}/{name}.csv", header, rows(np.random.default_rng(SEED + number)))
