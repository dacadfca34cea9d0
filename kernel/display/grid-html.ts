import { escapeHtml } from "./escape-html.ts";
import {
  type CellKind,
  type Grid,
  type GridCell,
  type GridColumn,
  isNumeric,
  partText,
  shownRows,
  totalText,
} from "./grid.ts";

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
table.fenl-grid.fenl-grid td.fenl-minor, table.fenl-grid.fenl-grid th.fenl-minor { padding: 3px 6px; font-size: 0.75em; font-weight: 400; vertical-align: middle; color: var(--jp-ui-font-color2, #757575); }
table.fenl-grid.fenl-grid.fenl-fields td { white-space: pre-wrap; max-width: none; overflow-wrap: anywhere; }
.fenl-table tbody.fenl-more { display: none; }
.fenl-table:has(.fenl-show > input:checked) tbody.fenl-more { display: table-row-group; }
.fenl-table:has(.fenl-show > input:checked) .fenl-part { display: none; }
.fenl-show { margin-left: 12px; cursor: pointer; white-space: nowrap; }
.fenl-show > input { vertical-align: middle; margin: 0 2px 0 0; }
.fenl-scroll { overflow-x: auto; }
.fenl-size { margin: 4px 0; font-size: var(--jp-ui-font-size1, 13px); color: var(--jp-ui-font-color2, #757575); }
`.trim();

/** A grid as an HTML table with its dimensions below, and a box that shows more rows; {@link GRID_STYLE} has its looks. */
export function gridHtml(grid: Grid): string {
  const numeric = grid.columns.map((_, column) => isNumeric(grid, column));
  const corner = grid.index === undefined ? "" : "<td></td>";
  const heads = grid.columns.map((column, at) => {
    const type = column.type === "" ? "" : `<span class="fenl-type">${escapeHtml(column.type)}</span>`;
    return `<th scope="col"${classes(column, numeric[at]!)}>${escapeHtml(column.name)}${type}</th>`;
  });
  const rows = grid.rows.map((row, at) => {
    const name = grid.index === undefined ? "" : `<th scope="row">${escapeHtml(grid.index[at]!)}</th>`;
    const cells = row.map((cell, column) => cellHtml(cell, grid.columns[column]!, numeric[column]!));
    return `<tr>${name}${cells.join("")}</tr>`;
  });
  const shown = shownRows(grid).length;
  const more = rows.length > shown ? `\n<tbody class="fenl-more">\n${rows.slice(shown).join("\n")}\n</tbody>` : "";
  // JupyterLab's shortcuts would take the keys that check the box.
  const box = `<label class="fenl-show"><input type="checkbox" data-lm-suppress-shortcuts> show ${rows.length} rows</label>`;
  const part = partText(grid);
  const size = `${totalText(grid)}${part === "" ? "" : ` <span${grid.columns.length < grid.totalColumns ? "" : ' class="fenl-part"'}>${part}</span>`}`;
  return (
    `<div class="fenl-table"><div class="fenl-scroll"><table class="fenl-grid" aria-label="${totalText(grid)}"><thead><tr>${corner}${heads.join("")}</tr></thead>` +
    `<tbody>\n${rows.slice(0, shown).join("\n")}\n</tbody>${more}</table></div>` +
    `<p class="fenl-size">${size}${more === "" ? "" : box}</p></div>`
  );
}

function cellHtml(cell: GridCell, column: GridColumn, numeric: boolean): string {
  return `<td${classes(column, numeric, cell.kind)}>${escapeHtml(cell.text)}</td>`;
}

function classes({ minor }: GridColumn, numeric: boolean, kind: CellKind = "text"): string {
  const names = [
    numeric ? "fenl-number" : "",
    kind === "null" || kind === "nan" ? `fenl-${kind}` : "",
    minor ? "fenl-minor" : "",
  ].filter((name) => name !== "");
  return names.length === 0 ? "" : ` class="${names.join(" ")}"`;
}
