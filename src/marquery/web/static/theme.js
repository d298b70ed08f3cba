// Runs before the page is drawn: the chosen theme, and the mark that scripts run at all.
(() => {
  const root = document.documentElement;
  const chosen = () => {
    try {
      return localStorage.getItem("theme") || "";
    } catch {
      return "";
    }
  };
  root.classList.add("script");
  root.dataset.theme = chosen();
  document.addEventListener("DOMContentLoaded", () => {
    const select = document.getElementById("theme");
    select.value = chosen();
    select.addEventListener("change", () => {
      root.dataset.theme = select.value;
      try {
        localStorage.setItem("theme", select.value);
      } catch {
        // A browser that keeps nothing still changes this page.
      }
    });
  });
})();
