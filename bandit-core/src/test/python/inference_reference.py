"""Reference values for dev.bandit.core.inference: SciPy and statsmodels where they are exact enough, mpmath otherwise, and both
against each other where both are. Literal formulas, no code shared with the Java side.

    pip install scipy statsmodels mpmath
    python inference_reference.py ../resources/reference [table ...]

NaN stands for undefined. SciPy 1.17, statsmodels 0.15.
"""
import csv
import math
import sys
import warnings

import mpmath
import numpy as np
from mpmath import mpf
from scipy import stats
from scipy.optimize import brentq, minimize_scalar
from scipy.sparse.csgraph import connected_components
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import (confint_proportions_2indep, proportion_confint, proportion_effectsize,
                                          proportions_ztest)

mpmath.mp.dps = 50
SEED = 20260101
NAN = float("nan")


def agree(ours, theirs, what, tolerance=1e-9):
    if not abs(ours - theirs) <= tolerance * max(abs(theirs), 1e-3):
        raise ArithmeticError(f"{what}: {ours} and {theirs}")


def upper_tail(z):
    return mpmath.erfc(mpf(z) / mpmath.sqrt(2)) / 2


def critical(tail):
    return mpmath.sqrt(2) * mpmath.erfinv(1 - 2 * mpf(tail))


def size(rng, most):
    return int(np.exp(rng.uniform(0, np.log(most))))


def arm(rng, i, most=1e9):
    n = [0, 1, 2, 5][i % 4] if rng.uniform() < 0.1 else size(rng, most)
    kind = rng.uniform()
    if kind < 0.1:
        return 0, n
    if kind < 0.2:
        return n, n
    if kind < 0.3:
        return min(n, int(rng.integers(0, 6))), n
    return int(rng.binomial(n, rng.uniform())), n


def arms_alike(rng, i, most=1e9):
    """Half of the pairs have rates close enough for p values that are not 0."""
    x0, n0 = arm(rng, i, most)
    x1, n1 = arm(rng, i // 4, most)
    if i % 2 and n0 > 0:
        q = x0 / n0
        x1 = int(np.clip(round(n1 * (q + rng.normal() * 2 * math.sqrt(q * (1 - q) * (1 / n0 + 1 / max(1, n1))))), 0, n1))
    return x0, n0, x1, n1


def wilson(x, n, z):
    p = mpf(x) / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * mpmath.sqrt(p * (1 - p) / n + z * z / (4 * mpf(n) ** 2))
    return max(0, centre - half), min(1, centre + half)


def two_proportions(rng):
    for i in range(300):
        x0, n0, x1, n1 = arms_alike(rng, i)
        level = float(rng.choice([0.8, 0.9, 0.95, 0.99, 0.999]))
        z = critical((1 - mpf(level)) / 2)
        row = dict.fromkeys(["z", "greater", "two_sided", "lower", "upper", "lift", "lift_lower", "lift_upper"], NAN)
        w0 = wilson(x0, n0, z) if n0 else (NAN, NAN)
        w1 = wilson(x1, n1, z) if n1 else (NAN, NAN)
        if n0 and n1:
            p0, p1 = mpf(x0) / n0, mpf(x1) / n1
            pooled = mpf(x0 + x1) / (n0 + n1)
            if 0 < pooled < 1:
                row["z"] = (p1 - p0) / mpmath.sqrt(pooled * (1 - pooled) * (mpf(1) / n0 + mpf(1) / n1))
                row["greater"] = upper_tail(row["z"])
                row["two_sided"] = 2 * upper_tail(abs(row["z"]))
                theirs = proportions_ztest([x1, x0], [n1, n0], alternative="larger")
                agree(row["z"], theirs[0], "z", 1e-7)
            row["lower"] = p1 - p0 - mpmath.sqrt((p1 - w1[0]) ** 2 + (w0[1] - p0) ** 2)
            row["upper"] = p1 - p0 + mpmath.sqrt((w1[1] - p1) ** 2 + (p0 - w0[0]) ** 2)
            theirs = confint_proportions_2indep(x1, n1, x0, n0, method="newcomb", compare="diff", alpha=1 - level)
            agree(row["lower"], theirs[0], "newcombe")
            agree(row["upper"], theirs[1], "newcombe")
            theirs = proportion_confint(x1, n1, alpha=1 - level, method="wilson")
            agree(w1[0], theirs[0], "wilson")
            agree(w1[1], theirs[1], "wilson")
            if x0:
                row["lift"] = p1 / p0 - 1
            if x0 and x1 and x0 + x1 < n0 + n1:
                se = mpmath.sqrt(mpf(1) / x1 - mpf(1) / n1 + mpf(1) / x0 - mpf(1) / n0)
                row["lift_lower"] = mpmath.exp(mpmath.log(p1 / p0) - z * se) - 1
                row["lift_upper"] = mpmath.exp(mpmath.log(p1 / p0) + z * se) - 1
                theirs = confint_proportions_2indep(x1, n1, x0, n0, method="log", compare="ratio", alpha=1 - level)
                agree(row["lift_upper"] + 1, theirs[1], "katz")
        yield [x0, n0, x1, n1, level, *w0, *w1, *row.values()]


def power(rng):
    solver = NormalIndPower()
    for i in range(240):
        p0 = float(rng.choice([rng.uniform(), 10 ** rng.uniform(-6, -1)]))
        p1 = float(np.clip(p0 + (1 - p0) * rng.choice([1, 0.1, 1e-3]) * rng.uniform(), 0, 1))
        if i % 10 == 0:
            p0, p1 = (0.0, p1) if i % 20 else (p0, 1.0)
        alpha = float(rng.choice([0.05, 0.01, 0.001, 0.2]))
        wanted = float(rng.uniform(alpha + 0.02, 0.999))
        alternative = "two-sided" if i % 2 else "larger"
        n = float(size(rng, 1e7))
        effect = 2 * (mpmath.asin(mpmath.sqrt(mpf(p1))) - mpmath.asin(mpmath.sqrt(mpf(p0))))
        agree(effect, proportion_effectsize(p1, p0), "effect", 1e-7)
        if alternative == "two-sided" and i % 4 == 1:
            p0, p1, effect = p1, p0, -effect
        crit = critical(mpf(alpha) / (2 if i % 2 else 1))

        def achieved(per_arm):
            shift = effect * mpmath.sqrt(per_arm / 2)
            return upper_tail(crit - shift) + (upper_tail(crit + shift) if i % 2 else 0)

        agree(achieved(mpf(n)), solver.power(float(effect), n, alpha, 1, alternative), "power")
        start = 2 * ((crit + critical(1 - mpf(wanted))) / effect) ** 2
        needed = mpmath.findroot(lambda m: achieved(m) - wanted, (start * mpf("0.3"), start * mpf("1.1")),
                                 solver="anderson", tol=1e-40, maxsteps=200)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = solver.solve_power(float(effect), None, alpha, wanted, 1, alternative)
        if theirs > 10.5:  # below, the solver of statsmodels is at the end of its bracket
            agree(needed, float(np.squeeze(theirs)), "sample size", 1e-6)
        yield [p0, p1, effect, alpha, wanted, alternative, needed, n, achieved(mpf(n))]


def sample(rng, i):
    n = [2, 3, 2, 10][i % 4] if rng.uniform() < 0.2 else max(2, size(rng, 1e9 if i % 5 == 0 else 1e5))
    spread = float(10 ** rng.uniform(-3, 3))
    return n, float(rng.uniform(0, 300)), (0.0 if rng.uniform() < 0.05 else spread)


def similar(rng, i):
    n0, m0, v0 = sample(rng, i)
    n1, m1, v1 = sample(rng, i + 1)
    return n0, m0, v0, n1, float(m0 + rng.normal() * 2 * math.sqrt(v0 / n0 + v1 / n1)) if i % 4 else m1, v1


def welch_parts(n0, m0, v0, n1, m1, v1, ratio=1):
    c, t = mpf(ratio) ** 2 * mpf(v0) / n0, mpf(v1) / n1
    if c + t == 0:
        return NAN, NAN, NAN
    df = (c + t) ** 2 / (c ** 2 / (n0 - 1) + t ** 2 / (n1 - 1))
    return (mpf(m1) - ratio * mpf(m0)), mpmath.sqrt(c + t), df


def t_tail(t, df):
    """P(T > t), t at least 0, by the hypergeometric function, or by the normal expansion of the density far out."""
    return mpmath.betainc(mpf(df) / 2, mpf("0.5"), 0, df / (df + t * t), regularized=True) / 2


def t_tails(t, df):
    tail = stats.t.sf(float(abs(t)), float(df))
    if df < 3000:
        exact = t_tail(abs(t), df)
        agree(tail, exact, "t tail")
        tail = float(exact)
    elif tail > 1e-30:
        exact = mpmath.quad(lambda x: mpmath.exp(-(mpf(df) + 1) / 2 * mpmath.log1p(x * x / df)),
                            [abs(t), abs(t) + 1, abs(t) + 3, abs(t) + 8, abs(t) + 25])
        exact *= mpmath.exp(mpmath.loggamma((df + 1) / 2) - mpmath.loggamma(df / 2)) / mpmath.sqrt(df * mpmath.pi)
        agree(tail, exact, "t tail", 1e-6)
        tail = float(exact)
    else:
        tail = NAN
    return (tail, 1 - tail) if t >= 0 else (1 - tail, tail)


def welch(rng):
    for i in range(260):
        row = similar(rng, i)
        level = float(rng.choice([0.5, 0.9, 0.95, 0.999]))
        difference, se, df = welch_parts(*row)
        if math.isnan(se):
            yield [*row, level] + [NAN] * 6
            continue
        n0, m0, v0, n1, m1, v1 = row
        theirs = stats.ttest_ind_from_stats(m1, v1 ** 0.5, n1, m0, v0 ** 0.5, n0, equal_var=False)
        agree(difference / se, theirs.statistic, "t", 1e-7)
        greater, less = t_tails(difference / se, df)
        half = se * stats.t.isf((1 - level) / 2, float(df))
        yield [*row, level, difference / se, df, 2 * min(greater, less), greater, difference - half, difference + half]


def mann_whitney(rng):
    for i in range(260):
        distinct = int(rng.integers(1, 30))
        values = np.sort(rng.choice(np.arange(-50, 50), distinct, replace=False)) / 4
        most = [2, 3, 20, 1e3, 1e8][i % 5]
        counts = [[0 if rng.uniform() < 0.3 else size(rng, most) for _ in range(distinct)] for _ in range(2)]
        if i % 5 == 4:  # alike, so that p is not 0
            counts[1] = [int(rng.poisson(c)) for c in counts[0]]
        n0, n1 = sum(counts[0]), sum(counts[1])
        u, p, greater = NAN, NAN, NAN
        ties = [a + b for a, b in zip(*counts)]
        n = n0 + n1
        if n0 and n1 and max(ties) < n:
            u = mpf(0)
            for k in range(distinct):
                u += mpf(counts[1][k]) * (sum(counts[0][:k]) + mpf(counts[0][k]) / 2)
            sd = mpmath.sqrt(mpf(n0) * n1 / 12 * (n + 1 - mpf(sum(t ** 3 - t for t in ties)) / (mpf(n) * (n - 1))))
            p = min(mpf(1), 2 * upper_tail((max(u, mpf(n0) * n1 - u) - mpf(n0) * n1 / 2 - mpf("0.5")) / sd))
            greater = upper_tail((u - mpf(n0) * n1 / 2 - mpf("0.5")) / sd)
            if n < 20000:
                x, y = np.repeat(values, counts[0]), np.repeat(values, counts[1])
                theirs = stats.mannwhitneyu(y, x, method="asymptotic")
                agree(u, theirs.statistic, "U")
                agree(p, theirs.pvalue, "p of U")
                agree(greater, stats.mannwhitneyu(y, x, method="asymptotic", alternative="greater").pvalue, "p of U")
        yield [listed(values), listed(counts[0], str), listed(counts[1], str), u, p, greater]


def chi_squared(rng):
    for i in range(240):
        r, c = int(rng.integers(2, 6)), int(rng.integers(2, 6))
        most = [3, 30, 1e4, 1e9][i % 4]
        table = np.array([[0 if rng.uniform() < 0.1 else size(rng, most) for _ in range(c)] for _ in range(r)])
        if i % 2:
            table = rng.poisson(np.outer(rng.uniform(0.2, 1, r), rng.uniform(0.2, 1, c)) * most)
        if i % 10 == 0:
            table[0] = 0
        if i % 15 == 0:
            table[:, -1] = 0
        kept = table[table.sum(1) > 0][:, table.sum(0) > 0]
        if min(kept.shape) < 2:
            yield [r, listed(table.ravel(), str), NAN, 0, NAN]
            continue
        statistic, p, df, _ = stats.chi2_contingency(kept, correction=False)
        yield [r, listed(table.ravel(), str), statistic, df, mpmath.gammainc(mpf(df) / 2, mpf(float(statistic)) / 2, regularized=True)]


def sample_ratio(rng):
    for i in range(240):
        k = int(rng.integers(2, 8))
        shares = rng.dirichlet(np.ones(k))
        n = size(rng, [30, 1e4, 1e9][i % 3])
        counts = rng.multinomial(n, shares)
        if i % 4 == 0:
            counts[0] += int(3 * math.sqrt(n)) + 1
        expected = [mpf(float(s)) * int(counts.sum()) for s in shares]
        statistic = sum((int(o) - e) ** 2 / e for o, e in zip(counts, expected))
        agree(statistic, stats.chisquare(counts, shares / shares.sum() * counts.sum()).statistic, "chi-squared", 1e-6)
        yield [listed(counts, str), listed(shares), statistic, mpmath.gammainc(mpf(k - 1) / 2, statistic / 2, regularized=True)]


def propensities(rng, k, i):
    e = rng.dirichlet(np.full(k, 0.5)) + (1e-6 if i % 3 == 0 else 0.01)
    if i % 4 == 1:  # some arms are not eligible
        e[rng.uniform(size=k) < 0.4] = 0
        e[int(rng.integers(k))] += 0.1
    if i % 8 == 2 and k > 3:  # two groups that never meet
        e[2:] = 0 if rng.uniform() < 0.5 else e[2:]
        e[:2] = 0 if e[2:].sum() > 0 else e[:2]
    return e / e.sum()


def adaptive_sample_ratio(rng):
    for i in range(220):
        k, rounds = int(rng.integers(2, 7)), int(rng.integers(2, 12))
        e = [propensities(rng, k, i) for _ in range(rounds)]
        if i % 11 == 0:
            for row in e:  # an arm that never had a chance
                row[0] = 0
                row[-1] += 1 - row.sum()
        chosen = [rng.multinomial(int(rng.integers(1, 400 if i % 2 else 3)), row / row.sum()) for row in e]
        d = [mpf(0)] * k
        v = mpmath.zeros(k)
        for c, row in zip(chosen, e):
            n = int(c.sum())
            for a in range(k):
                d[a] += int(c[a]) - n * mpf(float(row[a]))
                for b in range(k):
                    v[a, b] += n * ((mpf(float(row[a])) if a == b else 0) - mpf(float(row[a])) * mpf(float(row[b])))
        joined = np.array([[a != b and v[a, b] != 0 for b in range(k)] for a in range(k)])
        groups, label = connected_components(joined)
        statistic, df = mpf(0), k - groups
        for g in range(groups):
            members = [a for a in range(k) if label[a] == g][1:]
            if members:
                inner = mpmath.matrix([[v[a, b] for b in members] for a in members])
                solution = mpmath.lu_solve(inner, mpmath.matrix([d[a] for a in members]))
                statistic += sum(d[a] * solution[j] for j, a in enumerate(members))
        p = mpmath.gammainc(mpf(df) / 2, statistic / 2, regularized=True) if df else NAN
        yield [k, listed(np.concatenate(chosen), str), listed(np.concatenate(e)), statistic if df else NAN, df, p]


def adaptive_mean(rng):
    for i in range(220):
        t = int(rng.integers(1, 60))
        e = np.clip(rng.uniform(size=t) ** 3, 0.001, 1)
        e[rng.uniform(size=t) < 0.1] = 0 if i % 3 == 0 else 1
        chosen = rng.uniform(size=t) < e
        rewards = np.round(rng.uniform(size=t), 4) if i % 5 == 0 else (rng.uniform(size=t) < [0.05, 0.5, 1, 0][i % 4]) * 1.0
        scores, weights, seen = [], [], []
        for j in range(t):
            m = sum(seen, mpf(0)) / len(seen) if seen else mpf("0.5")
            if e[j] > 0:
                scores.append(m + (mpf(float(rewards[j])) - m) / mpf(float(e[j])) if chosen[j] else m)
                weights.append(mpf(float(e[j])))
            if chosen[j]:
                seen.append(mpf(float(rewards[j])))
        row = []
        for h in ([mpf(1)] * len(weights), [mpmath.sqrt(w) for w in weights]):
            if not seen:
                row += [NAN, NAN]
                continue
            q = sum(a * b for a, b in zip(h, scores)) / sum(h)
            se = mpmath.sqrt(sum((a * (b - q)) ** 2 for a, b in zip(h, scores))) / sum(h)
            row += [q, se] if se > 1e-40 else [NAN, NAN]
        yield [listed(e), listed(chosen.astype(int), str), listed(rewards)] + row


def confidence_sequence(rng):
    for i in range(320):
        s, n = arm(rng, i)
        alpha = float(rng.choice([0.05, 0.025, 0.01, 0.001, 1e-6, 0.5]))
        if n == 0:
            yield [0, 0, alpha, 0, 1]
            continue
        constant = mpmath.loggamma(1 + s) + mpmath.loggamma(1 + n - s) - mpmath.loggamma(2 + n) + mpmath.log(mpf(alpha))

        def excess(p):
            return constant - (s * mpmath.log(p) if s else 0) - ((n - s) * mpmath.log1p(-p) if n > s else 0)

        def crossing(inside, outside):
            """Bisection to 60 digits: excess is negative inside and positive outside."""
            for _ in range(260):
                middle = (inside + outside) / 2
                if excess(middle) > 0:
                    outside = middle
                else:
                    inside = middle
            return inside

        mode = mpf(s) / n
        with mpmath.workdps(80):
            yield [s, n, alpha, crossing(mode, mpf(0)) if s else 0, crossing(mode, mpf(1)) if s < n else 1]


def equal_arms(rng):
    for i in range(220):
        k, t = int(rng.integers(2, 6)), int(rng.integers(1, 40))
        rates = rng.uniform(size=k)
        e = [propensities(rng, k, 4 * i + (1 if i % 3 == 0 else 0)) for _ in range(t)]
        arms = [int(rng.choice(k, p=row / row.sum())) for row in e]
        rewards = [float(np.round(rng.uniform(), 3)) if i % 5 == 0 else float(rng.uniform() < rates[a]) for a in arms]
        s, n, log_e, largest = [mpf(0)] * k, [0] * k, mpf(0), mpf(0)
        for row, a, y in zip(e, arms, rewards):
            p = (sum(s) + mpf("0.5")) / (sum(n) + 1)
            theta = [(s[b] + 50 * p) / (n[b] + 50) for b in range(k)]
            value = [th ** mpf(y) * (1 - th) ** (1 - mpf(y)) for th in theta]
            log_e += mpmath.log(value[a] / sum(mpf(float(row[b])) * value[b] for b in range(k)))
            largest = max(largest, log_e)
            s[a] += mpf(y)
            n[a] += 1
        yield [k, listed(arms, str), listed(rewards), listed(np.concatenate(e)), log_e, largest]


def guardrail_means(rng):
    for i in range(240):
        n0, m0, v0, n1, m1, v1 = similar(rng, i)
        margin = float(rng.choice([0, 0.05, 0.25, 1]))
        m1 *= 1 + float(rng.uniform(0, 1.5)) * margin
        row = [n0, m0, v0, n1, m1, v1, margin]
        difference, se, df = welch_parts(n0, m0, v0, n1, m1, v1, 1 + margin)
        if math.isnan(se):
            yield row + [NAN] * 4
            continue
        greater, less = t_tails(difference / se, df)

        def excess(ratio):
            d, s, f = welch_parts(n0, m0, v0, n1, m1, v1, ratio)
            return stats.t.cdf(float(d / s), float(f)) - 0.05 if s else 0.5 * (1 if d > 0 else -1)

        bound = brentq(excess, 1e-9, 1e9, xtol=1e-15, rtol=1e-13) - 1 if excess(1e-9) > 0 > excess(1e9) else NAN
        yield row + [-difference / se, less, greater, bound]


def guardrail_rates(rng):
    for i in range(260):
        x0, n0, x1, n1 = arms_alike(rng, i, 1e7)
        margin = float(rng.choice([0, 0.001, 0.01, 0.05, 0.3]))
        row = [x0, n0, x1, n1, margin]
        if n0 == 0 or n1 == 0:
            yield row + [NAN] * 3
            continue
        delta = -mpf(margin)
        # The cubic of Farrington and Manning (1990) for the treatment's rate.
        th = mpf(n0) / n1
        p1, p0 = mpf(x1) / n1, mpf(x0) / n0
        cubic = [1 + th, -(1 + th + p1 + th * p0 + delta * (th + 2)),
                 delta ** 2 + delta * (2 * p1 + th + 1) + p1 + th * p0, -p1 * delta * (1 + delta)]
        low, high = mpf(0), 1 + delta

        def likelihood(p):
            parts = [(x1, p), (n1 - x1, 1 - p), (x0, p - delta), (n0 - x0, 1 - p + delta)]
            if any(c > 0 and r <= 0 for c, r in parts):
                return mpf("-inf")
            return sum(c * mpmath.log(r) for c, r in parts if c > 0)

        roots = [r.real for r in mpmath.polyroots(cubic, maxsteps=2000, extraprec=400) if abs(r.imag) < mpf("1e-18")]
        roots = [min(max(r, low), high) for r in roots if low - mpf("1e-18") <= r <= high + mpf("1e-18")]
        best = max(roots + [low, high], key=likelihood)
        variance = best * (1 - best) / n1 + (best - delta) * (1 - best + delta) / n0
        if variance < mpf("1e-25"):
            yield row + [NAN] * 3
            continue
        z = (p1 - p0 - delta) / mpmath.sqrt(variance)
        if 0 < x0 < n0 and 0 < x1 < n1:
            # Not against statsmodels: its score test (0.15) has a count where Miettinen and Nurminen have a sample size.
            found = minimize_scalar(lambda p: -float(likelihood(mpf(p))), method="bounded",
                                    bounds=(float(low), float(high)), options={"xatol": 1e-12})
            agree(likelihood(mpf(found.x)), float(likelihood(best)), "constrained likelihood")
        yield row + [z, upper_tail(z), upper_tail(-z)]


def holm(rng):
    for i in range(220):
        p = rng.uniform(size=int(rng.integers(1, 12))) ** rng.choice([1, 4])
        if i % 5 == 0:
            p = np.round(p, 1)
        yield [listed(p), listed(multipletests(p, method="holm")[1])]


def listed(values, form=lambda v: repr(float(v))):
    return " ".join(form(v) for v in values)


def cell(value):
    if isinstance(value, (str, int)):
        return value
    value = float(value)
    return "NaN" if math.isnan(value) else repr(value)


TABLES = {
    "two-proportions": (two_proportions, "x0 n0 x1 n1 level wilson0_lower wilson0_upper wilson1_lower wilson1_upper "
                        "z greater two_sided lower upper lift lift_lower lift_upper"),
    "power": (power, "p0 p1 effect alpha power alternative per_arm n achieved"),
    "welch": (welch, "n0 mean0 variance0 n1 mean1 variance1 level t df two_sided greater lower upper"),
    "mann-whitney": (mann_whitney, "values counts0 counts1 u two_sided greater"),
    "chi-squared": (chi_squared, "rows table statistic df p"),
    "sample-ratio": (sample_ratio, "counts shares statistic p"),
    "adaptive-sample-ratio": (adaptive_sample_ratio, "arms chosen propensities statistic df p"),
    "adaptive-mean": (adaptive_mean, "propensities chosen rewards uniform uniform_se root root_se"),
    "confidence-sequence": (confidence_sequence, "s n alpha lower upper"),
    "equal-arms": (equal_arms, "arms chosen rewards propensities log_e largest"),
    "guardrail-means": (guardrail_means, "n0 mean0 variance0 n1 mean1 variance1 margin statistic p violation bound"),
    "guardrail-rates": (guardrail_rates, "x0 n0 x1 n1 margin statistic p violation"),
    "holm": (holm, "p adjusted"),
}

if __name__ == "__main__":
    target, only = sys.argv[1], sys.argv[2:]
    for number, (name, (rows, header)) in enumerate(TABLES.items()):
        if not only or name in only:
            with open(f"{target}/{name}.csv", "w", newline="") as file:
                out = csv.writer(file, lineterminator="\n")
                out.writerow(header.split())
                for row in rows(np.random.default_rng(SEED + number)):
                    out.writerow([cell(v) for v in row])
