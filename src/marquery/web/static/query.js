// The query: pictures dropped or pasted, and the rectangle drawn on one.
(() => {
  const upload = document.getElementById("upload");

  function send(files) {
    if (!upload || !files.length) return;
    const kept = new DataTransfer();
    for (const file of files) kept.items.add(file);
    const input = upload.querySelector("input[type=file]");
    input.files = kept.files;
    submit();
  }

  function submit() {
    upload.classList.add("busy");
    upload.requestSubmit();
  }

  if (upload) {
    upload.querySelector("input[type=file]").addEventListener("change", submit);
    document.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      document.body.classList.add("dropping");
    });
    document.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) document.body.classList.remove("dropping");
    });
    document.addEventListener("drop", (event) => {
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      document.body.classList.remove("dropping");
      send(event.dataTransfer.files);
    });
    document.addEventListener("paste", (event) => {
      if (event.clipboardData && event.clipboardData.files.length) send(event.clipboardData.files);
    });
    // A page that the back button brings back is not busy any more.
    window.addEventListener("pageshow", () => upload.classList.remove("busy"));
  }

  const area = document.getElementById("crop-area");
  const field = document.getElementById("crop");
  if (!area || !field) return;
  const picture = document.getElementById("query-picture");
  const clear = document.getElementById("uncrop");
  let cropper;
  let scale = 1; // pixels of the file for one of the picture as it was sent

  function show(text) {
    const numbers = text.split(",").map(Number);
    if (numbers.length !== 4 || numbers.some((n) => !Number.isFinite(n))) {
      cropper.clear();
      return;
    }
    const [x, y, width, height] = numbers.map((n) => n / scale);
    cropper.crop();
    cropper.setData({ x, y, width, height });
  }

  function write(text) {
    if (field.value === text) return;
    field.value = text;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function drawn() {
    if (!cropper.cropped) return;
    const box = cropper.getData();
    const [fullWidth, fullHeight] = [Number(area.dataset.width), Number(area.dataset.height)];
    const x = Math.max(0, Math.round(box.x * scale));
    const y = Math.max(0, Math.round(box.y * scale));
    const width = Math.min(fullWidth - x, Math.round(box.width * scale));
    const height = Math.min(fullHeight - y, Math.round(box.height * scale));
    // A click without a drag asks for nothing.
    if (width < 4 || height < 4) {
      cropper.clear();
      return;
    }
    write([x, y, width, height].join(","));
  }

  function start() {
    scale = Number(area.dataset.width) / picture.naturalWidth;
    cropper = new Cropper(picture, {
      viewMode: 1,
      autoCrop: false,
      background: false,
      checkCrossOrigin: false,
      checkOrientation: false,
      guides: false,
      center: false,
      movable: false,
      rotatable: false,
      scalable: false,
      zoomable: false,
      toggleDragModeOnDblclick: false,
      ready: () => {
        area.classList.add("ready");
        if (field.value) show(field.value);
      },
      cropend: drawn,
    });
  }

  if (picture.complete && picture.naturalWidth) start();
  else picture.addEventListener("load", start, { once: true });

  // The first strategy compares whole logos; a rectangle needs one that looks at it.
  const radio = (kind) => document.querySelector(`input[type=radio][name=strategy]${kind}`);

  field.addEventListener("change", () => {
    clear.disabled = !field.value;
    if (cropper) show(field.value);
    const boxed = radio("[data-box]");
    if (field.value && boxed && !radio("[value=mix]").checked) boxed.checked = true;
  });
  clear.addEventListener("click", () => {
    if (radio("[data-box]:checked")) radio("").checked = true;
    write("");
  });
})();
