// The page's elements: found by id, made with text that is never markup, and what a screen reader is told.

/** The element of an id. */
export function byId(id) {
  return document.getElementById(id);
}

/** A new element with a class and text. */
export function element(tag, kind = "", text = "") {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  if (text) made.textContent = text;
  return made;
}

/** Tell a screen reader, once and politely; with `visible` it stands below the problem too. */
export function announce(text, visible = false) {
  byId("status").textContent = text;
  byId("question-note").textContent = visible ? text : "";
}

/** Bring a section into view, without a ride where motion is not wanted. */
export function reveal(section) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  section.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
}
