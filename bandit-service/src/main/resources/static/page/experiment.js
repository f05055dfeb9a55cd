import { Actions } from "./actions.js";
import { get, pathOf } from "./api.js";
import { densities } from "./beta.js";
import { Chart, Looks, MOST_DRAWN } from "./charts.js";
import { el, setText, setTexts, Table } from "./dom.js";
import { percent, points, range, time } from "./format.js";
import { lifts, rates, sample, shares, withPresent } from "./history.js";
import { Sections } from "./sections.js";
import { controlOf, kindOf, nextStep } from "./verdict.js";

const SNAPSHOTS = 120;
/** Of many arms there are fewer points in time. */
const MOST_POINTS = 5_000;
const SNAPSHOTS_EVERY_MS = 5_000;

/** One experiment: the verdict first, then everything behind it. Made once; new numbers go into it as it stands. */
export class ExperimentView {
  #snapshots = [];
  #snapshotsAt = -Infinity;
  #auditVersion = null;
  #looks = new Looks();

  constructor(id) {
    this.name = id;
    this.title = id;
    this.actions = new Actions(id);
    this.state = el("span", { class: "state" });
    this.verdict = el("strong", { class: "verdict" });
    this.next = el("span");
    this.summary = el("ul");
    this.reasons = el("ul");
    this.sections = new Sections();
    this.#makeCharts();
    this.content = el("div", { hidden: true }, this.actions.element, this.#verdictSection(), this.sections.arms,
      el("section", { "aria-labelledby": "charts" }, el("h2", { id: "charts" }, "Charts"), this.drawn, el("div", { class: "charts" },
        this.density.element, this.#withTable(this.share), this.#withTable(this.rate),
        this.#withTable(this.lift))),
      this.sections.element);
    this.loading = el("p", { class: "quiet" }, "Loading…");
    this.element = el("div", {}, el("h1", { tabindex: "-1" }, id, " ", this.state), this.loading, this.content);
  }

  #verdictSection() {
    return el("section", { "aria-labelledby": "verdict", class: "card" }, el("h2", { id: "verdict" }, "Verdict"),
      el("p", { class: "headline", "aria-live": "polite", "aria-atomic": "true" }, this.verdict, " ", this.next),
      this.summary, el("h3", {}, "Why"), this.reasons);
  }

  #makeCharts() {
    this.drawn = el("p", { class: "quiet", hidden: true });
    this.density = new Chart("What each arm's rate may be", "Posterior density: the narrower, the more is known.",
      { filled: true, x: (x) => `${+(x * 100).toPrecision(4)} %`, y: undefined });
    this.share = new Chart("Share of traffic", "Of the trials between one point and the next.",
      { time: true, y: (y) => `${Math.round(y * 100)} %`, fixed: [0, 1.02] });
    this.rate = new Chart("Rate", "Posterior mean with its 95 % credible interval.",
      { time: true, bands: true, y: (y) => `${+(y * 100).toPrecision(3)} %` });
    this.lift = new Chart("Lift over the control", "Difference of posterior means in percentage points, with about 95 % of the posterior.",
      { time: true, bands: true, y: (y) => `${+(y * 100).toPrecision(3)} pp` });
  }

  #withTable(chart) {
    const slot = el("div");
    chart.slot = slot;
    chart.element.append(el("details", {}, el("summary", {}, `${chart.title} as a table`), slot));
    return chart.element;
  }

  close() {
    [this.density, this.share, this.rate, this.lift].forEach((chart) => chart.close());
  }

  async refresh(alive = () => true) {
    const [experiment, report] = await Promise.all([get(pathOf(this.name)), get(pathOf(this.name, "/report"))]);
    if (performance.now() - this.#snapshotsAt > SNAPSHOTS_EVERY_MS) {
      this.#snapshots = (await get(pathOf(this.name, `/snapshots?limit=${Math.max(10, Math.min(SNAPSHOTS, Math.floor(MOST_POINTS / report.arms.length)))}`))).snapshots;
      this.#snapshotsAt = performance.now();
    }
    if (experiment.version !== this.#auditVersion) {
      const log = await get(pathOf(this.name, "/audit-log"));
      if (alive()) this.sections.showAudit(log);
      this.#auditVersion = experiment.version;
    }
    if (!alive()) return;
    this.loading.hidden = true;
    this.content.hidden = false;
    this.#showHead(experiment, report);
    this.sections.show(experiment, report, (arm) => this.#lookOf(arm, report));
    this.#draw(report);
  }

  #showHead(experiment, report) {
    setText(this.state, experiment.winner ? `${experiment.status}: ${experiment.winner}` : experiment.status);
    this.state.dataset.state = experiment.status;
    setText(this.verdict, report.verdict);
    this.verdict.className = `verdict ${kindOf(report.verdict)}`;
    const next = nextStep(report, experiment);
    setText(this.next, next);
    setTexts(this.summary, "li", report.summary.filter((sentence) => !next.includes(sentence)));
    setTexts(this.reasons, "li", report.reasons);
    this.actions.update(experiment, report);
  }

  /** The control, and those that are likeliest the best. */
  #drawnOf(report) {
    const others = report.arms.filter((arm) => !arm.control).sort((a, b) => b.prob_best - a.prob_best);
    const drawn = new Set([report.arms.find((arm) => arm.control), ...others.slice(0, MOST_DRAWN - 1)]);
    return report.arms.filter((arm) => drawn.has(arm));
  }

  #lookOf(arm, report) {
    const drawn = this.#drawnOf(report).map(({ arm_id }) => arm_id);
    return drawn.includes(arm) ? this.#looks.of(arm, drawn) : null;
  }

  #draw(report) {
    const arms = this.#drawnOf(report);
    const names = arms.map(({ arm_id }) => arm_id);
    const lines = names.map((name) => ({ name, look: this.#looks.of(name, names) }));
    this.drawn.hidden = arms.length === report.arms.length;
    setText(this.drawn, `${arms.length} of ${report.arms.length} arms are drawn: the control, and those likeliest to be the best.`);

    this.density.draw(lines, densities(arms),
      arms.map((arm) => `${arm.arm_id}: 95 % between ${range(arm.ci95, percent)}`).join("; "));
    const history = withPresent(this.#snapshots, report);
    const share = shares(history, names);
    this.share.draw(lines, share, latest(share, names, 1, percent));
    this.#tabulate(this.share, names, share, 1, percent);
    const rate = rates(history, names);
    this.rate.draw(lines, rate, latest(rate, names, 3, percent));
    this.#tabulate(this.rate, names, rate, 3, percent);
    const control = controlOf(report);
    const treatments = names.filter((name) => name !== control);
    const lift = lifts(history, treatments, control);
    this.lift.draw(lines.filter(({ name }) => name !== control), lift, latest(lift, treatments, 3, points));
    this.#tabulate(this.lift, treatments, lift, 3, points);
  }

  #tabulate(chart, names, data, step, format) {
    const key = JSON.stringify(names);
    if (chart.tableKey !== key) {
      chart.tableKey = key;
      chart.table = new Table(`${chart.title}, newest first`, ["Time", ...names.map((name) => `${name}#`)]);
      chart.slot.replaceChildren(chart.table.element);
    }
    chart.table.fill(sample(data).map((row) => [time(row[0] * 1000), ...names.map((name, i) => cell(row, 1 + i * step, step, format))]));
  }
}

function cell(row, at, step, format) {
  if (row[at] === null) return "–";
  return step === 1 ? format(row[at]) : `${format(row[at])} (${format(row[at + 1])} to ${format(row[at + 2])})`;
}

function latest(data, names, step, format) {
  if (data[0].length === 0) return "Nothing yet.";
  return `Newest: ${names.map((name, i) => `${name} ${format(data[1 + i * step].at(-1))}`).join("; ")}`;
}
