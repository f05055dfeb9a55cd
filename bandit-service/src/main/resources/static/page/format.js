/** Numbers, times and shares as people read them. */

const COUNT = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export const NOTHING = "–";

const known = (value) => value !== undefined && value !== null && Number.isFinite(value);

export function count(value) {
  return known(value) ? COUNT.format(value) : NOTHING;
}

/** A share as a percentage, with as many digits as tell it from 0 and 1. */
export function percent(share, digits = 2) {
  if (!known(share)) return NOTHING;
  if (share > 0 && share * 100 < 10 ** -digits / 2) return `< ${(10 ** -digits).toFixed(digits)} %`;
  if (share < 1 && share * 100 > 100 - 10 ** -digits / 2) return `> ${(100 - 10 ** -digits).toFixed(digits)} %`;
  return `${(share * 100).toFixed(digits)} %`;
}

/** A difference of rates in percentage points, with its sign. */
export function points(difference) {
  if (!known(difference)) return NOTHING;
  const text = (difference * 100).toFixed(2);
  return `${difference > 0 ? "+" : ""}${text === "-0.00" ? "0.00" : text} pp`;
}

/** The same for a relative difference. */
export function signed(share) {
  return known(share) ? `${share > 0 ? "+" : ""}${(share * 100).toFixed(1)} %` : NOTHING;
}

export function range(ends, format) {
  return ends ? `${format(ends[0])} to ${format(ends[1])}` : NOTHING;
}

/** A p value, or any small number. */
export function small(value) {
  if (!known(value)) return NOTHING;
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(1) : value.toFixed(3);
}

export function milliseconds(value) {
  return known(value) ? `${value.toPrecision(3).replace(/\.?0+$/, (zeros) => (zeros.includes(".") ? "" : zeros))} ms` : NOTHING;
}

export function time(instant) {
  return TIME.format(new Date(instant));
}
