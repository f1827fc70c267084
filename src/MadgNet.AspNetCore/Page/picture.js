// Draws a picture with what the network says of it: the mask at a threshold, or one of its maps, right of a movable border.

const LongestSide = 1600;
const SmallSide = 1200;
const MostEdges = 250000;
const Masks = [[0, 194, 168], [255, 176, 0], [255, 92, 138], [90, 169, 255], [179, 136, 255], [123, 209, 78]];
// Viridis at equal steps; the same colours as #ramp of the style sheet.
const Ramp = [
  [68, 1, 84], [71, 45, 123], [59, 82, 139], [44, 114, 142], [33, 145, 140], [40, 174, 128], [94, 201, 98], [173, 220, 48], [253, 231, 37],
];

/** The values of a grey picture, 0 to 255, at the size that is shown. */
export class MapValues {
  static async read(blob, size) {
    const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
    const context = surface(size.width, size.height);
    context.drawImage(bitmap, 0, 0, size.width, size.height);
    bitmap.close();
    const pixels = context.getImageData(0, 0, size.width, size.height).data;
    const values = new MapValues();
    values.width = size.width;
    values.height = size.height;
    values.data = new Uint8Array(size.width * size.height);
    for (let i = 0; i < values.data.length; i++) values.data[i] = pixels[4 * i];
    return values;
  }
}

/** The size at which a picture is shown: large ones are made smaller, so that the threshold follows the hand. */
export function shownSize(width, height) {
  const scale = Math.min(1, LongestSide / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

export class PictureView {
  threshold = 0.5;
  opacity = 0.4;
  compare = 0;
  label = 0;
  heat = false;
  #canvas;
  #context;
  #image = null;
  #original = null;
  #region = null;
  #shown = null;
  #chosen = null;
  #layer = null;
  #outline = null;
  #drawn = "";
  #asked = false;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    new ResizeObserver(() => this.refresh()).observe(canvas);
  }

  get size() { return this.#image && { width: this.#image.canvas.width, height: this.#image.canvas.height }; }

  /** Shows a picture alone. */
  setPicture(bitmap) {
    this.#original = { width: bitmap.width, height: bitmap.height };
    const { width, height } = shownSize(bitmap.width, bitmap.height);
    this.#image = surface(width, height);
    this.#image.imageSmoothingQuality = "high";
    this.#image.drawImage(bitmap, 0, 0, width, height);
    const times = Math.max(1, Math.floor(SmallSide / Math.max(width, height)));
    this.#canvas.width = width * times;
    this.#canvas.height = height * times;
    this.setMaps(null, null);
  }

  /** What is thresholded, and what is shown as colours where heat is on. */
  setMaps(region, shown) {
    this.#region = region;
    this.#shown = shown;
    this.#chosen = null;
    this.#drawn = "";
    this.refresh();
  }

  /** Marks a region by its contours in pixels of the picture; null for none. */
  choose(contours) {
    this.#chosen = contours && this.#path(contours);
    this.refresh();
  }

  /** Whether a place of the window lies in a region. */
  contains(contours, event) {
    const box = this.#canvas.getBoundingClientRect();
    const x = (event.clientX - box.left) * this.#canvas.width / box.width;
    const y = (event.clientY - box.top) * this.#canvas.height / box.height;
    return this.#context.isPointInPath(this.#path(contours), x, y, "evenodd");
  }

  /** Draws before the screen is shown the next time, however often it is asked to. */
  refresh() {
    if (this.#asked || !this.#image) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  #draw() {
    const { width, height } = this.#canvas;
    const context = this.#context;
    const line = width / Math.max(1, this.#canvas.clientWidth);
    const border = Math.round(width * this.compare);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.#image.canvas, 0, 0, width, height);
    if (!this.#region) return;
    this.#prepare();
    context.save();
    context.beginPath();
    context.rect(border, 0, width - border, height);
    context.clip();
    context.globalAlpha = this.opacity;
    context.drawImage(this.#layer.canvas, 0, 0, width, height);
    context.globalAlpha = 1;
    if (this.opacity > 0 && this.#outline) {
      context.lineWidth = 1.6 * line;
      context.strokeStyle = this.heat ? "#ffffff" : color(Masks[this.label % Masks.length]);
      context.stroke(this.#outline);
    }
    context.restore();
    if (this.#chosen) this.#strokeTwice(this.#chosen, line);
    if (border > 0 && border < width) this.#drawBorder(border, line);
  }

  #strokeTwice(path, line) {
    const context = this.#context;
    context.lineJoin = "round";
    context.lineWidth = 5 * line;
    context.strokeStyle = "#000000";
    context.stroke(path);
    context.lineWidth = 2.5 * line;
    context.strokeStyle = "#ffffff";
    context.stroke(path);
  }

  #drawBorder(x, line) {
    const { height } = this.#canvas;
    const middle = height / 2;
    const bar = new Path2D();
    bar.moveTo(x, 0);
    bar.lineTo(x, height);
    this.#strokeTwice(bar, line * 0.8);
    const handle = new Path2D();
    handle.arc(x, middle, 13 * line, 0, 2 * Math.PI);
    this.#context.fillStyle = "#ffffff";
    this.#context.fill(handle);
    this.#context.lineWidth = line;
    this.#context.strokeStyle = "#000000";
    this.#context.stroke(handle);
    const arrows = new Path2D();
    for (const side of [-1, 1]) {
      arrows.moveTo(x + side * 4 * line, middle - 4 * line);
      arrows.lineTo(x + side * 8 * line, middle);
      arrows.lineTo(x + side * 4 * line, middle + 4 * line);
    }
    this.#context.lineWidth = 2 * line;
    this.#context.stroke(arrows);
  }

  /** Makes layer and outline anew where what they show has changed. */
  #prepare() {
    const wanted = `${this.heat} ${this.label} ${this.threshold}`;
    if (wanted === this.#drawn) return;
    this.#drawn = wanted;
    const { width, height } = this.#region;
    const least = this.threshold * 255 - 1e-9;
    const layer = surface(width, height);
    const pixels = layer.createImageData(width, height);
    const values = this.heat ? this.#shown.data : this.#region.data;
    const mask = Masks[this.label % Masks.length];
    for (let i = 0, at = 0; i < values.length; i++, at += 4) {
      if (this.heat || values[i] >= least) {
        const shade = this.heat ? Shades[values[i]] : mask;
        pixels.data[at] = shade[0];
        pixels.data[at + 1] = shade[1];
        pixels.data[at + 2] = shade[2];
        pixels.data[at + 3] = 255;
      }
    }
    layer.putImageData(pixels, 0, 0);
    this.#layer = layer;
    this.#outline = outline(this.#region, least, this.#canvas.width / width);
  }

  #path(contours) {
    const x = this.#canvas.width / this.#original.width;
    const y = this.#canvas.height / this.#original.height;
    const path = new Path2D();
    for (const ring of contours) {
      ring.forEach((point, i) => (i === 0 ? path.moveTo(x * point[0], y * point[1]) : path.lineTo(x * point[0], y * point[1])));
      path.closePath();
    }
    return path;
  }
}

const Shades = Array.from({ length: 256 }, (_, value) => {
  const place = value / 255 * (Ramp.length - 1);
  const low = Math.min(Math.floor(place), Ramp.length - 2);
  return Ramp[low].map((from, i) => from + (Ramp[low + 1][i] - from) * (place - low));
});

function surface(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas.getContext("2d", { willReadFrequently: true });
}

function color([red, green, blue]) { return `rgb(${red} ${green} ${blue})`; }

/** The edges between pixels inside and outside, in runs; null where there are too many to be seen as lines. */
function outline({ width, height, data }, least, times) {
  const path = new Path2D();
  let edges = 0;
  const line = (lines, length, differs, draw) => {
    for (let i = 1; i < lines && edges < MostEdges; i++) {
      for (let j = 0; j < length; j++) {
        if (!differs(i, j)) continue;
        const from = j;
        while (j < length && differs(i, j)) j++;
        edges++;
        draw(i * times, from * times, j * times);
      }
    }
  };
  line(height, width, (y, x) => (data[y * width + x] >= least) !== (data[(y - 1) * width + x] >= least), (y, from, to) => {
    path.moveTo(from, y);
    path.lineTo(to, y);
  });
  line(width, height, (x, y) => (data[y * width + x] >= least) !== (data[y * width + x - 1] >= least), (x, from, to) => {
    path.moveTo(x, from);
    path.lineTo(x, to);
  });
  return edges < MostEdges ? path : null;
}
