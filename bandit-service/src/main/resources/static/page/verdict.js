/** What a report comes to, in one sentence. */

/** The treatment that a verdict is about: the one with the highest mean. */
export function leaderOf(report) {
  return report.arms.filter((arm) => !arm.control).reduce((best, arm) => (arm.mean > best.mean ? arm : best)).arm_id;
}

export function controlOf(report) {
  return report.arms.find((arm) => arm.control).arm_id;
}

const KINDS = [["SHIP", "good"], ["DO NOT SHIP", "bad"], ["PENDING", "wait"], ["INCOMPLETE", "wait"], ["UNHEALTHY", "bad"]];

/** good, bad or wait: for the look of it only, the words say the same. */
export function kindOf(verdict) {
  return KINDS.find(([prefix]) => verdict.startsWith(prefix))?.[1] ?? "wait";
}

export function nextStep(report) {
  const { verdict } = report;
  if (report.status === "concluded") return `Nothing to do: everybody gets ${report.winner}.`;
  if (report.status === "archived") return "Nothing to do: it is archived.";
  if (report.status === "paused") return "Resume it, or conclude it.";
  if (verdict === "SHIP") return `Conclude it with ${leaderOf(report)}.`;
  if (verdict.startsWith("DO NOT SHIP")) return `Conclude it with ${controlOf(report)}: no treatment is better by enough.`;
  if (verdict.includes("LATENCY")) return `Make ${leaderOf(report)} faster, or conclude with ${controlOf(report)}.`;
  if (verdict === "UNHEALTHY") return "Find what drops or doubles events before anything else.";
  if (verdict === "INCOMPLETE") return `Send more events: ${report.reasons[0] ?? "something is missing."}`;
  const forecast = report.summary.find((sentence) => /verdict soon|A verdict needs|to a verdict/.test(sentence));
  return `Wait. ${forecast ?? ""}`.trim();
}
