import uPlot from "../webjars/uplot/dist/uPlot.esm.js";
import { el, setText } from "./dom.js";

/** How many arms are drawn; tables have them all. */
export const MOST_DRAWN = 8;

/** Arms differ by dashes too, for those who do not tell the colours apart. */
const DASHES = [[], [9, 4], [3, 3], [12, 3, 3, 3], [6, 2], [2, 5], [14, 5], [8, 3, 2, 3, 2, 3]];
const HEIGHT = 230;
/** How far apart ticks of time may be, s: no part of a second. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * 86400)];
const AXIS_FONT = "12px system-ui, sans-serif";

const dark = matchMedia("(prefers-color-scheme: dark)");

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Remembers which arm has which look, for as long as the page of its experiment is open. */
export class Looks {
  #slots = new Map();

  of(arm, drawn) {
    if (!this.#slots.has(arm)) {
      for (const known of [...this.#slots.keys()]) if (!drawn.includes(known)) this.#slots.delete(known);
      const taken = new Set(this.#slots.values());
      this.#slots.set(arm, [...Array(MOST_DRAWN).keys()].find((slot) => !taken.has(slot)) ?? 0);
    }
    return this.#slots.get(arm);
  }
}

/** A line in the look of an arm, beside its name. */
export function swatch(look) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 30 8");
  svg.setAttribute("class", `swatch arm-${look}`);
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(namespace, "path");
  line.setAttribute("d", "M0 4H30");
  line.setAttribute("stroke-dasharray", DASHES[look].join(" "));
  svg.append(line);
  return svg;
}

/**
 * Lines of arms over time or over values, with bands around them where there are any. New numbers go into the chart there is; it is made
 * anew only for other arms, or when the colours change.
 */
export class Chart {
  #plot = null;
  #shown = "";
  #data = null;

  /** @param {{time?: boolean, filled?: boolean, bands?: boolean, y: function, x?: function, fixed?: number[]}} options */
  constructor(title, note, options) {
    this.options = options;
    this.legend = el("ul", { class: "legend" });
    this.box = el("div", { class: "plot", role: "img", "aria-label": title });
    this.empty = el("p", { class: "quiet" }, "Nothing to draw yet.");
    this.element = el("figure", {}, el("figcaption", {}, el("h3", {}, title), el("p", { class: "quiet" }, note)),
      this.legend, this.box, this.empty);
    this.title = title;
    dark.addEventListener("change", this);
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.box);
  }

  handleEvent() {
    this.#shown = "";
    if (this.box.isConnected && this.#data) this.draw(...this.#data);
  }

  close() {
    dark.removeEventListener("change", this);
    this.#plot?.destroy();
  }

  /**
   * @param {{name: string, look: number}[]} arms
   * @param {number[][]} data the places, then a line of each arm, or its line, lower and upper end
   * @param {string} words the same in words
   */
  draw(arms, data, words) {
    this.#data = [arms, data, words];
    const any = arms.length > 0 && data[0].length > 1;
    this.empty.hidden = any;
    this.box.hidden = this.legend.hidden = !any;
    this.box.setAttribute("aria-label", `${this.title}. ${words}`);
    if (!any) return;
    const shown = JSON.stringify(arms);
    if (this.#plot && shown === this.#shown) {
      this.#plot.setData(data);
      return;
    }
    this.#plot?.destroy();
    this.#shown = shown;
    this.#showLegend(arms);
    this.#plot = new uPlot(this.#settings(arms), data, this.box);
  }

  #size() {
    return { width: Math.max(200, this.box.clientWidth), height: HEIGHT };
  }

  #showLegend(arms) {
    this.legend.replaceChildren(...arms.map(({ name, look }) =>
      el("li", {}, swatch(look), el("span", {}, name), el("span", { class: "value" }))));
  }

  #settings(arms) {
    const { time, bands, filled, fixed, y, x } = this.options;
    const axis = { stroke: style("--quiet"), grid: { stroke: style("--line"), width: 1 }, ticks: { stroke: style("--line"), width: 1 }, font: AXIS_FONT };
    const series = [{}];
    const fills = [];
    for (const { look } of arms) {
      const colour = style(`--arm-${look}`);
      series.push({ stroke: colour, width: 2, dash: DASHES[look], spanGaps: true, points: { show: false }, fill: filled ? `${colour}22` : undefined });
      if (bands) {
        series.push({ stroke: "transparent", points: { show: false }, spanGaps: true }, { stroke: "transparent", points: { show: false }, spanGaps: true });
        fills.push({ series: [series.length - 1, series.length - 2], fill: `${colour}1c` });
      }
    }
    return {
      ...this.#size(),
      series,
      bands: fills,
      legend: { show: false },
      padding: [10, 26, 0, 0],
      pxAlign: 0,
      cursor: { drag: { x: false, y: false }, points: { size: 7 } },
      scales: { x: { time: Boolean(time) }, y: { range: (plot, low, high) => fixed ?? roomy(...(bands ? telling(plot.data) : [low, high])) } },
      axes: [
        { ...axis, values: (plot, splits) => splits.map(x ?? clock(splits)), space: 76, incrs: time ? TIME_STEPS : undefined },
        { ...axis, values: (plot, splits) => splits.map(y), size: 62, show: y !== undefined },
      ],
      hooks: { setCursor: [(plot) => this.#showValues(plot, bands ? 3 : 1)] },
    };
  }

  /** The values under the pointer, in the legend. */
  #showValues(plot, step) {
    const { idx } = plot.cursor;
    [...this.legend.children].forEach((item, i) => {
      const value = idx === null || idx === undefined ? null : plot.data[1 + i * step][idx];
      setText(item.lastElementChild, value === null || value === undefined || !this.options.y ? "" : this.options.y(value));
    });
  }
}

/** From the lowest to the highest end of the intervals, but for early ones so wide that they would flatten all that matters. */
function telling(data) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 2; i < data.length; i += 3) {
    const [lower, upper] = [data[i], data[i + 1]];
    const widest = 4 * (upper.at(-1) - lower.at(-1));
    lower.forEach((value, k) => {
      if (value === null || !(upper[k] - value <= widest)) return;
      low = Math.min(low, value);
      high = Math.max(high, upper[k]);
    });
  }
  return low <= high ? [low, high] : [null, null];
}

/** How to write these times: days where they are days apart, seconds where they are seconds apart. */
function clock(splits) {
  const step = splits.length > 1 ? splits[1] - splits[0] : 0;
  const options = step >= 86_400 ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit", second: step < 60 ? "2-digit" : undefined };
  const format = new Intl.DateTimeFormat("en-GB", options);
  return (seconds) => format.format(new Date(seconds * 1000));
}

function roomy(low, high) {
  if (low === null || high === null) return [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}
