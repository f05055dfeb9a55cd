"""Reference values for dev.bandit.core.evaluation: estimates by the Open Bandit Pipeline, standard errors and bounds by literal
formulas over the rounds, in NumPy. No code shared with the Java side.

    pip install --no-deps obp==0.5.5; pip install "numpy<2" "scipy<1.14" scikit-learn pandas        (Python 3.9)
    python evaluation_reference.py ../resources/reference [table ...]

The package imports PyTorch for estimators that are not used here: an empty module stands in for it, and only its module of
estimators is loaded. NaN stands for undefined.
"""
import csv
import importlib
import math
import os
import sys
import types
from importlib.util import find_spec

import numpy as np

SEED = 20260301
NAN = float("nan")
LEVEL = 0.95


def pipeline():
    where = os.path.dirname(find_spec("obp").origin)
    torch = types.ModuleType("torch")
    torch.Tensor = torch.tensor = type("Tensor", (), {})
    sys.modules["torch"] = torch
    for name, path in [("obp", where), ("obp.ope", os.path.join(where, "ope"))]:
        shell = types.ModuleType(name)
        shell.__path__ = [path]
        sys.modules[name] = shell
    return importlib.import_module("obp.ope.estimators")


OBP = pipeline()


class Rounds:
    """Logged rounds of some arms at some positions, a target policy and a model, in the pipeline's form."""

    def __init__(self, rng, i):
        n = [1, 2, 3][i] if i < 3 else int(rng.integers(4, 32))
        arms, positions = int(rng.integers(2, 8)), int(rng.integers(1, 4))
        skew = rng.choice([0.3, 1, 5])
        logged = rng.dirichlet([skew] * arms, n) * 0.98 + 0.02 / arms
        self.action = np.array([rng.choice(arms, p=p / p.sum()) for p in logged])
        self.position = rng.integers(0, positions, n)
        self.propensity = logged[np.arange(n), self.action]
        shape = (n, arms, positions)
        kind = i % 4
        if kind == 0:
            self.reward = (rng.uniform(size=n) < 0.4).astype(float)
            model = rng.uniform(size=shape)
        elif kind == 1:
            self.reward = rng.uniform(size=n).round(3)
            model = rng.uniform(size=shape)
        elif kind == 2:
            self.reward = rng.normal(0, 5, n).round(3)
            model = rng.normal(0, 5, shape)
        else:
            self.reward = (1000 + rng.normal(0, 1, n)).round(3)
            model = 1000 + rng.normal(0, 1, shape)
        self.model = model.round(4)
        target = rng.dirichlet([rng.choice([0.2, 1, 10])] * arms, (n, positions)).transpose(0, 2, 1)
        if i % 5 == 0:
            target = np.zeros(shape)
            target[np.arange(n), rng.integers(0, arms, n), :] = 1
        self.target = target / target.sum(axis=1, keepdims=True)
        chosen = (np.arange(n), self.action, self.position)
        self.pi_e, self.q = self.target[chosen], self.model[chosen]
        there = (np.arange(n), slice(None), self.position)
        self.m = (self.target[there] * self.model[there]).sum(axis=1)
        self.w = self.pi_e / self.propensity

    def arguments(self):
        return dict(reward=self.reward, action=self.action, pscore=self.propensity, action_dist=self.target,
                    position=self.position, estimated_rewards_by_reg_model=self.model)


def cell(value):
    if isinstance(value, (str, int)):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if math.isinf(value) else repr(float(value))


def standard_error(scores, parts):
    """Of their mean; undefined where all that varies is the rounding of the parts."""
    n = len(scores)
    spread = np.var(scores, ddof=1) if n > 1 else 0
    size = np.mean(np.square(parts))
    return math.sqrt(spread / n) if spread > 1e-20 * size else NAN


def bernstein(scores, width):
    n = len(scores)
    if n < 2 or width == 0:
        return NAN
    log = math.log(2 / ((1 - LEVEL) / 2))
    return math.sqrt(2 * np.var(scores, ddof=1) * log / n) + 7 * width * log / (3 * (n - 1))


def evaluation(rng):
    for i in range(240):
        rounds = Rounds(rng, i)
        clip, tau, lam = (float(x) for x in rng.choice([0, 0.5, 1, 3, 10, math.inf], 3))
        lam = lam if lam or rounds.w.all() else 2.5
        obps = dict(
            ipw=OBP.InverseProbabilityWeighting(), clipped_ipw=OBP.InverseProbabilityWeighting(lambda_=clip),
            snipw=OBP.SelfNormalizedInverseProbabilityWeighting(), dm=OBP.DirectMethod(), dr=OBP.DoublyRobust(),
            clipped_dr=OBP.DoublyRobust(lambda_=clip), sndr=OBP.SelfNormalizedDoublyRobust(),
            switch_dr=OBP.SwitchDoublyRobust(lambda_=tau), dros=OBP.DoublyRobustWithShrinkage(lambda_=lam))
        w, r, q, m, mean = rounds.w, rounds.reward, rounds.q, rounds.m, rounds.w.mean()
        row = [clip, tau, lam] + [" ".join(map(repr, map(float, column)))
                                  for column in (r, rounds.propensity, rounds.pi_e, q, m)]
        for name, estimator in obps.items():
            if mean == 0 and name in ("snipw", "sndr"):
                row.append(NAN)
            else:
                row.append(float(estimator.estimate_policy_value(**rounds.arguments())))
        scores = dict(ipw=w * r, clipped_ipw=np.minimum(w, clip) * r, dr=m + w * (r - q))
        # What is taken from the weights is left to a model that errs as much.
        influences = dict(scores, **dict.fromkeys(["dm", "clipped_dr", "switch_dr", "dros"], scores["dr"]))
        if mean > 0:
            # Linearised about the estimates: the mean of an influence is the estimate's.
            value = np.sum(w * r) / np.sum(w)
            influences["snipw"] = w * (r - value) / mean
            correction = np.sum(w * (r - q)) / np.sum(w)
            influences["sndr"] = m + w * (r - q - correction) / mean
        parts = [np.abs(m), np.abs(w * r), np.abs(w * (r - q))]
        row += [standard_error(influences[name], sum(parts)) if name in influences else NAN for name in obps]
        row += [bernstein(x, x.max() - x.min()) for x in scores.values()]
        lowest, highest = float(min(r.min(), rounds.model.min())) - 1, float(max(r.max(), rounds.model.max())) + 1
        bound = float(w.max() + 1)
        top = dict(ipw=bound, clipped_ipw=min(bound, clip), dr=bound)
        row += [lowest, highest, bound]
        for name, x in scores.items():
            if name.endswith("ipw"):
                width = top[name] * (max(0, highest) - min(0, lowest))
            else:
                width = (1 + 2 * top[name]) * (highest - lowest)
            row.append(bernstein(x, width))
        row += [float(np.sum(w) ** 2 / np.sum(w * w)) if mean > 0 else 0.0, float(w.max()), float(mean)]
        yield row


def replay(rng):
    """Policies that always play one arm, against uniformly random logs."""
    method = OBP.ReplayMethod()
    for _ in range(200):
        n, arms = int(rng.integers(20, 60)), int(rng.integers(2, 6))
        action, reward = rng.integers(0, arms, n), rng.uniform(size=n).round(4)
        played = int(rng.integers(0, arms))
        target = np.zeros((n, arms, 1))
        target[:, played] = 1
        value = float(method.estimate_policy_value(reward=reward, action=action, action_dist=target))
        yield [arms, played, " ".join(map(str, action)), " ".join(map(repr, map(float, reward))), int((action == played).sum()),
               value if (action == played).any() else NAN]


NAMES = ["ipw", "clipped_ipw", "snipw", "dm", "dr", "clipped_dr", "sndr", "switch_dr", "dros"]
BOUNDED = ["ipw", "clipped_ipw", "dr"]
TABLES = {
    "evaluation": (evaluation, ["clip", "tau", "lambda", "reward", "propensity", "target", "predicted", "expected", *NAMES,
                                *(name + "_se" for name in NAMES), *(name + "_observed" for name in BOUNDED),
                                "lowest", "highest", "weight", *(name + "_bounded" for name in BOUNDED),
                                "ess", "max_weight", "mean_weight"]),
    "replay": (replay, ["arms", "played", "chosen", "rewards", "matches", "value"]),
}


if __name__ == "__main__":
    for table in sys.argv[2:] or TABLES:
        rows, header = TABLES[table]
        with open(os.path.join(sys.argv[1], table + ".csv"), "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows([cell(v) for v in row] for row in rows(np.random.default_rng([SEED, len(table)])))
