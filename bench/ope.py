"""All of ope's estimators by the Open Bandit Pipeline on the first rows of a log: seconds without reading the file."""
import importlib
import os
import sys
import time
import types
from importlib.util import find_spec

import numpy as np
import pandas as pd

where = os.path.dirname(find_spec("obp").origin)
torch = types.ModuleType("torch")
torch.Tensor = torch.tensor = type("Tensor", (), {})
sys.modules["torch"] = torch
for name, path in [("obp", where), ("obp.ope", os.path.join(where, "ope"))]:
    shell = types.ModuleType(name)
    shell.__path__ = [path]
    sys.modules[name] = shell
estimators = importlib.import_module("obp.ope.estimators")

ITEMS, POSITIONS = 34, 3
columns = ["item_id", "position", "click", "propensity_score"]
log = pd.read_csv(sys.argv[1], nrows=int(sys.argv[2]), usecols=columns)
start = time.perf_counter()
item, position = log["item_id"].to_numpy(), log["position"].to_numpy() - 1
click, n = log["click"].to_numpy(float), len(log)
means = np.zeros((ITEMS, POSITIONS))
counts = np.zeros((ITEMS, POSITIONS))
np.add.at(means, (item, position), click)
np.add.at(counts, (item, position), 1)
model = np.broadcast_to(means / np.maximum(counts, 1), (n, ITEMS, POSITIONS))
rounds = dict(reward=click, action=item, position=position, pscore=log["propensity_score"].to_numpy(),
              action_dist=np.full((n, ITEMS, POSITIONS), 1 / ITEMS), estimated_rewards_by_reg_model=model)
for estimator in [
        estimators.InverseProbabilityWeighting(), estimators.InverseProbabilityWeighting(lambda_=10.0),
        estimators.SelfNormalizedInverseProbabilityWeighting(), estimators.DirectMethod(), estimators.DoublyRobust(),
        estimators.DoublyRobust(lambda_=10.0), estimators.SelfNormalizedDoublyRobust(),
        estimators.SwitchDoublyRobust(lambda_=10.0), estimators.DoublyRobustWithShrinkage(lambda_=100.0)]:
    estimator.estimate_policy_value(**rounds)
print(time.perf_counter() - start)
