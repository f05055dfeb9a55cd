import { el, setText, Table } from "./dom.js";
import { swatch } from "./charts.js";
import { pausedOf } from "./verdict.js";
import { count, milliseconds, NOTHING, percent, points, range, signed, small, time } from "./format.js";

/** Of very many arms the tables have these many. */
const MOST_ROWS = 100;

/** What stands in tables and lists. */
export class Sections {
  #looks = "";
  #paused = new Set();

  constructor() {
    this.armTable = new Table("Arms", ["Arm", "Traffic#", "Units#", "Decisions#", "Trials#", "Successes#", "Rate#", "95 % interval#", "Best with probability#", "Expected loss#"]);
    this.omitted = el("p", { class: "quiet", hidden: true });
    this.arms = section("arms", "Arms", this.armTable.element, this.omitted);
    this.comparisons = new Table("Comparison of each treatment with the control",
      ["Treatment", "Lift#", "Relative lift#", "Better with probability#", "At any time#", "Adaptive estimate#", "z test, adjusted p#", "Achieved power#"]);
    this.testNote = el("p", { class: "quiet" });
    this.latency = new Table("Latency of each arm", ["Arm", "Observations#", "Average#", "Median#", "95 % within#", "99 % within#", "Slower than the control#"]);
    this.noLatency = el("p", { class: "quiet" }, "Nobody reports latencies. Post latency_ms with an observation to see them here.");
    this.stopping = new Table("Stopping rule", ["Condition", "State", "Value#", "Threshold#"], { stacks: true });
    this.stoppingNote = el("p", { class: "quiet" });
    this.guardrails = new Table("Guardrails", ["Guardrail", "State", "Value#", "Threshold#"], { stacks: true });
    this.health = new Table("Health", ["Check", "State", "Value#"], { stacks: true });
    this.audit = new Table("Audit trail, newest first", ["Time", "What", "Who", "Version#", "Details"], { stacks: true });
    this.moreAudit = el("p", { class: "quiet", hidden: true }, "Older entries are in the API: GET /experiments/…/audit-log.");
    this.setup = new Table("Settings", ["Setting", "Choice"], { stacks: true });
    this.element = el("div", {},
      section("comparison", "Comparison with the control", this.comparisons.element, this.testNote),
      section("latency", "Latency", this.latency.element, this.noLatency),
      section("stopping", "Stopping rule", this.stopping.element, this.stoppingNote),
      section("guardrails", "Guardrails", this.guardrails.element),
      section("health", "Health of the data", this.health.element),
      section("settings", "Settings", this.setup.element),
      section("audit", "Audit trail", this.audit.element, this.moreAudit));
  }

  show(experiment, report, lookOf) {
    this.#paused = pausedOf(experiment);
    this.#showArms(report, lookOf);
    this.#showComparisons(report);
    this.#showLatency(report);
    this.guardrails.fill(report.guardrails.map((rail) => [
      rail.sentence, rail.ok === undefined ? "unknown" : rail.ok ? "kept" : "broken", shareOf(rail.name, rail.value), shareOf(rail.name, rail.threshold)]));
    mark(this.guardrails, { kept: "good", broken: "bad" });
    this.#showStopping(report.stopping, experiment.stop.auto_conclude);
    this.#showHealth(report.health);
    this.#showSetup(experiment);
  }

  #showArms({ arms, winner }, lookOf) {
    const shown = arms.length <= MOST_ROWS ? arms : [...arms].sort((a, b) => b.prob_best - a.prob_best).slice(0, MOST_ROWS);
    this.omitted.hidden = shown.length === arms.length;
    setText(this.omitted, `The ${MOST_ROWS} arms likeliest to be the best, of ${arms.length}.`);
    this.armTable.fill(shown.map((arm) => [
      this.#label(arm, winner), percent(arm.share, 1), count(arm.unique_units), count(arm.impressions), count(arm.trials), count(arm.clicks),
      percent(arm.rate), range(arm.ci95, percent), percent(arm.prob_best), percent(arm.expected_loss, 3)]));
    const looks = JSON.stringify(shown.map(({ arm_id, control }) => [arm_id, control, winner, this.#paused.has(arm_id), lookOf(arm_id)]));
    if (looks === this.#looks) return;
    this.#looks = looks;
    shown.forEach((arm, i) => {
      const head = this.armTable.body.children[i].firstElementChild;
      const look = lookOf(arm.arm_id);
      setText(head, this.#label(arm, winner));
      if (look !== null) head.prepend(swatch(look));
    });
  }

  #showComparisons({ comparisons, adaptive }) {
    this.comparisons.fill(comparisons.slice(0, MOST_ROWS).map((one) => [
      one.arm_id, points(one.lift), `${signed(one.relative_lift)}${one.relative_lift_ci95 ? ` (${range(one.relative_lift_ci95, signed)})` : ""}`,
      percent(one.prob_better), range(one.anytime, points), range(one.adaptive, points),
      one.fixed_sample_test.p_adjusted === undefined ? NOTHING : `${small(one.fixed_sample_test.p_adjusted)}${one.fixed_sample_test.valid ? "" : " (not valid)"}`,
      percent(one.achieved_power, 0)]));
    setText(this.testNote, adaptive
      ? "“At any time” holds however often one looks and however arms were chosen. The z test is shown for those who know what it is worth: arms were chosen adaptively, so it does not hold."
      : "“At any time” holds however often one looks. The z test holds for one look, at the planned sample.");
  }

  #showLatency({ arms, comparisons }) {
    const slower = new Map(comparisons.map((one) => [one.arm_id, one.latency?.regression]));
    const observed = arms.filter((arm) => arm.latency_ms).slice(0, MOST_ROWS);
    this.latency.element.hidden = observed.length === 0;
    this.noLatency.hidden = observed.length > 0;
    this.latency.fill(observed.map(({ arm_id, latency_ms, control }) => [
      control && arm_id !== "control" ? `${arm_id} (control)` : arm_id, count(latency_ms.observations), milliseconds(latency_ms.average), milliseconds(latency_ms.p50), milliseconds(latency_ms.p95),
      milliseconds(latency_ms.p99), signed(slower.get(arm_id))]));
  }

  #showStopping({ met, leader, conditions }, concludes) {
    this.stopping.fill(conditions.map(({ name, holds, value, threshold }) => {
      const { sentence, format } = CONDITIONS[name] ?? { sentence: name, format: count };
      return [sentence, holds ? "holds" : "not yet", format(value), format(threshold)];
    }));
    mark(this.stopping, { holds: "good", "not yet": "wait" });
    setText(this.stoppingNote, `${met ? `All hold, for ${leader}.` : "All have to hold at once."} ${concludes ? "The service then concludes by itself." : "The service then only says so."}`);
  }

  #showHealth({ sample_ratio: ratio, completeness, difference_p: difference, outcomes }) {
    const rows = [["Arms were chosen as often as the probabilities on record say",
      ratio ? (ratio.mismatch ? "broken" : "kept") : "unknown", ratio ? `p = ${small(ratio.p)}` : NOTHING]];
    rows.push(["Impressions that have an observation", completeness === undefined ? "nobody observes" : "", percent(completeness)]);
    if (difference !== undefined) rows.push(["Any arm differs, valid at any time", "", `p = ${small(difference)}`]);
    if (outcomes) rows.push(["Chi-squared of arm by outcome", "", `p = ${small(outcomes.p)}`]);
    this.health.fill(rows);
    mark(this.health, { kept: "good", broken: "bad" });
  }

  #showSetup(experiment) {
    const { guardrails, prior } = experiment;
    const rows = [["Policy", experiment.policy + (experiment.policy === "epsilon_greedy" ? `, epsilon ${experiment.epsilon}` : "")],
      ["Feedback", experiment.feedback + (experiment.window ? `, within ${experiment.window}` : "")],
      ["Least probability of an arm", percent(experiment.min_allocation, 1)],
      ["Prior", `Beta(${prior.alpha}, ${prior.beta})`],
      ["A unit keeps its arm", experiment.policy === "fixed" ? "always" : experiment.sticky_ttl ?? "no"],
      ["Worth shipping", `${points(guardrails.min_lift)} or more, at a level of ${percent(guardrails.alpha, 0)}, power ${percent(guardrails.power, 0)}`],
      ["Slowdown that is tolerated", `${percent(guardrails.max_latency_regression, 0)}; otherwise: ${REGRESSION[guardrails.on_regression] ?? guardrails.on_regression}`],
      ["Created", time(experiment.created_at)], ["Version", `${experiment.version}, of ${time(experiment.updated_at)}`]];
    if (experiment.managed_by) rows.push(["Managed by", `${experiment.managed_by}: change it there`]);
    this.setup.fill(rows);
  }

  #label({ arm_id, control }, winner) {
    return `${arm_id}${control && arm_id !== "control" ? " (control)" : ""}${arm_id === winner ? " (winner)" : ""}${this.#paused.has(arm_id) ? " (paused)" : ""}`;
  }

  showAudit({ entries, next }) {
    this.moreAudit.hidden = next === null;
    this.audit.fill(entries.map(({ at, action, actor, version, detail }) => [
      time(at), action, actor, version === undefined ? NOTHING : String(version),
      Object.entries(detail).map(([key, value]) => `${key.replaceAll("_", " ")}: ${brief(value)}`).join("; ")]));
  }
}

/** What an audit entry holds may be long: the numbers of every arm. */
function brief(value) {
  if (value === null || typeof value !== "object") return String(value);
  const text = Array.isArray(value) && value.every((one) => typeof one !== "object") ? value.join(", ") : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}… (all of it in the API)` : text;
}

function section(id, title, ...children) {
  return el("section", { "aria-labelledby": id }, el("h2", { id }, title), children);
}

const REGRESSION = { report: "it is reported", pause_arm: "nobody gets the arm any more", control: "concluded with the control" };

/** What the conditions of the stopping rule are about. */
const CONDITIONS = {
  prob_best: { sentence: "The leader is best with a probability of at least", format: percent },
  max_expected_loss: { sentence: "The leader's expected loss is below", format: (value) => percent(value, 3) },
  max_value_remaining: { sentence: "What another arm may still be better by is below", format: percent },
  min_decisions_per_arm: { sentence: "The arm with the fewest decisions has at least", format: count },
  min_runtime_seconds: { sentence: "Hours it has run", format: (seconds) => count(seconds / 3600) },
};

function shareOf(name, value) {
  return name === "min_lift" ? points(value) : percent(value, 0);
}

/** Gives the second column's cells the look of their words. */
function mark(table, kinds) {
  for (const row of table.body.children) row.children[1].className = kinds[row.children[1].textContent] ? `verdict ${kinds[row.children[1].textContent]}` : "";
}
