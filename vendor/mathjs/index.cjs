"use strict";

// Danfo reads mathjs's functions as properties of the module; loading them takes 0.2 s, so it waits for the first one.
module.exports = new Proxy(
  {},
  {
    get: (_, name) => (name === "__esModule" ? false : require("mathjs-full")[name]),
    has: (_, name) => name in require("mathjs-full"),
  },
);
