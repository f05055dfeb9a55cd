/** What a report comes to, in one sentence. */

/** The arms that nobody gets for now. */
export function pausedOf(experiment) {
  return new Set(experiment.variants.filter(({ paused }) => paused).map(({ name }) => name));
}

/** The treatment that a verdict is about: the one with the highest mean, a paused one only where all are. */
function leaderOf(report, experiment) {
  const paused = pausedOf(experiment);
  const treatments = report.arms.filter((arm) => !arm.control);
  const active = treatments.filter((arm) => !paused.has(arm.arm_id));
  return (active.length > 0 ? active : treatments).reduce((best, arm) => (arm.mean > best.mean ? arm : best)).arm_id;
}

export function controlOf(report) {
  return report.arms.find((arm) => arm.control).arm_id;
}

const KINDS = [["SHIP", "good"], ["DO NOT SHIP", "bad"], ["PENDING", "wait"], ["INCOMPLETE", "wait"], ["UNHEALTHY", "bad"]];

/** good, bad or wait: for the look of it only, the words say the same. */
export function kindOf(verdict) {
  return KINDS.find(([prefix]) => verdict.startsWith(prefix))?.[1] ?? "wait";
}

export function nextStep(report, experiment) {
  const { verdict } = report;
  if (report.status === "concluded") return `Nothing to do: everybody gets ${report.winner}.`;
  if (report.status === "archived") return "Nothing to do: it is archived.";
  if (report.status === "paused") return "Resume it, or conclude it.";
  if (verdict === "SHIP") return `Conclude it with ${leaderOf(report, experiment)}.`;
  if (verdict.startsWith("DO NOT SHIP")) return `Conclude it with ${controlOf(report)}: no treatment is better by enough.`;
  if (verdict.includes("LATENCY")) return `Make ${leaderOf(report, experiment)} faster, or conclude with ${controlOf(report)}.`;
  if (verdict === "UNHEALTHY") return "Find what drops or doubles events before anything else.";
  if (verdict === "INCOMPLETE") return `Send more events: ${report.reasons[0] ?? "something is missing."}`;
  if (report.stopping.met) return `The stopping rule is met: conclude it with ${report.stopping.leader}, or wait for a verdict.`;
  const forecast = report.summary.find((sentence) => /verdict soon|A verdict needs|to a verdict/.test(sentence));
  return `Wait. ${forecast ?? ""}`.trim();
}
