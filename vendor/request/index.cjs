"use strict";

function refuse() {
  throw new Error("URLs are not read here: fetch the file with fetch() first, then read it from disk");
}

module.exports = refuse;
module.exports.get = refuse;
