"use strict";

require("@tensorflow/tfjs-backend-cpu");
require("./chained-operations.cjs");

const core = require("@tensorflow/tfjs-core");

// On its first operation in Node the CPU backend prints an advertisement for the native one.
core.backend().firstUse = false;

module.exports = core;
