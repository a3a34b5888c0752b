// Keeps this page's own files, so that it opens without the server. Answers, and all else, are never kept.

const CACHE = "edgethought-page-1";
const FILES = [
  "/",
  "/manifest.webmanifest",
  ...[
    "page.css", "page.js", "answer.js", "asking.js", "choices.js", "elements.js", "numbers.js", "problems.js",
    "steps.js", "typesetting.js", "words.js", "icon.svg", "icon-512.png",
  ].map((name) => `/static/${name}`),
];
// A server that is there answers at once; one that is switched off may not even refuse.
const PATIENCE_MS = 2500;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })))));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)))),
  );
  self.clients.claim();
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || !FILES.includes(url.pathname)) return;
  event.respondWith(pageFile(event, url.pathname));
});

/** The server's file, kept for later; the kept one where the server does not give it in time. */
async function pageFile(event, path) {
  const cache = await caches.open(CACHE);
  const fresh = fetch(event.request).then((response) => {
    if (response.ok && response.type === "basic") event.waitUntil(cache.put(path, response.clone()));
    return response;
  });
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const first = await Promise.race([fresh.catch(() => undefined), late]);
  return first?.ok ? first : ((await cache.match(path)) ?? fresh);
}
