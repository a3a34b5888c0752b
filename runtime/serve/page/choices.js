// Which student answers, and whether it may guess.

import { Failure, students } from "./asking.js";
import { byId } from "./elements.js";
import { keep, kept } from "./problems.js";
import { size } from "./words.js";

const TOKEN = "edgethought.token";
const STUDENT = "edgethought.student";
const CAREFUL = "edgethought.careful";
const LEAST_CONFIDENCE = 0.5;
let models = [];
let first = "";

/** The token that the server asked for, or null. */
export function token() {
  return kept(TOKEN, "sessionStorage");
}

/** Keep a token until the window closes. */
export function keepToken(text) {
  keep(TOKEN, text.trim() || null, "sessionStorage");
}

/** The model that is chosen, as the server describes it; undefined where it has described none. */
export function chosen() {
  const name = byId("student").value || first;
  return models.find((model) => model.name === name);
}

/** What a request says of the way to answer. */
export function way() {
  const model = chosen();
  const careful = byId("careful").checked && model?.calibrated;
  return { ...(model ? { model: model.name } : {}), ...(careful ? { min_confidence: LEAST_CONFIDENCE } : {}) };
}

/** Ask the server for its students and show them; the Failure, or null when it went well. */
export async function loadStudents() {
  try {
    const told = await students({ token: token() });
    models = Array.isArray(told.models) ? told.models : [];
    first = String(told.default ?? "");
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error;
  }
  const wanted = byId("student").value || kept(STUDENT) || first;
  byId("student").replaceChildren(...models.map(({ name }) => new Option(name, name, false, name === wanted)));
  if (!models.some(({ name }) => name === wanted)) byId("student").value = first;
  byId("student-choice").hidden = models.length < 2;
  showStudent();
  return null;
}

function showStudent() {
  const model = chosen();
  const about = model ? [model.summary, size(model.bytes)].filter(Boolean).join(", ") : "";
  byId("student-note").textContent = about && (models.length < 2 ? `${model.name}: ${about}` : about);
  byId("careful-choice").hidden = !model?.calibrated;
}

/** Follow the choices and keep them. */
export function startChoices() {
  byId("careful").checked = kept(CAREFUL) === "yes";
  byId("careful").addEventListener("change", () => keep(CAREFUL, byId("careful").checked ? "yes" : null));
  byId("student").addEventListener("change", () => {
    keep(STUDENT, byId("student").value);
    showStudent();
  });
}
