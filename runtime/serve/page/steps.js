// The steps of a thought: a name, what it is given, and what that comes to; all at once, or one more at a time.

import { element } from "./elements.js";
import { pieces, plain, typeset, words } from "./typesetting.js";

const MOST = 200;
const ANSWER = "ans";
const EQUATION = /^[\w.+\-*/()%^][\w .+\-*/()%^]*=[\w .+\-*/()%^]+$/;

/** The row's steps, or the lines of its text where it has none. */
export function stepsOf(row) {
  const steps = Array.isArray(row.steps) ? row.steps : String(row.text ?? "").split("\n").map((written) => ({ written }));
  return steps.filter((step) => String(step.written ?? "").trim() !== "");
}

/** One step of a thought as a list's item. */
export function stepItem(step, thought) {
  const item = element("li");
  if (!step.name) {
    item.append(asWritten(String(step.written), thought));
    return item;
  }
  item.append(element("span", "what", step.name === ANSWER ? "answer" : words(String(step.name))));
  const sum = element("span", "sum");
  sum.append(element("span", "equals", "= "));
  typeset(sum, String(step.filled));
  if (!same(step)) {
    const value = element("span", "value");
    value.append(element("span", "equals", " = "));
    typeset(value, String(step.value));
    sum.append(value);
  }
  item.append(sum);
  return item;
}

function asWritten(line, thought) {
  if (thought === "cot") return element("span", "as-written", line);
  if (!EQUATION.test(line)) return element("span", "as-written code", line);
  const equation = element("span", "as-written");
  typeset(equation, line);
  return equation;
}

/** A step as one line of text, for reading aloud. */
export function spoken(step) {
  if (!step.name) return String(step.written);
  const name = step.name === ANSWER ? "answer" : words(String(step.name));
  const value = same(step) ? "" : ` = ${plain(pieces(String(step.value)))}`;
  return `${name} = ${plain(pieces(String(step.filled)))}${value}`;
}

function same(step) {
  return String(step.filled).replaceAll(" ", "") === String(step.value);
}

/** Shows steps in a list, all or one after the other. */
export class Steps {
  #list;
  #rest;
  #steps = [];
  #thought = "";
  #shown = 0;

  constructor(list, rest) {
    this.#list = list;
    this.#rest = rest;
  }

  get left() {
    return this.#steps.length - this.#shown;
  }

  get any() {
    return this.#shown > 0;
  }

  begin(row) {
    const steps = stepsOf(row);
    this.#steps = steps.slice(0, MOST);
    this.#thought = row.thought;
    this.#shown = 0;
    this.#list.replaceChildren();
    this.#rest.textContent = steps.length > MOST ? `And ${steps.length - MOST} lines more.` : "";
  }

  /** Show the next step; what it says. */
  next() {
    const step = this.#steps[this.#shown++];
    this.#list.append(stepItem(step, this.#thought));
    return spoken(step);
  }

  all() {
    while (this.left > 0) this.next();
  }
}

/** What the button for hints says. */
export function hintLabel(left, any) {
  if (left === 1) return any ? "Show the last step and the answer" : "Show the step and the answer";
  return any ? "Show one more step" : "Show a first step";
}
