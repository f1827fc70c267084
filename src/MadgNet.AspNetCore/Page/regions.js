// The regions of a label as a table that can be sorted; choosing a row marks its region in the picture.

const MostRows = 500;

export class RegionTable {
  #heads = document.getElementById("heads");
  #rows = document.getElementById("rows");
  #more = document.getElementById("more");
  #regions = [];
  #columns = [];
  #sorted = { column: 0, down: false };
  #chosen = null;
  #onChoose;

  constructor(onChoose) { this.#onChoose = onChoose; }

  /** Shows the regions; spacing is in millimetres, or null. */
  show(regions, spacing) {
    this.#regions = regions;
    this.#chosen = null;
    const columns = [
      { name: "Region", value: (region) => region.id, text: String },
      { name: "Area (px)", value: (region) => region.areaPixels, text: whole },
      { name: "Area (mm²)", value: (region) => region.areaSquareMillimetres, text: short, millimetres: true },
      { name: "Probability", value: (region) => region.meanProbability, text: (value) => value.toFixed(3) },
      { name: "Width (px)", value: (region) => region.box.width, text: whole, millimetres: false },
      { name: "Height (px)", value: (region) => region.box.height, text: whole, millimetres: false },
      { name: "Width (mm)", value: (region) => region.box.width * spacing.column, text: short, millimetres: true },
      { name: "Height (mm)", value: (region) => region.box.height * spacing.row, text: short, millimetres: true },
      { name: "Centre x (px)", value: (region) => region.centroid.x, text: (value) => value.toFixed(1) },
      { name: "Centre y (px)", value: (region) => region.centroid.y, text: (value) => value.toFixed(1) },
    ].filter((column) => (column.millimetres ?? spacing !== null) === (spacing !== null));
    if (columns.length !== this.#columns.length) this.#sorted = { column: 0, down: false };
    this.#columns = columns;
    this.#fillHeads();
    this.#fillRows();
  }

  /** Marks the row of a region, and the region with it; null for none. */
  choose(region) {
    this.#chosen = region;
    for (const row of this.#rows.rows) {
      const on = region !== null && Number(row.dataset.id) === region.id;
      row.classList.toggle("chosen", on);
      row.querySelector("button").setAttribute("aria-pressed", on);
    }
    this.#onChoose(region);
  }

  #fillHeads() {
    this.#heads.replaceChildren(...this.#columns.map((column, place) => {
      const head = document.createElement("th");
      head.scope = "col";
      if (place === this.#sorted.column) head.ariaSort = this.#sorted.down ? "descending" : "ascending";
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = column.name;
      button.addEventListener("click", () => {
        this.#sorted = { column: place, down: this.#sorted.column === place && !this.#sorted.down };
        const order = this.#sorted.down ? "descending" : "ascending";
        [...this.#heads.cells].forEach((cell, i) => { cell.ariaSort = i === place ? order : null; });
        this.#fillRows();
      });
      head.append(button);
      return head;
    }));
  }

  #fillRows() {
    const { value } = this.#columns[this.#sorted.column];
    const sorted = [...this.#regions].sort((a, b) => (this.#sorted.down ? value(b) - value(a) : value(a) - value(b)) || a.id - b.id);
    this.#rows.replaceChildren(...sorted.slice(0, MostRows).map((region) => this.#row(region)));
    this.#more.hidden = sorted.length <= MostRows;
    this.#more.textContent = `The first ${MostRows} of ${whole(sorted.length)} regions in this order. GeoJSON holds all of them.`;
  }

  #row(region) {
    const row = document.createElement("tr");
    row.dataset.id = region.id;
    for (const [place, column] of this.#columns.entries()) {
      const cell = row.insertCell();
      const text = column.text(column.value(region));
      if (place > 0) {
        cell.textContent = text;
        continue;
      }
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.title = "Mark in the picture";
      button.setAttribute("aria-pressed", this.#chosen === region);
      button.addEventListener("click", () => this.choose(this.#chosen === region ? null : region));
      cell.append(button);
    }
    row.classList.toggle("chosen", this.#chosen === region);
    return row;
  }
}

/** A whole number with its thousands apart. */
export function whole(value) { return Math.round(value).toLocaleString("en").replaceAll(",", "\u202f"); }

/** Four digits that count. */
export function short(value) { return value.toLocaleString("en", { maximumSignificantDigits: 4 }).replaceAll(",", "\u202f"); }
