"""Bandit's offline pipeline as Dagster assets.

Every asset is made by a ./bandit command in a process of its own, which tells Dagster by the Pipes protocol what it made. Nothing is
computed here.
"""

import os
from pathlib import Path

import dagster as dg

HOME = Path(__file__).resolve().parents[2]

# A conclusion that is "undecided" is an answer, and its exit status 3 no failure; every other status passes through.
ANSWERED = ["sh", "-c", '"$@" || { status=$?; [ $status = 3 ] || exit $status; }', "bandit"]


class Bandit(dg.ConfigurableResource):
    """How the commands are called, and on what."""

    command: list[str] = [str(HOME / "bandit")]
    logs: str = os.environ.get("BANDIT_LOGS", "open_bandit_dataset")
    store: str = os.environ.get("BANDIT_STORE", "store")
    campaign: str = "men"
    policy: str = "thompson"
    seeds: int = 20
    mlflow: str = os.environ.get("BANDIT_MLFLOW", "")
    # An experiment of a running service, to be concluded instead of the log.
    experiment: str = ""
    url: str = "http://127.0.0.1:8080"

    def tracked(self, *arguments: str) -> list[str]:
        return [*self.command, *arguments, *(["--mlflow", self.mlflow] if self.mlflow else [])]

    def logged(self, command: str, behavior: str, *arguments: str) -> list[str]:
        return self.tracked(
            command, "--store", self.store, "--behavior", behavior, "--campaign", self.campaign, *arguments
        )


@dg.multi_asset(specs=[dg.AssetSpec("bronze"), dg.AssetSpec("silver", deps=["bronze"])])
def ingested(context: dg.AssetExecutionContext, bandit: Bandit, pipes: dg.PipesSubprocessClient):
    """Logs as received, and as typed rows."""
    command = [*bandit.command, "ingest", "--from", bandit.logs, "--store", bandit.store]
    return pipes.run(context=context, command=command).get_results(implicit_materializations=False)


@dg.asset(deps=["silver"])
def replay(context: dg.AssetExecutionContext, bandit: Bandit, pipes: dg.PipesSubprocessClient):
    """What the policy would have learned from the log of random choices."""
    command = bandit.logged("replay", "random", "--policy", bandit.policy, "--seeds", str(bandit.seeds))
    return pipes.run(context=context, command=command).get_materialize_result(implicit_materialization=False)


@dg.asset(deps=["silver"])
def ope(context: dg.AssetExecutionContext, bandit: Bandit, pipes: dg.PipesSubprocessClient):
    """What uniform choices would have earned, by the log of a bandit: the answer is known from the random log."""
    command = bandit.logged("ope", "bts", "--policy", "uniform")
    return pipes.run(context=context, command=command).get_materialize_result(implicit_materialization=False)


@dg.asset(deps=["silver"], check_specs=[dg.AssetCheckSpec("enough_decisions", asset="verdict")])
def verdict(context: dg.AssetExecutionContext, bandit: Bandit, pipes: dg.PipesSubprocessClient):
    """Whether the stopping rule names a winner."""
    command = (
        bandit.tracked("conclude", bandit.experiment, "--url", bandit.url)
        if bandit.experiment
        else bandit.logged("conclude", "random")
    )
    # A command reports the checks that it is asked for, and no others.
    extras = {"checks": ["enough_decisions"]}
    return pipes.run(context=context, command=[*ANSWERED, *command], extras=extras).get_materialize_result(
        implicit_materialization=False
    )


@dg.asset_check(asset="silver", blocking=True)
def few_rejected_rows(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
    """At most 1 % of the rows were rejected; nothing is evaluated on more."""
    latest = context.instance.get_latest_materialization_event(dg.AssetKey("silver"))
    metadata = latest.asset_materialization.metadata if latest and latest.asset_materialization else {}
    if "rows" not in metadata or "rejected_rows" not in metadata:
        return dg.AssetCheckResult(passed=False, description="silver does not say rows and rejected_rows")
    rows, rejected = metadata["rows"].value, metadata["rejected_rows"].value
    share = rejected / max(1, rows + rejected)
    return dg.AssetCheckResult(passed=rows > 0 and share <= 0.01, metadata={"share": share})


everything = dg.define_asset_job("everything", selection=dg.AssetSelection.all())

defs = dg.Definitions(
    assets=[ingested, replay, ope, verdict],
    asset_checks=[few_rejected_rows],
    jobs=[everything],
    schedules=[dg.ScheduleDefinition(name="daily", job=everything, cron_schedule="0 5 * * *")],
    resources={"bandit": Bandit(), "pipes": dg.PipesSubprocessClient()},
)
