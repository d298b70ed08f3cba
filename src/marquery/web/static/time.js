// Moments are sent in UTC; they are shown in the reader's own time and language.
(() => {
  const form = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  function tell() {
    for (const element of document.querySelectorAll("time[datetime]:not([data-told])")) {
      const moment = new Date(element.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      element.title = element.textContent;
      element.textContent = form.format(moment);
      element.dataset.told = "";
    }
  }
  document.addEventListener("DOMContentLoaded", tell);
  document.addEventListener("htmx:afterSettle", tell);
  if (document.readyState !== "loading") tell();
})();
