/** Beta densities, in log space: they neither overflow nor lose their shape up to parameters of 1e9. */

/** ln Γ(x) for x > 0: Stirling's series (DLMF 5.11.1), after Γ(x) = Γ(x + n) / (x (x + 1) … (x + n − 1)) for small x. */
export function logGamma(x) {
  let shift = 0;
  let z = x;
  while (z < 10) {
    shift -= Math.log(z);
    z += 1;
  }
  return shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + stirling(z);
}

/** What Stirling's formula lacks, for z of 10 or more. */
function stirling(z) {
  const w = 1 / (z * z);
  return (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)))) / z;
}

/** ln of the density at x in (0, 1). */
export function logDensity(a, b, x) {
  if (a < 10 || b < 10) {
    return (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logGamma(a) - logGamma(b) + logGamma(a + b);
  }
  // Relative to the mean m = a / (a + b): a ln(x / m) + b ln((1 − x) / (1 − m)) is small where the density is not.
  const n = a + b;
  const d = x - a / n;
  return a * Math.log1p((d * n) / a) + b * Math.log1p((-d * n) / b) - Math.log(x) - Math.log1p(-x)
    + 0.5 * Math.log((a * b) / (2 * Math.PI * n)) - stirling(a) - stirling(b) + stirling(n);
}

export function standardDeviation(a, b) {
  return Math.sqrt((a / (a + b)) * (b / (a + b)) / (a + b + 1));
}

/**
 * The densities of several arms on one axis, fine around each of them: a narrow one beside a wide one keeps its peak.
 * @param {{alpha: number, beta: number}[]} arms
 * @returns {number[][]} the places, then the densities of each arm
 */
export function densities(arms, perArm = 160) {
  const ends = arms.map(({ alpha, beta }) => {
    const mean = alpha / (alpha + beta);
    const sd = standardDeviation(alpha, beta);
    return [Math.max(0, mean - 4.5 * sd), Math.min(1, mean + 4.5 * sd)];
  });
  const low = Math.min(...ends.map(([from]) => from));
  const high = Math.max(...ends.map(([, to]) => to));
  const places = new Set();
  for (const [from, to] of [...ends, [low, high]]) {
    // In the middle of each step: at 0 and 1 a density may be infinite.
    for (let i = 0; i < perArm; i++) places.add(from + ((to - from) * (i + 0.5)) / perArm);
  }
  const xs = [...places].sort((x, y) => x - y);
  return [xs, ...arms.map(({ alpha, beta }) => xs.map((x) => Math.exp(logDensity(alpha, beta, x))))];
}
