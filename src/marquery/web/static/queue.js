// A week's filings go up one by one, with progress; one that cannot be read does not stop the rest.
(() => {
  const form = document.getElementById("queue-form");
  if (!form) return;
  const said = document.getElementById("queue-progress");

  async function ask(address, body) {
    const answer = await fetch(address, { method: "POST", body });
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.detail.message);
    return told;
  }

  function one(name, value) {
    const body = new FormData();
    body.append(name, value);
    return body;
  }

  async function send(files) {
    const refused = [];
    let queue = null;
    try {
      queue = await ask("/api/queues", one("name", form.elements.name.value));
    } catch (error) {
      said.textContent = error.message;
      return;
    }
    for (const [number, file] of files.entries()) {
      said.textContent = `${number + 1} of ${files.length}: ${file.name}`;
      try {
        await ask(`/api/queues/${queue.id}/pictures`, one("picture", file));
      } catch (error) {
        refused.push(error.message);
      }
    }
    if (!refused.length) {
      window.location.assign(`/queues/${queue.id}`);
      return;
    }
    said.replaceChildren(`${refused.length} could not be read: ${refused.join("; ")}. `);
    const link = document.createElement("a");
    link.href = `/queues/${queue.id}`;
    link.textContent = "Go on with the others";
    said.append(link);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    send([...form.elements.picture.files]).finally(() => {
      button.disabled = false;
    });
  });
})();
