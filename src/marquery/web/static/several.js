// Several hits at once: ticks, hits folded into one, the line that offers to undo.
(() => {
  const open = new Set(); // heads whose folded hits are shown

  const ticks = () => [...document.querySelectorAll("#grid .tick")].filter((t) => t.checkVisibility());

  function count() {
    const said = document.getElementById("ticked");
    if (!said) return;
    const all = ticks();
    const ticked = document.querySelectorAll("#grid .tick:checked").length;
    said.textContent = ticked ? `${ticked} ticked` : "Tick all";
    const whole = document.getElementById("tick-all");
    whole.checked = ticked > 0 && all.every((tick) => tick.checked);
    whole.indeterminate = ticked > 0 && !whole.checked;
    for (const id of ["bulk-keep", "bulk-dismiss", "bulk-report"]) {
      const button = document.getElementById(id);
      if (!button) continue;
      if (!ticked && document.activeElement === button) whole.focus(); // what is disabled has none
      button.disabled = !ticked;
    }
  }

  function unfold() {
    for (const card of document.querySelectorAll(".card[data-of]")) {
      card.classList.toggle("shown", open.has(card.dataset.of));
    }
    for (const button of document.querySelectorAll(".unfold")) {
      button.setAttribute("aria-expanded", open.has(button.dataset.head));
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.id === "tick-all") {
      for (const tick of ticks()) tick.checked = event.target.checked;
    }
    if (event.target.matches(".tick, #tick-all")) count();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".unfold");
    if (!button) return;
    const head = button.dataset.head;
    if (!open.delete(head)) open.add(head);
    unfold();
    count();
  });

  // What is drawn anew keeps its ticks.
  let ticked = [];
  document.addEventListener("htmx:beforeSwap", () => {
    ticked = [...document.querySelectorAll("#grid .tick:checked")].map((tick) => tick.id);
  });
  function drawn(event) {
    if (event.target.id !== "results") {
      for (const id of ticked) {
        const tick = document.getElementById(id);
        if (tick) tick.checked = true;
      }
    }
    unfold();
    count();
  }
  document.addEventListener("htmx:afterSettle", drawn);
  document.addEventListener("htmx:oobAfterSwap", drawn);
  count();

  // Links above the hits change filters that the form shows.
  document.addEventListener("htmx:pushedIntoHistory", () => {
    const where = document.getElementById("where");
    const asked = new URLSearchParams(window.location.search).get("where") || "";
    if (where && where !== document.activeElement) where.value = asked;
  });

  // The line that offers to undo goes by itself, but not while it has the focus or the mouse.
  setInterval(() => {
    const toast = document.querySelector(".toast");
    if (!toast || toast.matches(":hover, :focus-within")) return;
    toast.dataset.seconds = Number(toast.dataset.seconds || 0) + 1;
    if (Number(toast.dataset.seconds) > 20) toast.remove();
  }, 1000);
})();
