"use strict";

function refuse() {
  throw new Error("Excel files are not read or written here: convert the sheet to CSV or Parquet, or use the xlsx package directly");
}

module.exports = {
  read: refuse,
  readFile: refuse,
  writeFile: refuse,
  utils: { aoa_to_sheet: refuse, book_append_sheet: refuse, book_new: refuse, sheet_to_json: refuse, json_to_sheet: refuse },
};
