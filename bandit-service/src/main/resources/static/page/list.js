import { get, pathOf } from "./api.js";
import { el, setText, Table } from "./dom.js";
import { count } from "./format.js";
import { kindOf, nextStep } from "./verdict.js";

const PAGE = 20;
const AT_ONCE = 2;

/** All experiments: state, traffic, and what to do next. */
export class ListView {
  title = "Experiments";
  #reports = new Map();
  #shown = PAGE;

  constructor() {
    this.archived = el("input", { type: "checkbox", id: "archived", onchange: () => this.refresh().catch(() => {}) });
    this.table = new Table("Experiments", ["Experiment", "State", "Decisions#", "Units#", "Verdict", "What to do"], { stacks: true });
    this.none = el("p", { hidden: true }, "There are no experiments yet. ", el("a", { href: "#/new" }, "Create the first one"), ".");
    this.more = el("button", { type: "button", hidden: true, onclick: () => this.#showMore() }, "Show more");
    this.element = el("div", {}, el("h1", { tabindex: "-1" }, "Experiments"),
      el("p", { class: "tools" }, el("a", { class: "button primary", href: "#/new" }, "New experiment"),
        el("label", { for: "archived" }, this.archived, " archived ones too")),
      this.table.element, this.none, this.more);
    this.table.element.classList.add("experiments");
  }

  #showMore() {
    this.#shown += PAGE;
    this.refresh().catch(() => {});
  }

  async refresh(alive = () => true) {
    const include = this.archived.checked ? "&include=archived" : "";
    const page = await get(`experiments?limit=${Math.min(1000, this.#shown)}${include}`);
    this.none.hidden = page.experiments.length > 0;
    this.table.element.hidden = page.experiments.length === 0;
    this.more.hidden = page.next === null;
    this.#fill(page.experiments);
    const waiting = [...page.experiments];
    const worker = async () => {
      while (waiting.length > 0 && alive()) {
        const { id } = waiting.shift();
        this.#reports.set(id, await get(pathOf(id, "/report")).catch((problem) => ({ problem })));
        this.#fill(page.experiments);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  #fill(experiments) {
    this.table.fill(experiments.map((experiment) => {
      const { id, status, winner } = experiment;
      const report = this.#reports.get(id);
      const state = winner ? `${status}: ${winner}` : status;
      const link = [id, `#/experiments/${encodeURIComponent(id)}`];
      if (!report) return [link, state, "…", "…", "…", "…"];
      if (report.problem) return [link, state, "", "", "unknown", report.problem.message];
      const sum = (field) => count(report.arms.reduce((total, arm) => total + arm[field], 0));
      return [link, state, sum("impressions"), sum("unique_units"), report.verdict, nextStep(report, experiment)];
    }));
    experiments.forEach(({ id }, i) => {
      const report = this.#reports.get(id);
      const cell = this.table.body.children[i].children[4];
      cell.className = report?.verdict ? `verdict ${kindOf(report.verdict)}` : "";
    });
  }
}
