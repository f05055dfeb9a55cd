"""Materializes assets of the code location with Dagster in process, and writes what Dagster has on record of it as JSON.

Arguments: the folder of the code location, {"select": [assets], "bandit": {fields of the resource}}, and the file to write. Without
select: what is defined.
"""

import json
import sys

sys.path.insert(0, sys.argv[1])

import bandit_assets as location  # noqa: E402
import dagster as dg  # noqa: E402


def defined():
    graph = location.defs.resolve_asset_graph()
    key = dg.AssetKey.to_user_string
    return {
        "assets": {key(a): sorted(map(key, graph.get(a).parent_keys)) for a in graph.get_all_asset_keys()},
        "checks": sorted(f"{key(c.asset_key)}:{c.name}" for c in graph.asset_check_keys),
        "schedules": {s.name: s.cron_schedule for s in location.defs.schedules},
    }


def materialized(select, fields):
    instance = dg.DagsterInstance.ephemeral()
    result = dg.materialize(
        [*location.defs.assets, *location.defs.asset_checks],
        instance=instance,
        selection=dg.AssetSelection.assets(*select) | dg.AssetSelection.checks_for_assets(*select),
        resources={"bandit": location.Bandit(**fields), "pipes": dg.PipesSubprocessClient()},
        raise_on_error=False,
    )
    return {
        "success": result.success,
        "materializations": {
            event.asset_key.to_user_string(): {
                name: {"type": type(value).__name__, "value": value.value}
                for name, value in event.materialization.metadata.items()
            }
            for event in result.get_asset_materialization_events()
        },
        "checks": {
            f"{check.asset_key.to_user_string()}:{check.check_name}": check.passed
            for check in result.get_asset_check_evaluations()
        },
        "failures": [str(event.event_specific_data.error) for event in result.get_step_failure_events()],
        "log": [entry.user_message for entry in instance.all_logs(result.run_id)],
        "errors": [
            error.message
            for error in (
                getattr(entry.dagster_event.event_specific_data, "error", None)
                for entry in instance.all_logs(result.run_id)
                if entry.is_dagster_event
            )
            if error
        ],
    }


request = json.loads(sys.argv[2])
answer = materialized(request["select"], request["bandit"]) if "select" in request else defined()
with open(sys.argv[3], "w", encoding="utf-8") as file:
    json.dump(answer, file, default=str)
