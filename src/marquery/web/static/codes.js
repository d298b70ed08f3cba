// Codes as a tree: branches open in place, and stay open when a search draws the filters anew.
(() => {
  const open = new Set(); // ids of the links whose branches were opened here

  function toggle(link, below) {
    below.hidden = !below.hidden;
    link.setAttribute("aria-expanded", String(!below.hidden));
    if (below.hidden) open.delete(link.id);
    else open.add(link.id);
  }

  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest?.(".unroll");
      if (!link) return;
      const below = document.getElementById(link.getAttribute("aria-controls"));
      if (!below.childElementCount) {
        open.add(link.id);
        link.setAttribute("aria-expanded", "true");
        return; // htmx fetches them
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      toggle(link, below);
    },
    true,
  );

  // What is typed to find a code is no change of the search around it.
  document.addEventListener(
    "change",
    (event) => {
      if (event.target.matches?.(".find-code")) event.stopPropagation();
    },
    true,
  );

  function reopen() {
    for (const link of document.querySelectorAll('#facets .unroll[aria-expanded="false"]')) {
      if (!open.has(link.id)) continue;
      const below = document.getElementById(link.getAttribute("aria-controls"));
      link.setAttribute("aria-expanded", "true");
      if (!below.childElementCount) {
        const place = { source: below, target: below, swap: "innerHTML" };
        htmx.ajax("GET", link.getAttribute("hx-get"), place);
      }
    }
  }
  for (const name of ["htmx:oobAfterSwap", "htmx:afterSettle"]) {
    document.addEventListener(name, reopen);
  }
})();
