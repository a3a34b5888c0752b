// The page: asks, shows, and keeps what the pupil typed, whatever happens.

import { agreement, concludeOthers, otherItem, showEverything, showMore, showOthers, showResult, showVerdict, voteItems } from "./answer.js";
import { Failure, solve } from "./asking.js";
import { chosen, keepToken, loadStudents, startChoices, token, way } from "./choices.js";
import { announce, byId, reveal } from "./elements.js";
import { readings } from "./numbers.js";
import { forgetAll, keep, kept, linkTo, questionIn, remember, showPast } from "./problems.js";
import { answerOf, isAnswered } from "./words.js";

const LONGEST = 4000;
const DRAFT = "edgethought.draft";
// What is shown: `row` is the solution of `asked`, `own` the pupil's own answer to it or null; `stop` ends what is asked
// now; `again` repeats what went wrong.
const state = { row: null, asked: "", own: null, stop: null, again: () => {} };

/** Ask for one solution; null when it came to nothing, which the page has said then. */
async function ask(question, watch = {}) {
  state.stop = new AbortController();
  busy(true);
  try {
    return await solve(question, { token: token(), signal: state.stop.signal, ...watch });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.kind === "stopped") announce("Stopped. Your problem is still here.", true);
    else showTrouble(error);
    return null;
  } finally {
    state.stop = null;
    busy(false);
  }
}

async function solveQuestion(own = null) {
  const question = typed();
  if (!question) byId("result").hidden = true;
  if (!question || state.stop) return;
  state.again = () => solveQuestion(own);
  for (const id of ["trouble", "result"]) byId(id).hidden = true;
  byId("examples").open = false;
  beginWorking(own !== null);
  const row = await ask({ question, ...way() }, { onQueued, onText: own === null ? onText : () => {} });
  byId("working").hidden = true;
  if (row === null) return;
  Object.assign(state, { row, asked: question, own });
  Object.assign(chosen() ?? {}, { loaded: true });
  showResult(row, question, own);
  offerOtherWays();
  onTyping();
  save(own === null);
  reveal(byId("result"));
}

/** The question as it was typed; empty where it is none, which the page has said then. */
function typed() {
  const question = byId("question").value.trim();
  const length = [...question].length;
  let wrong = "";
  if (!question) wrong = "Type a problem first, or pick one below.";
  else if (length > LONGEST) wrong = `That is ${length.toLocaleString("en")} characters; up to ${LONGEST.toLocaleString("en")} can be read.`;
  byId("question-note").textContent = wrong;
  byId("question").setAttribute("aria-invalid", String(Boolean(wrong)));
  if (wrong) byId("question").focus();
  return wrong ? "" : question;
}

function busy(on) {
  for (const id of ["solve", "ways", "votes"]) byId(id).setAttribute("aria-disabled", String(on));
}

function beginWorking(hidden) {
  const cold = chosen()?.loaded === false ? "The student is waking up; that takes a little longer, once. " : "";
  byId("thought").textContent = "";
  byId("thought").hidden = true;
  byId("working-title").textContent = "Thinking…";
  byId("working-note").textContent = cold + (hidden ? "What I write stays hidden until you ask for it." : "");
  byId("working").hidden = false;
  reveal(byId("working"));
  announce("Thinking.");
}

function onQueued(position) {
  byId("working-title").textContent = position > 0 ? "Waiting…" : "Thinking…";
  if (position > 0) byId("working-note").textContent = `${position} before you.`;
}

function onText(thought, piece) {
  const shown = byId("thought");
  if (shown.dataset.thought !== thought) shown.textContent = "";
  shown.dataset.thought = thought;
  shown.hidden = false;
  shown.append(piece);
  shown.scrollTop = shown.scrollHeight;
  byId("working-title").textContent = "Thinking…";
}

function offerOtherWays() {
  const model = chosen();
  byId("ways").hidden = !model?.thoughts?.some((thought) => thought !== state.row.thought);
  byId("votes").hidden = !model?.modes?.includes("vote");
}

function save(shown) {
  remember(state.asked, shown && isAnswered(state.row) ? answerOf(state.row) : "", fill);
}

async function tryOtherWays() {
  if (state.stop) return;
  const { asked: question, row: first } = state;
  const { name: model, thoughts } = chosen();
  const rows = [first];
  showOthers("Other ways I tried", "Asking…", []);
  for (const thought of thoughts.filter((one) => one !== first.thought)) {
    const row = await askBeside({ question, model, thought }, first);
    if (row === null) break;
    rows.push(row);
    byId("others").append(otherItem(row, first));
  }
  if (state.row === first) concludeOthers(rows.length > 1 ? agreement(rows) : "");
}

async function askSeveralTimes() {
  if (state.stop) return;
  const { asked: question, row: first } = state;
  showOthers("How my tries voted", "Asking several times; this takes longer.", []);
  const row = await askBeside({ question, model: chosen().name, mode: "vote" }, first);
  if (state.row !== first) return;
  const votes = row === null ? [] : voteItems(row);
  byId("others").replaceChildren(...votes);
  const none = row === null ? "" : "No try came to an answer.";
  concludeOthers(row !== null && isAnswered(row) ? `${votes.length === 1 ? "All" : "Most"} say ${answerOf(row)}.` : none);
}

/** Ask while a solution is shown; null when that came to nothing, or another is shown by now. */
async function askBeside(question, first) {
  byId("stop-others").hidden = false;
  const row = await ask(question);
  byId("stop-others").hidden = true;
  return state.row === first ? row : null;
}

const TROUBLES = {
  unreachable: ["The server can’t be reached", "It may be switched off, or you may be offline. Your problem stays here; try again when it is back."],
  broken: ["The connection broke off", "The server stopped in the middle of its reply. Your problem stays here."],
  busy: ["Too much to do just now", "Others are asking too."],
  refused: ["That didn’t work", "The server did not take the problem."],
  token: ["This server asks for a token", "Whoever runs it can tell you. It is kept until this window closes."],
};

function showTrouble({ kind, message, retryAfter }) {
  const wrongToken = kind === "token" && token();
  const [title, text] = wrongToken ? ["That token isn’t right", TROUBLES.token[1]] : TROUBLES[kind];
  const wait = retryAfter > 0 ? ` Try again in ${retryAfter} seconds.` : " Try again in a moment.";
  const advice = text + (kind === "busy" ? wait : "");
  byId("trouble-title").textContent = title;
  byId("trouble-text").textContent = advice;
  byId("trouble-detail").textContent = kind === "refused" && message ? `It says: ${message}` : "";
  byId("token-form").hidden = kind !== "token";
  byId("again").hidden = kind === "token";
  byId("working").hidden = true;
  byId("trouble").hidden = false;
  announce(`${title}. ${advice}`);
  reveal(byId("trouble"));
  if (kind === "token") byId("token").focus();
}

async function load() {
  const failure = await loadStudents();
  byId("trouble").hidden = true;
  if (failure === null) return;
  state.again = load;
  showTrouble(failure);
}

function fill(question) {
  byId("question").value = question;
  onTyping();
  byId("question").focus();
  window.scrollTo({ top: 0 });
}

function onTyping() {
  const question = byId("question").value;
  keep(DRAFT, question, "sessionStorage");
  byId("question-note").textContent = "";
  byId("question").setAttribute("aria-invalid", "false");
  // A solution says what it solves once something else is typed.
  byId("asked").classList.toggle("on-paper", question.trim() === state.asked);
}

function fillFromLink() {
  const question = questionIn(location.hash);
  if (!question) return false;
  fill(question);
  announce("This problem came with the link. Press Solve it when you are ready.", true);
  return true;
}

async function share() {
  const link = linkTo(state.asked, location);
  byId("link").value = link;
  byId("link-block").hidden = false;
  try {
    await navigator.clipboard.writeText(link);
    byId("share").textContent = "Link copied";
    announce("The link is copied.");
  } catch {
    byId("link").focus();
    byId("link").select();
    announce("Copy the link from this field.");
  }
}

function checkOwn() {
  const own = byId("own").value;
  const readable = readings(own).length > 0;
  byId("own-note").textContent = readable ? "" : "Write one number, such as 12, 3.5, 1/2, 1 1/2, 50% or $4.20.";
  byId("own").setAttribute("aria-invalid", String(!readable));
  if (!readable) {
    // What was said of an earlier answer does not stand beside one that cannot be read.
    byId("verdict").hidden = true;
    return byId("own").focus();
  }
  const known = state.own !== null && state.asked === byId("question").value.trim() && !byId("result").hidden;
  if (!known) return solveQuestion(own);
  state.own = own;
  return showVerdict(state.row, own);
}

function openOwn() {
  const open = byId("own-form").hidden;
  byId("own-form").hidden = !open;
  byId("own-open").setAttribute("aria-expanded", String(open));
  if (open) byId("own").focus();
}

function showRest() {
  showEverything(state.row);
  concluded();
}

/** The buttons that had the focus are gone. */
function concluded() {
  save(true);
  byId("result-title").focus();
}

function useToken() {
  keepToken(byId("token").value);
  byId("token").value = "";
  byId("trouble").hidden = true;
  byId("solve").focus();
  return state.again();
}

function stop() {
  byId("solve").focus();
  state.stop?.abort();
}

function onKey(event) {
  if (event.key === "Escape") state.stop?.abort();
  if (event.target !== byId("question") || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  solveQuestion();
}

const FORMS = { ask: () => solveQuestion(), "own-form": checkOwn, "token-form": useToken };
const BUTTONS = {
  "own-open": openOwn,
  stop,
  "stop-others": stop,
  again: () => (byId("solve").focus(), state.again()),
  more: () => showMore(state.row) && concluded(),
  all: showRest,
  ways: tryOtherWays,
  votes: askSeveralTimes,
  share,
  print: () => window.print(),
  forget: () => (forgetAll(fill), byId("question").focus(), announce("All deleted.")),
};

for (const [id, submit] of Object.entries(FORMS))
  byId(id).addEventListener("submit", (event) => (event.preventDefault(), submit()));
for (const [id, click] of Object.entries(BUTTONS)) byId(id).addEventListener("click", click);
for (const example of document.querySelectorAll(".examples button"))
  example.addEventListener("click", () => fill(example.querySelector(".text").textContent));
byId("question").addEventListener("input", onTyping);
document.addEventListener("keydown", onKey);
window.addEventListener("hashchange", fillFromLink);
startChoices();
showPast(fill);
if (!fillFromLink()) byId("question").value = kept(DRAFT, "sessionStorage") ?? "";
load();
navigator.serviceWorker?.register("/sw.js").catch(() => {});
