import { call, pathOf } from "./api.js";
import { el, setText } from "./dom.js";

const POLICIES = [["thompson", "Thompson sampling"], ["top_two", "Top-two Thompson sampling"], ["epsilon_greedy", "Epsilon-greedy"], ["fixed", "Fixed split (classic A/B)"]];
const REGRESSION = [["report", "It is reported"], ["pause_arm", "Nobody gets that arm any more"], ["control", "The experiment is concluded with the control"]];
const AUTO_CONCLUDE = [["false", "The report says so"], ["true", "The experiment is concluded with the leader"]];
const FEEDBACK = [
  ["explicit", "Explicit: rewards 0 and 1 are posted"],
  ["exposure", "Exposure: a decision is a failure until its success arrives"],
  ["window", "Window: a decision unrewarded after a while is a failure"],
];

/** A new experiment. Fields are named as the API names them, so that what it refuses is told beside the field. */
export class CreateView {
  title = "New experiment";

  constructor() {
    this.problem = el("p", { class: "problem", role: "alert", tabindex: "-1", hidden: true });
    this.variants = el("div");
    this.submit = el("button", { type: "submit", class: "primary" }, "Create");
    this.policy = select("policy", "Policy", POLICIES);
    this.feedback = select("feedback", "Feedback", FEEDBACK, "Cannot change later.");
    this.epsilon = input("epsilon", "Epsilon", { placeholder: "0.1" }, "Share of decisions that explore, 0 to 1.");
    this.window = input("window", "Window", { placeholder: "15m" }, "How long a decision waits for its reward: 30s, 15m, 24h, 7d.");
    this.floor = input("min_allocation", "Least probability of an arm", { placeholder: "0" }, "0 to 1 / number of arms. A little keeps learning about every arm.");
    this.form = el("form", { novalidate: true },
      input("id", "Name", { required: true, autocomplete: "off", placeholder: "button-color" }, "Letters, digits, dots, underscores and hyphens."),
      el("fieldset", { "data-field": "variants" }, el("legend", {}, "Variants"), this.variants, error("variants"),
        el("button", { type: "button", onclick: () => this.#add("").querySelector("input").focus() }, "Add a variant")),
      this.policy, this.epsilon, this.floor, this.feedback, this.window,
      el("details", {}, el("summary", {}, "Guardrails"), el("div", { class: "grid" },
        input("guardrails.min_lift", "Least lift worth shipping", { placeholder: "0.02" }, "Difference of rates: 0.02 is 2 percentage points."),
        input("guardrails.max_latency_regression", "Most slowdown that is tolerated", { placeholder: "0.25" }, "0.25 is 25 % slower on average."),
        select("guardrails.on_regression", "When a treatment is slower", REGRESSION),
        input("guardrails.alpha", "Significance level", { placeholder: "0.05" }),
        input("guardrails.power", "Power wanted", { placeholder: "0.8" }))),
      el("details", {}, el("summary", {}, "When it is over"), el("div", { class: "grid" },
        input("stop.prob_best", "Leader is best with probability", { placeholder: "0.95" }),
        input("stop.max_expected_loss", "Its expected loss is below", { placeholder: "0.001" }),
        input("stop.max_value_remaining", "Another arm may be better by less than", { placeholder: "not asked for" }, "Relative to the leader."),
        input("stop.min_decisions_per_arm", "Decisions of every arm", { placeholder: "100" }),
        input("stop.min_runtime", "Time it must have run", { placeholder: "72h", "data-text": true }, "30m, 72h, 14d"),
        select("stop.auto_conclude", "What happens then", AUTO_CONCLUDE))),
      el("details", {}, el("summary", {}, "Streamed events"), el("div", { class: "grid" },
        input("exposure_event", "Event that is an exposure", { placeholder: "ButtonDisplayed" }),
        input("success_event", "Event that is a success", { placeholder: "ButtonClicked" }))),
      this.problem, el("p", { class: "tools" }, this.submit, el("a", { class: "button", href: "#/" }, "Cancel")));
    this.#add("control", true);
    this.#add("treatment");
    this.form.addEventListener("change", () => this.#adapt());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#adapt();
    this.element = el("div", { class: "narrow" }, el("h1", { tabindex: "-1" }, "New experiment"),
      el("p", { class: "quiet" }, "What is left empty takes the value shown in grey."), this.form);
  }

  /** Another variant, at the end. */
  #add(name, control = false) {
    const key = crypto.getRandomValues(new Uint32Array(1))[0].toString(36);
    const row = el("div", { class: "variant" },
      field(`v-${key}`, "Variant", el("input", { id: `v-${key}`, class: "name", value: name, autocomplete: "off", "data-text": true }), "name"),
      field(`a-${key}`, "Share", el("input", { id: `a-${key}`, class: "allocation", inputmode: "decimal", autocomplete: "off", placeholder: "equal" }), "allocation"),
      el("label", { class: "control" }, el("input", { type: "radio", name: "control", checked: control }), " control"),
      el("button", { type: "button", class: "remove", onclick: () => this.#remove(row) }, "Remove"));
    this.variants.append(row);
    this.#adapt();
    return row;
  }

  #remove(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.#adapt();
    next?.querySelector("input").focus();
  }

  /** Shows what the choices ask for, and names each variant's fields by its place. */
  #adapt() {
    const policy = this.policy.querySelector("select").value;
    this.epsilon.hidden = policy !== "epsilon_greedy";
    this.floor.hidden = policy === "fixed";
    this.window.hidden = this.feedback.querySelector("select").value !== "window";
    const rows = [...this.variants.children];
    rows.forEach((row, i) => {
      row.querySelector(".name").dataset.field = `variants[${i}].name`;
      const allocation = row.querySelector(".allocation");
      allocation.dataset.field = `variants[${i}].allocation`;
      allocation.closest(".field").hidden = policy !== "fixed";
      const remove = row.querySelector(".remove");
      remove.hidden = rows.length <= 2;
      remove.setAttribute("aria-label", `Remove variant ${i + 1}`);
      setText(row.querySelector("label"), `Variant ${i + 1}`);
    });
    if (!this.variants.querySelector("[type=radio]:checked")) rows[0]?.querySelector("[type=radio]").click();
  }

  #body() {
    const body = {};
    for (const control of this.form.querySelectorAll("[data-field]:is(input, select)")) {
      const path = control.dataset.field;
      if (path === "id" || path.startsWith("variants") || control.closest(".field").hidden || control.value.trim() === "") continue;
      const [outer, inner] = path.split(".");
      const value = valueOf(control);
      if (inner) (body[outer] ??= {})[inner] = value;
      else body[outer] = value;
    }
    body.variants = [...this.variants.children].map((row) => {
      const allocation = row.querySelector(".allocation");
      return {
        name: row.querySelector(".name").value.trim(),
        control: row.querySelector("[type=radio]").checked,
        ...(allocation.closest(".field").hidden || allocation.value.trim() === "" ? {} : { allocation: valueOf(allocation) }),
      };
    });
    return body;
  }

  async #send() {
    this.#clear();
    const id = this.form.querySelector("[data-field=id]").value.trim();
    if (id === "") return this.#tell("id", "A name is missing.");
    this.submit.disabled = true;
    try {
      await call("PUT", pathOf(id), this.#body(), { "If-None-Match": "*" });
      location.hash = `#/experiments/${encodeURIComponent(id)}`;
    } catch (problem) {
      if (problem.status === 412) this.#tell("id", `There is an experiment called ${id} already.`);
      else this.#tell(problem.field, problem.message);
    } finally {
      this.submit.disabled = false;
    }
  }

  #clear() {
    this.problem.hidden = true;
    for (const message of this.form.querySelectorAll(".error")) setText(message, "");
    for (const control of this.form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  }

  /** Beside the field, or under the form where there is no such field; the keyboard goes there. */
  #tell(path, message) {
    const place = path && [...this.form.querySelectorAll("[data-field]")].find((one) => one.dataset.field === path && !one.closest("[hidden]"));
    if (!place) {
      setText(this.problem, message);
      this.problem.hidden = false;
      this.problem.focus();
      return;
    }
    for (let box = place.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    const box = place.matches("fieldset") ? place : place.closest(".field");
    setText(box.querySelector(":scope > .error"), message);
    const control = place.matches("fieldset") ? place.querySelector("input") : place;
    control.setAttribute("aria-invalid", "true");
    control.focus();
  }
}

/** Numbers as numbers; what is none goes as it is, and the service says what it expected. */
function valueOf(control) {
  const text = control.value.trim();
  if (control.dataset.field === "stop.auto_conclude") return text === "true";
  if (control.matches("select, [data-text]") || TEXTS.has(control.dataset.field)) return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

const TEXTS = new Set(["window", "exposure_event", "success_event"]);

function error(id) {
  return el("p", { class: "error", id: `${id}-error`, role: "alert" });
}

function field(id, label, control, path) {
  if (path && !control.dataset.field) control.dataset.field = path;
  const hint = control.hint ? el("p", { class: "hint", id: `${id}-hint` }, control.hint) : null;
  control.setAttribute("aria-describedby", hint ? `${id}-hint ${id}-error` : `${id}-error`);
  return el("div", { class: "field" }, el("label", { for: id }, label), control, hint, error(id));
}

function input(path, label, attributes = {}, hint = "") {
  const control = el("input", { id: `f-${path}`, "data-field": path, autocomplete: "off", ...attributes });
  control.hint = hint;
  return field(`f-${path}`, label, control);
}

function select(path, label, options, hint = "") {
  const control = el("select", { id: `f-${path}`, "data-field": path }, options.map(([value, text]) => el("option", { value }, text)));
  control.hint = hint;
  return field(`f-${path}`, label, control);
}
