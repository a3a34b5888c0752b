// Sums as a book prints them. What a model wrote becomes text nodes, never markup.

import { element } from "./elements.js";

const TOKEN =
  /(?<space>\s+)|(?<group>\((?<gtop>-?\d+)\/(?<gbottom>\d+)\))|(?<fraction>(?<top>\d+)\/(?<bottom>\d+)(?![\w.(/^]|\s*\*\*))|(?<number>\d+(?:\.\d+)?|\.\d+)|(?<name>[A-Za-z_]\w*)|(?<operator>\*\*|\/\/|[-+*/%^=×÷−])|(?<other>.)/gsu;
const SIGNS = { "*": "×", "/": "÷", "-": "−", "//": "div", "%": "mod" };
const CALL = /[A-Za-z_]\w*\s*\(/;
const LONGEST = 2000;

/** An expression in pieces: `{kind: "number" | "operator" | "sign" | "name" | "fraction" | "power" | "text", text, below?}`. */
export function pieces(expression) {
  if (expression.length > LONGEST) return [{ kind: "text", text: expression }];
  const bare = expression.replace(/\b(?:math|sympy)\./g, "");
  const joined = CALL.test(bare) ? bare : bare.replace(/(^|[^\d.])(\d{1,3}(?:,\d{3})+)(?![\d,])/g, (_, before, number) => before + number.replaceAll(",", ""));
  const found = [];
  for (const token of joined.matchAll(TOKEN)) add(found, token, joined);
  return found;
}

function add(found, token, whole) {
  const { space, group, gtop, gbottom, fraction, top, bottom, number, name, operator } = token.groups;
  const last = found.at(-1);
  if (space) return apart(found, last);
  if (group) found.push({ kind: "fraction", text: gtop.replace("-", "−"), below: gbottom });
  else if (fraction && !/[\w.)/^*]/.test(whole[token.index - 1] ?? "")) found.push({ kind: "fraction", text: grouped(top), below: grouped(bottom) });
  else if (fraction) quotient(found, last, top, bottom);
  else if (number) addNumber(found, last, number);
  else if (name) found.push({ kind: "name", text: words(name) });
  else if (operator === "%" && !/\s/.test(whole[token.index - 1] ?? "")) found.push({ kind: "text", text: "%" });
  else if ((operator === "**" || operator === "^") && /^\s*\d/.test(whole.slice(token.index + operator.length)))
    raise(found);
  else if (operator) found.push({ kind: unary(last) ? "sign" : "operator", text: SIGNS[operator] ?? operator });
  else found.push({ kind: "text", text: token[0] === "," ? ", " : token[0] });
}

function addNumber(found, last, number) {
  if (last?.kind === "power" && !last.text) last.text = number;
  else found.push({ kind: "number", text: grouped(number) });
}

/** Part of a longer product, where a fraction would read as something else: 8/4 in 2*8/4. */
function quotient(found, last, top, bottom) {
  addNumber(found, last, top);
  found.push({ kind: "operator", text: SIGNS["/"] }, { kind: "number", text: grouped(bottom) });
}

/** What comes next is a power of what came before. */
function raise(found) {
  if (found.at(-1)?.text === " ") found.pop();
  found.push({ kind: "power", text: "" });
}

/** Two words stay two words; beside an operator there is space anyway. */
function apart(found, last) {
  if (!last || last.kind === "operator" || last.kind === "sign" || (last.kind === "power" && !last.text)) return;
  if (last.kind === "text") last.text += " ";
  else found.push({ kind: "text", text: " " });
}

function unary(last) {
  return !last || last.kind === "operator" || last.kind === "sign" || (last.kind === "text" && /[([,]\s*$/.test(last.text));
}

/** A number with commas between its thousands. */
export function grouped(number) {
  const [whole, part] = String(number).split(".");
  const commas = whole.replace(/\B(?=(?:\d{3})+$)/g, ",");
  return (part === undefined ? commas : `${commas}.${part}`).replace(/^-/, "−");
}

/** A name in words: `half_price` is half price. */
export function words(name) {
  return name.replaceAll("_", " ").trim() || name;
}

/** The pieces as one line of text. */
export function plain(parts) {
  return parts.map((part) => TEXT[part.kind](part)).join("").replace(/\s+/g, " ").trim();
}

const TEXT = {
  number: (part) => part.text,
  name: (part) => part.text,
  text: (part) => part.text,
  sign: (part) => part.text,
  operator: (part) => ` ${part.text} `,
  fraction: (part) => `${part.text}/${part.below}`,
  power: (part) => `^${part.text}`,
};

/** Typeset an expression at the end of `parent`. */
export function typeset(parent, expression) {
  for (const part of pieces(expression)) {
    if (part.kind === "fraction") parent.append(stacked(part));
    else if (part.kind === "power") parent.append(element("sup", "", part.text));
    else if (part.kind === "name") parent.append(element("span", "name", part.text));
    else parent.append(TEXT[part.kind](part));
  }
}

function stacked({ text, below }) {
  const whole = element("span", "fraction");
  whole.append(element("span", "over", text), element("span", "hidden-text", "/"), element("span", "under", below));
  return whole;
}
