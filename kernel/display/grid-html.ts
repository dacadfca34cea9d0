import { escapeHtml } from "./escape-html.ts";
import { type Grid, type GridCell, isNumeric, sizeText } from "./grid.ts";

/** Styles of tables, in the colours of the front end's theme. JupyterLab styles tables itself: the class stands twice to outdo it. */
export const GRID_STYLE = `
table.fenl-grid.fenl-grid { border-collapse: collapse; border: none; margin: 0 0 4px; font-size: var(--jp-ui-font-size1, 13px); font-variant-numeric: tabular-nums; color: var(--jp-ui-font-color1, inherit); }
table.fenl-grid.fenl-grid th, table.fenl-grid.fenl-grid td { border: none; padding: 3px 10px; text-align: left; vertical-align: top; white-space: pre; max-width: 40em; overflow: hidden; text-overflow: ellipsis; }
table.fenl-grid.fenl-grid thead th { font-weight: 600; border-bottom: 1px solid var(--jp-border-color1, #bdbdbd); }
table.fenl-grid.fenl-grid thead .fenl-type { display: block; font-weight: 400; font-size: 0.85em; color: var(--jp-ui-font-color2, #757575); }
table.fenl-grid.fenl-grid tbody tr { border-bottom: 1px solid var(--jp-border-color3, #e8e8e8); background: transparent; }
table.fenl-grid.fenl-grid tbody th { font-weight: 400; color: var(--jp-ui-font-color2, #757575); }
table.fenl-grid.fenl-grid .fenl-number { text-align: right; }
table.fenl-grid.fenl-grid .fenl-null { color: var(--jp-ui-font-color2, #757575); font-style: italic; }
table.fenl-grid.fenl-grid .fenl-nan { color: var(--jp-warn-color1, #b35900); text-align: right; }
.fenl-scroll { overflow-x: auto; }
.fenl-size { margin: 4px 0; font-size: var(--jp-ui-font-size1, 13px); color: var(--jp-ui-font-color2, #757575); }
`.trim();

/** A grid as an HTML table with its dimensions below; {@link GRID_STYLE} has its looks. */
export function gridHtml(grid: Grid): string {
  const numeric = grid.columns.map((_, column) => isNumeric(grid, column));
  const corner = grid.index === undefined ? "" : "<th></th>";
  const heads = grid.columns.map((column, at) => {
    const type = column.type === "" ? "" : `<span class="fenl-type">${escapeHtml(column.type)}</span>`;
    return `<th scope="col"${numeric[at] ? ' class="fenl-number"' : ""}>${escapeHtml(column.name)}${type}</th>`;
  });
  const rows = grid.rows.map((row, at) => {
    const name = grid.index === undefined ? "" : `<th scope="row">${escapeHtml(grid.index[at]!)}</th>`;
    return `<tr>${name}${row.map((cell, column) => cellHtml(cell, numeric[column]!)).join("")}</tr>`;
  });
  return (
    `<div class="fenl-scroll"><table class="fenl-grid"><thead><tr>${corner}${heads.join("")}</tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table></div>` +
    `<p class="fenl-size">${sizeText(grid)}</p>`
  );
}

function cellHtml(cell: GridCell, numeric: boolean): string {
  const classes = [
    numeric ? "fenl-number" : "",
    cell.kind === "null" || cell.kind === "nan" ? `fenl-${cell.kind}` : "",
  ];
  const names = classes.filter((name) => name !== "").join(" ");
  return `<td${names === "" ? "" : ` class="${names}"`}>${escapeHtml(cell.text)}</td>`;
}
