// One picture, its mask, and what to do with it. Nothing is kept: another picture takes the place of the one before.

import { MapValues, PictureView } from "./picture.js";
import { RegionTable, short, whole } from "./regions.js";
import { endingOf, readModel, segment, typeOf } from "./service.js";

const RestMilliseconds = 350;
const MaskView = "mask";
const byId = (id) => document.getElementById(id);
const view = new PictureView(byId("picture"));
const table = new RegionTable((region) => view.choose(region && region.contours));
let model = null;
let picture = null;
const running = new Map();
let resting = 0;
let again = null;

async function start() {
  try {
    model = await readModel();
  } catch (error) {
    byId("about").textContent = "";
    return fail(error, start);
  }
  byId("name").textContent = document.title = model.name;
  const input = model.input;
  byId("about").textContent = [
    `${model.labels.length === 1 ? "Label" : "Labels"}: ${model.labels.join(", ")}`,
    input.width && input.height ? `works at ${input.width} × ${input.height} pixels` : "",
  ].filter(Boolean).join(" · ");
  const kinds = { png: "PNG", jpeg: "JPEG", tiff: "TIFF", dicom: "DICOM" };
  const limits = [`up to ${whole(model.maximumBytes / 1048576)} MB`, `${whole(model.maximumPixels / 1e6)} megapixels`];
  byId("formats").textContent = `${model.formats.map((format) => kinds[format] ?? format).join(", ")} ${limits.join(" and ")}`;
  const endings = { png: ".png", jpeg: ".jpg,.jpeg", tiff: ".tif,.tiff", dicom: ".dcm,application/dicom" };
  byId("file").accept = model.formats.map((format) => endings[format] ?? `.${format}`).join(",");
  for (const button of byId("downloads").querySelectorAll("button")) button.hidden = !model.outputs.includes(button.dataset.output);
  byId("file").disabled = false;
  fillSelect(byId("label"), model.labels.map((label) => [label, label]));
  byId("label-field").hidden = model.labels.length < 2;
  const maps = { region: "Probability", distance: "Distance to the border", boundary: "Boundary" };
  fillSelect(byId("map"), [[MaskView, "Mask"], ...model.maps.map((map) => [map, maps[map] ?? map])]);
  showValues();
}

function fillSelect(select, options) {
  select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
}

/** Takes the place of whatever is shown. */
async function open(file) {
  if (!model || !file) return;
  for (const control of running.values()) control.abort();
  running.clear();
  byId("busy").hidden = true;
  clearTimeout(resting);
  picture = null;
  byId("warnings").hidden = byId("work").hidden = byId("results").hidden = true;
  byId("drop").hidden = false;
  if (file.size > model.maximumBytes) {
    const most = short(model.maximumBytes / 1048576);
    return fail(new Error(`${file.name} has ${short(file.size / 1048576)} MB; the service takes up to ${most} MB. Choose a smaller file.`));
  }
  await attempt("open", `Segmenting ${file.name} …`, async (signal) => {
    const opened = { file, type: await typeOf(file), maps: new Map(), thresholds: new Map(), result: null };
    const bitmap = await decode(opened, signal);
    const result = await (await segment(model, opened, { output: "json" }, signal)).json();
    opened.result = result;
    for (const label of result.labels) opened.thresholds.set(label.label, label.threshold);
    // What the service calls the picture's size counts: a browser may turn or cut what it reads.
    const same = bitmap.width === result.width && bitmap.height === result.height;
    const shown = same ? bitmap : await shownByService(opened, signal);
    signal.throwIfAborted();
    view.setPicture(shown);
    const maps = await mapsOf(opened, signal);
    picture = opened;
    showFile();
    showMaps(maps);
    showResult();
  }, () => open(file));
}

/** The picture by the browser, or by the service where the browser cannot. */
async function decode(opened, signal) {
  if (opened.type === "image/png" || opened.type === "image/jpeg") {
    try {
      return await createImageBitmap(opened.file, { imageOrientation: "from-image" });
    } catch {
      // Damaged, or of a kind that this browser does not know: the service says which.
    }
  }
  return shownByService(opened, signal);
}

async function shownByService(opened, signal) {
  return createImageBitmap(await (await segment(model, opened, { output: "image" }, signal)).blob());
}

function showFile() {
  byId("drop").hidden = true;
  byId("work").hidden = false;
  byId("file-name").textContent = byId("file-name").title = picture.file.name;
  byId("picture").setAttribute("aria-label", `${picture.file.name} with its mask`);
  const seg = byId("downloads").querySelector("[data-output=seg]");
  seg.hidden = picture.type !== "application/dicom" || !model.outputs.includes(seg.dataset.output);
  byId("file-name").focus();
}

/** The maps that the chosen label and view need. */
async function mapsOf(opened, signal) {
  const label = byId("label").value;
  const map = byId("map").value;
  const region = await mapOf(opened, label, "region", signal);
  const shown = map === MaskView ? region : await mapOf(opened, label, map, signal);
  signal.throwIfAborted();
  return { region, shown };
}

function showMaps({ region, shown }) {
  view.label = byId("label").selectedIndex;
  view.heat = byId("map").value !== MaskView;
  view.threshold = picture.thresholds.get(byId("label").value) ?? model.threshold;
  byId("threshold").value = view.threshold;
  byId("scale").hidden = !view.heat;
  byId("scale-name").textContent = byId("map").selectedOptions[0].text;
  showValues();
  view.setMaps(region, shown);
}

async function mapOf(opened, label, map, signal) {
  const key = `${map} ${label}`;
  if (!opened.maps.has(key)) {
    const response = await segment(model, opened, { output: "probability", label, map }, signal);
    opened.maps.set(key, await MapValues.read(await response.blob(), view.size));
  }
  return opened.maps.get(key);
}

function showResult() {
  const { result } = picture;
  const entry = result.labels.find((label) => label.label === byId("label").value) ?? result.labels[0];
  const count = entry.regions.length;
  const share = (100 * entry.areaPixels / (result.width * result.height)).toFixed(1);
  const parts = [
    count === 0 ? "No region" : count === 1 ? "1 region" : `${whole(count)} regions`,
    `${whole(entry.areaPixels)} px, ${share} % of ${whole(result.width)} × ${whole(result.height)}`,
  ];
  if (result.spacing) {
    parts.push(`${short(entry.areaSquareMillimetres)} mm²`, `a pixel is ${short(result.spacing.column)} × ${short(result.spacing.row)} mm`);
  }
  byId("results-name").textContent = model.labels.length > 1 ? `Regions of ${entry.label}` : "Regions";
  byId("total").textContent = parts.join(" · ");
  byId("table").hidden = count === 0;
  byId("results").hidden = false;
  byId("results").setAttribute("aria-busy", "false");
  table.show(entry.regions, result.spacing);
  view.choose(null);
  const warnings = result.warnings ?? [];
  byId("warnings").hidden = warnings.length === 0;
  byId("warnings").replaceChildren(...warnings.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
}

/** Measures the regions anew at the threshold that the slider rests at. */
async function measure() {
  const measured = picture;
  const label = byId("label").value;
  byId("results").setAttribute("aria-busy", "true");
  await attempt("measure", null, async (signal) => {
    const query = { output: "json", label, threshold: measured.thresholds.get(label) };
    const result = await (await segment(model, measured, query, signal)).json();
    const fresh = (entry) => result.labels.find((other) => other.label === entry.label) ?? entry;
    measured.result.labels = measured.result.labels.map(fresh);
    measured.result.warnings = result.warnings;
    showResult();
  }, measure);
}

async function download(button) {
  const label = byId("label").value;
  await attempt("download", `Preparing ${button.textContent} …`, async (signal) => {
    const query = { output: button.dataset.output, label, threshold: picture.thresholds.get(label) };
    const response = await segment(model, picture, query, signal);
    const address = URL.createObjectURL(await response.blob());
    const name = picture.file.name.replace(/\.[^.]+$/, "") + button.dataset.suffix + endingOf(response);
    Object.assign(document.createElement("a"), { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    return `Saved ${name}.`;
  }, () => download(button));
}

/** Does one thing of a kind at a time: what was begun before of that kind ends. Its words, or else a summary, become the status. */
async function attempt(kind, text, work, repeat) {
  running.get(kind)?.abort();
  const control = new AbortController();
  running.set(kind, control);
  byId("error").hidden = true;
  byId("busy").hidden = false;
  byId("viewer").setAttribute("aria-busy", "true");
  if (text) byId("status").textContent = text;
  try {
    const words = await work(control.signal);
    if (control.signal.aborted) return;
    end(kind);
    byId("status").textContent = words ?? `${byId("total").textContent.split(" · ")[0]} at threshold ${view.threshold.toFixed(2)}.`;
  } catch (error) {
    if (control.signal.aborted) return;
    end(kind);
    fail(error, repeat);
  }
}

function end(kind) {
  running.delete(kind);
  byId("busy").hidden = running.size === 0;
  byId("viewer").setAttribute("aria-busy", String(running.size > 0));
}

function fail(error, repeat) {
  byId("status").textContent = "";
  again = error.again ? repeat : null;
  byId("error-text").textContent = error.message;
  byId("again").hidden = !again;
  byId("error").hidden = false;
}

function showValues() {
  byId("threshold-value").textContent = Number(byId("threshold").value).toFixed(2);
  byId("opacity-value").textContent = `${Math.round(100 * byId("opacity").value)} %`;
  byId("compare-value").textContent = `${byId("compare").value} % before`;
}

function follow(id, act) {
  byId(id).addEventListener("input", () => {
    act(Number(byId(id).value));
    showValues();
    view.refresh();
  });
}

follow("opacity", (value) => { view.opacity = value; });
follow("compare", (value) => { view.compare = value / 100; });
follow("threshold", (value) => {
  view.threshold = value;
  picture.thresholds.set(byId("label").value, value);
  clearTimeout(resting);
  resting = setTimeout(measure, RestMilliseconds);
});
/** Shows what label and map were chosen. */
function choose() {
  return attempt("map", "Fetching the map …", async (signal) => {
    showMaps(await mapsOf(picture, signal));
    showResult();
  }, choose);
}

byId("label").addEventListener("change", choose);
byId("map").addEventListener("change", choose);
byId("controls").addEventListener("submit", (event) => event.preventDefault());
byId("downloads").addEventListener("click", (event) => event.target.dataset.output && download(event.target));
byId("again").addEventListener("click", () => {
  byId("error").hidden = true;
  again();
});
byId("other").addEventListener("click", () => byId("file").click());
byId("file").addEventListener("change", () => {
  open(byId("file").files[0]);
  // The same file may be chosen once more.
  byId("file").value = "";
});
window.addEventListener("paste", (event) => open(event.clipboardData.files[0]));
window.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("over");
});
window.addEventListener("dragleave", (event) => event.relatedTarget ?? document.body.classList.remove("over"));
window.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  open(event.dataTransfer.files[0]);
});

const canvas = byId("picture");
let pressed = null;
canvas.addEventListener("pointerdown", (event) => {
  pressed = { x: event.clientX, moved: false };
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener("pointermove", (event) => {
  if (!pressed || (!pressed.moved && Math.abs(event.clientX - pressed.x) < 4)) return;
  pressed.moved = true;
  const box = canvas.getBoundingClientRect();
  byId("compare").value = 100 * (event.clientX - box.left) / box.width;
  byId("compare").dispatchEvent(new Event("input"));
});
canvas.addEventListener("pointerup", (event) => {
  if (pressed && !pressed.moved && picture) {
    const entry = picture.result.labels.find((label) => label.label === byId("label").value);
    table.choose(entry?.regions.find((region) => view.contains(region.contours, event)) ?? null);
  }
  pressed = null;
});
canvas.addEventListener("pointercancel", () => { pressed = null; });

start();
