/** From snapshots and the report of this moment to the lines of charts. */

const LEVEL_95 = 1.959964;

/** Snapshots, and the present as the newest of them. */
export function withPresent(snapshots, report) {
  const now = { at: report.as_of, arms: report.arms };
  const past = snapshots.filter(({ at }) => Date.parse(at) < Date.parse(now.at));
  return [...past, now].map(({ at, arms }) => ({
    at: Date.parse(at) / 1000,
    arms: new Map(arms.map((arm) => [arm.arm_id, arm])),
  }));
}

const times = (history) => history.map(({ at }) => at);

const line = (history, name, value) =>
  history.map(({ arms }) => (arms.has(name) ? value(arms.get(name)) : null));

/** Posterior mean and 95 % interval of each arm. */
export function rates(history, names) {
  return [times(history), ...names.flatMap((name) => [
    line(history, name, (arm) => arm.mean),
    line(history, name, (arm) => arm.ci95[0]),
    line(history, name, (arm) => arm.ci95[1]),
  ])];
}

/** Difference of posterior means to the control, with its 95 % interval by the normal approximation. */
export function lifts(history, names, control) {
  return [times(history), ...names.flatMap((name) => {
    const ends = history.map(({ arms }) => {
      const [treatment, base] = [arms.get(name), arms.get(control)];
      if (!treatment || !base) return [null, null, null];
      const difference = treatment.mean - base.mean;
      const half = LEVEL_95 * Math.sqrt(variance(treatment) + variance(base));
      return [difference, difference - half, difference + half];
    });
    return [0, 1, 2].map((i) => ends.map((end) => end[i]));
  })];
}

function variance({ alpha, beta, mean }) {
  return (mean * (1 - mean)) / (alpha + beta + 1);
}

/** Share of the trials between one point and the next; points with few trials between them are taken together. */
export function shares(history, names, atMost = 40) {
  const total = ({ arms }) => [...arms.values()].reduce((sum, arm) => sum + arm.trials, 0);
  const all = history.length ? total(history.at(-1)) - total(history[0]) : 0;
  const least = Math.max(20, all / atMost);
  const data = [[], ...names.map(() => [])];
  let from = history[0];
  for (const point of history.slice(1)) {
    const trials = total(point) - total(from);
    if (trials < least && point !== history.at(-1)) continue;
    if (trials > 0) {
      data[0].push(point.at);
      names.forEach((name, i) =>
        data[i + 1].push(((point.arms.get(name)?.trials ?? 0) - (from.arms.get(name)?.trials ?? 0)) / trials));
    }
    from = point;
  }
  return data;
}

/** A few rows of a chart's data for its table: the newest, and others spread over the time. */
export function sample(data, rows = 12) {
  const n = data[0].length;
  const step = Math.max(1, (n - 1) / (rows - 1));
  const picked = new Set();
  for (let i = n - 1; i >= -0.5; i -= step) picked.add(Math.round(i));
  return [...picked].filter((i) => i >= 0).map((i) => data.map((column) => column[i]));
}
