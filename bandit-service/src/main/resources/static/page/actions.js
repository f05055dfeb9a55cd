import { call, pathOf } from "./api.js";
import { ArmsDialog } from "./arms.js";
import { el, setText } from "./dom.js";

/** Pause, resume and conclude, of the whole or an arm, with the version that was seen: what somebody else has changed meanwhile is not overwritten. */
export class Actions {
  #etag = null;
  #arms = [];
  #leader = "";

  constructor(id) {
    this.id = id;
    this.pause = this.#button("Pause", () => this.#send("/pause"));
    this.resume = this.#button("Resume", () => this.#send("/resume"));
    this.reopen = this.#button("Reopen", () => this.#send("/resume"));
    this.armsDialog = new ArmsDialog(id, () => this.#changed());
    this.someArms = this.#button("Arms…", () => this.armsDialog.open());
    this.conclude = this.#button("Conclude…", () => this.#ask());
    this.problem = el("p", { class: "problem", role: "alert", hidden: true });
    this.#makeDialog();
    this.element = el("div", {}, el("p", { class: "tools" }, this.pause, this.resume, this.someArms, this.conclude, this.reopen), this.problem,
      this.dialog, this.armsDialog.element);
  }

  #button(text, onclick) {
    return el("button", { type: "button", hidden: true, onclick }, text);
  }

  #makeDialog() {
    this.winner = el("select", { id: "winner" });
    this.dialogProblem = el("p", { class: "problem", role: "alert", hidden: true });
    const cancel = el("button", { type: "button", onclick: () => this.dialog.close() }, "Cancel");
    this.confirm = el("button", { type: "submit", class: "primary" }, "Conclude");
    const form = el("form", { method: "dialog" },
      el("h2", { id: "conclude-title" }, `Conclude ${this.id}?`),
      el("p", {}, "From then on everybody gets the winner. It can be reopened later, with what it has learned."),
      el("p", {}, el("label", { for: "winner" }, "Winner "), this.winner), this.dialogProblem,
      el("p", { class: "tools" }, this.confirm, cancel));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#concludeNow();
    });
    this.dialog = el("dialog", { "aria-labelledby": "conclude-title" }, form);
  }

  /** What there is to do now. */
  update(experiment, report) {
    const { status, version } = experiment;
    this.#etag = `"${version}"`;
    this.armsDialog.update(experiment, this.#etag);
    this.#arms = report.arms;
    this.#leader = report.stopping.leader;
    // Somebody at the keyboard keeps their place when the button under it goes away.
    const buttons = [this.resume, this.pause, this.someArms, this.conclude, this.reopen];
    const focused = buttons.find((button) => button === document.activeElement);
    this.pause.hidden = status !== "running";
    this.resume.hidden = status !== "paused";
    this.someArms.hidden = this.conclude.hidden = status !== "running" && status !== "paused";
    this.reopen.hidden = status !== "concluded";
    if (focused?.hidden) (buttons.find((button) => !button.hidden) ?? document.querySelector("h1")).focus();
  }

  #ask() {
    this.winner.replaceChildren(el("option", { value: "" }, `the best at that moment (now ${this.#leader})`),
      ...this.#arms.map(({ arm_id }) => el("option", { value: arm_id }, arm_id)));
    this.dialogProblem.hidden = true;
    this.dialog.showModal();
    this.winner.focus();
  }

  async #concludeNow() {
    this.confirm.disabled = true;
    try {
      await call("POST", pathOf(this.id, "/conclude"), this.winner.value ? { winner: this.winner.value } : {}, { "If-Match": this.#etag });
      this.dialog.close();
      this.#changed();
    } catch (problem) {
      tell(this.dialogProblem, problem);
    } finally {
      this.confirm.disabled = false;
    }
  }

  async #send(move) {
    this.problem.hidden = true;
    try {
      await call("POST", pathOf(this.id, move), undefined, { "If-Match": this.#etag });
    } catch (problem) {
      tell(this.problem, problem);
    }
    this.#changed();
  }

  #changed() {
    this.element.dispatchEvent(new Event("bandit:changed", { bubbles: true }));
  }
}

function tell(place, problem) {
  setText(place, problem.status === 412 ? "Somebody has changed this experiment meanwhile. Look at it again, then try again." : problem.message);
  place.hidden = false;
}
