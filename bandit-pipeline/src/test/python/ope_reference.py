"""Reference values for dev.bandit.pipeline.ope: estimates by the Open Bandit Pipeline from the CSV files of logs, with a reward model of
cell means cross-fitted in NumPy. No code shared with the Java side.

    pip install --no-deps obp==0.5.5; pip install "numpy<2" "scipy<1.14" scikit-learn pandas        (Python 3.9)
    ./bandit ingest --generate 6000 --seed 7 --to GENERATED
    python ope_reference.py ../resources/reference generated=GENERATED sample=OPEN_BANDIT_DATASET

Asked about are the uniform policy and a table of probabilities, which is written too.
"""
import csv
import importlib
import os
import sys
import types
from importlib.util import find_spec

import numpy as np
import pandas as pd

FOLDS, BUCKETS = 4, 256
CLIP, TAU, SHRINK = 3.0, 5.0, 20.0
ITEMS, POSITIONS = 34, 3


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


def model(fold, item, position, click):
    """Means of the other folds, by fold, item and position; a cell's is drawn to the item's, and that to the mean of all, by one round."""
    means = np.empty((FOLDS, ITEMS, POSITIONS))
    for f in range(FOLDS):
        other = fold != f
        overall = click[other].mean()
        for a in range(ITEMS):
            mine = other & (item == a)
            of_item = (click[mine].sum() + overall) / (mine.sum() + 1)
            for k in range(POSITIONS):
                cell = mine & (position == k)
                means[f, a, k] = (click[cell].sum() + of_item) / (cell.sum() + 1)
    return means


def estimates(log, target):
    row = log.iloc[:, 0].to_numpy(np.int64)
    fold = ((row * 2654435761) >> 16) % BUCKETS % FOLDS
    item, position = log["item_id"].to_numpy(), log["position"].to_numpy() - 1
    click = log["click"].to_numpy(float)
    rounds = dict(
        reward=click, action=item, position=position, pscore=log["propensity_score"].to_numpy(),
        action_dist=np.broadcast_to(target.T, (len(log), ITEMS, POSITIONS)).copy(),
        estimated_rewards_by_reg_model=model(fold, item, position, click)[fold])
    obps = dict(
        ipw=OBP.InverseProbabilityWeighting(), clipped_ipw=OBP.InverseProbabilityWeighting(lambda_=CLIP),
        snipw=OBP.SelfNormalizedInverseProbabilityWeighting(), dm=OBP.DirectMethod(), dr=OBP.DoublyRobust(),
        clipped_dr=OBP.DoublyRobust(lambda_=CLIP), sndr=OBP.SelfNormalizedDoublyRobust(),
        switch_dr=OBP.SwitchDoublyRobust(lambda_=TAU), dros=OBP.DoublyRobustWithShrinkage(lambda_=SHRINK))
    return {name: obp.estimate_policy_value(**rounds) for name, obp in obps.items()}


def main(folder, *logs):
    rng = np.random.default_rng(20261122)
    table = np.array([rng.dirichlet([1.0] * ITEMS).round(6) for _ in range(POSITIONS)])
    table[:, 0] += 1 - table.sum(axis=1)
    with open(os.path.join(folder, "ope_table.csv"), "w") as out:
        out.write("item_id,position,probability\n")
        for k in range(POSITIONS):
            for a in range(ITEMS):
                out.write(f"{a},{k + 1},{table[k, a]!r}\n")
    policies = dict(uniform=np.full((POSITIONS, ITEMS), 1 / ITEMS), table=table)
    with open(os.path.join(folder, "ope.csv"), "w") as out:
        write = csv.writer(out, lineterminator="\n")
        write.writerow(["log", "behavior", "policy", "estimator", "value"])
        for each in logs:
            name, where = each.split("=", 1)
            for behavior in ["random", "bts"]:
                path = os.path.join(where, behavior, "men", "men.csv")
                log = pd.read_csv(path if os.path.exists(path) else path + ".gz")
                for policy, target in policies.items():
                    for estimator, value in estimates(log, target).items():
                        write.writerow([name, behavior, policy, estimator, repr(float(value))])


if __name__ == "__main__":
    main(*sys.argv[1:])
