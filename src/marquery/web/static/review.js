// Looking through hits: keys, the zoom of both pictures, menus that close.
(() => {
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

  function neighbour(card, key) {
    const cards = [...document.querySelectorAll("#grid .card")].filter((c) => c.offsetParent);
    const row = cards.filter((other) => other.offsetTop === cards[0].offsetTop).length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row }[key];
    return cards[cards.indexOf(card) + step];
  }

  function openNote(scope) {
    const menu = scope.querySelector("details.menu");
    if (menu) menu.open = true;
    scope.querySelector("textarea").focus();
  }

  function closeOne(scope) {
    const menu = scope.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
      return;
    }
    document.querySelector("#compare .close")?.click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const scope = event.target.closest(".card, #compare");
    if (!scope) return;
    if (event.key === "Escape") {
      closeOne(scope);
      event.preventDefault();
      return;
    }
    if (typing(event.target)) return;
    if (event.key.startsWith("Arrow")) {
      const inGrid = scope.classList.contains("card");
      if (inGrid) neighbour(scope, event.key)?.querySelector(".look").focus();
      else if (event.key === "ArrowLeft") scope.querySelector("[rel=prev]")?.click();
      else if (event.key === "ArrowRight") scope.querySelector("[rel=next]")?.click();
      else return;
      event.preventDefault();
      return;
    }
    if (event.key === "n") openNote(scope);
    else if (event.key === "x") scope.querySelector(".tick")?.click();
    else if ("kdm".includes(event.key)) scope.querySelector(`[data-key="${event.key}"]`)?.click();
    else return;
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  // The two pictures move and grow together.
  const view = { scale: 1, x: 0, y: 0 };

  function draw() {
    for (const layer of document.querySelectorAll(".pane > *")) {
      layer.style.transform = `translate(${view.x}%, ${view.y}%) scale(${view.scale})`;
    }
  }

  function zoom(factor) {
    view.scale = Math.min(12, Math.max(1, view.scale * factor));
    const most = (view.scale - 1) * 50;
    view.x = Math.max(-most, Math.min(most, view.x));
    view.y = Math.max(-most, Math.min(most, view.y));
    draw();
  }

  function pan(dx, dy) {
    view.x += dx;
    view.y += dy;
    zoom(1);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (button) zoom({ in: 1.5, out: 1 / 1.5, reset: 0 }[button.dataset.zoom]);
  });
  document.addEventListener("dblclick", (event) => {
    if (event.target.closest(".pane")) zoom(view.scale > 1 ? 0 : 3);
  });
  document.addEventListener(
    "wheel",
    (event) => {
      // Plain scrolling stays the page's.
      if (!event.ctrlKey || !event.target.closest?.(".pane")) return;
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 200));
    },
    { passive: false },
  );
  document.addEventListener("pointerdown", (event) => {
    const pane = event.target.closest(".pane");
    if (!pane || view.scale === 1) return;
    event.preventDefault();
    const box = pane.getBoundingClientRect();
    const move = (e) => pan((100 * e.movementX) / box.width, (100 * e.movementY) / box.height);
    document.addEventListener("pointermove", move);
    const stop = () => document.removeEventListener("pointermove", move);
    document.addEventListener("pointerup", stop, { once: true });
    document.addEventListener("pointercancel", stop, { once: true });
  });

  // After a search in place: where the eyes go, the keys go. What had the focus and was exchanged
  // has it again; what is not there any more leaves it to its card, or to the hits.
  let back = "";
  let last = "";
  let card = "";

  function remember() {
    const element = document.activeElement;
    last = element?.id || "";
    card = element?.closest(".card, #decide-open")?.id || "";
  }

  function give(id) {
    const element = id ? document.getElementById(id) : null;
    const target = element?.matches(".card") ? element.querySelector(".look") : element;
    if (!target?.checkVisibility()) return false;
    target.focus();
    return document.activeElement === target;
  }

  function restore() {
    if (document.activeElement && document.activeElement !== document.body) return;
    give(last) || give(card) || give("note-open") || give("compare") || give("results-title");
  }
  // What fills a place aside is of no concern to who is working. The place counts, not what asked: a
  // suggested code lies in such a place, and its link asks for the hits.
  const aside = "#news, .explanation, .suggested, .below, .tree";
  const byItself = (event) => (event.detail?.target ?? event.target).closest?.(aside);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (byItself(event)) return;
    document.getElementById("message").textContent = "";
    remember();
    back = event.target.dataset.back || "";
    document.body.classList.add("searching");
  });
  for (const name of ["htmx:afterSettle", "htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(name, (event) => {
      if (!byItself(event)) document.body.classList.remove("searching");
    });
  }
  document.addEventListener("htmx:sendError", () => {
    document.getElementById("message").textContent = "The server does not answer; is it still running?";
  });
  // What is refused before it reaches a route (no token any more, too large) is told as JSON.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (!xhr.getResponseHeader("content-type")?.startsWith("application/json")) return;
    event.detail.shouldSwap = false;
    document.getElementById("message").textContent = JSON.parse(xhr.responseText).detail.message;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (byItself(event)) return;
    if (event.target.id !== "results") {
      restore();
      return;
    }
    zoom(0);
    const compare = document.getElementById("compare");
    if (back) document.getElementById(back)?.focus();
    else if (compare && event.detail.requestConfig?.elt?.closest("#results, .card")) compare.focus();
    back = "";
    restore();
  });
  document.addEventListener("htmx:oobAfterSwap", () => queueMicrotask(restore));

  // On a narrow screen the hits come first; the filters open when they are wanted.
  if (matchMedia("(max-width: 760px)").matches) {
    document.getElementById("filters")?.removeAttribute("open");
  }
})();
