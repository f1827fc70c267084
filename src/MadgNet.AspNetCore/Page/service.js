// What the page asks the service for. Every refusal becomes an error whose message is the service's own words.

export class Refusal extends Error {
  constructor(message, again = false) {
    super(message);
    this.again = again;
  }
}

/** What the model is and takes. */
export async function readModel() { return (await ask("model", { headers: { Accept: "application/json" } })).json(); }

/** Sends the picture to the model's endpoint; the query holds what is wanted of it. */
export async function segment(model, picture, query, signal) {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined));
  return ask(`${model.endpoint}?${asked}`, { method: "POST", body: picture.file, headers: { "Content-Type": picture.type }, signal });
}

/** The ending that the service gives to the file of an answer. */
export function endingOf(response) {
  return /filename="[^".]*(\.[^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "";
}

/** What kind of file it is, by its first bytes and not by its name. */
export async function typeOf(file) {
  const start = new Uint8Array(await file.slice(0, 132).arrayBuffer());
  const begins = (...bytes) => bytes.every((byte, i) => start[i] === byte);
  if (begins(0x89, 0x50, 0x4e, 0x47)) return "image/png";
  if (begins(0xff, 0xd8, 0xff)) return "image/jpeg";
  const tiff = [0x2a, 0x2b].some((version) => begins(0x49, 0x49, version, 0) || begins(0x4d, 0x4d, 0, version));
  if (tiff) return "image/tiff";
  if (String.fromCharCode(...start.slice(128, 132)) === "DICM" || /\.dcm$/i.test(file.name)) return "application/dicom";
  return "application/octet-stream";
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(new URL(path, document.baseURI), { cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal("The service cannot be reached. Check that it runs, then try again.", true);
  }
  if (response.ok) return response;
  let problem = {};
  try {
    problem = await response.json();
  } catch {
    // An answer of something between page and service; its status is all that is known.
  }
  let message = problem.detail || problem.title || `The service answered with status ${response.status} and no words.`;
  const wait = Number(response.headers.get("Retry-After"));
  if (response.status === 429 && wait > 0) message += ` Try again in ${wait} ${wait === 1 ? "second" : "seconds"}.`;
  throw new Refusal(message, response.status === 429 || response.status >= 500);
}
