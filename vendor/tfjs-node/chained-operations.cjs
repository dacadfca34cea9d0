"use strict";

const core = require("@tensorflow/tfjs-core");

// TensorFlow.js ships the methods of tensors (`a.add(b)`) only as modules that Node cannot load, so they are made here
// from the functions of the same names, which take the tensor first.
const methods = [
  "abs", "acos", "acosh", "add", "all", "any", "argMax", "argMin", "asin", "asinh", "atan", "atan2", "atanh", "avgPool",
  "batchNorm", "batchToSpaceND", "broadcastTo", "cast", "ceil", "clipByValue", "conv1d", "conv2d", "conv2dTranspose",
  "cos", "cosh", "cumprod", "cumsum", "depthToSpace", "depthwiseConv2d", "dilation2d", "div", "divNoNan", "dot", "elu",
  "equal", "erf", "euclideanNorm", "exp", "expandDims", "expm1", "floor", "floorDiv", "gather", "greater",
  "greaterEqual", "isFinite", "isInf", "isNaN", "leakyRelu", "less", "lessEqual", "localResponseNormalization", "log",
  "log1p", "logSigmoid", "logSoftmax", "logSumExp", "logicalAnd", "logicalNot", "logicalOr", "logicalXor", "matMul",
  "max", "maxPool", "maximum", "mean", "min", "minimum", "mirrorPad", "mod", "mul", "neg", "norm", "notEqual", "oneHot",
  "onesLike", "pad", "pool", "pow", "prelu", "prod", "reciprocal", "relu", "relu6", "reshape", "reverse", "round",
  "rsqrt", "selu", "separableConv2d", "sigmoid", "sign", "sin", "sinh", "slice", "softmax", "softplus",
  "spaceToBatchND", "split", "sqrt", "square", "squaredDifference", "squeeze", "step", "stridedSlice", "sub", "sum",
  "tan", "tanh", "tile", "topk", "transpose", "unique", "unsortedSegmentSum", "unstack", "zerosLike",
];

const prototype = core.Tensor.prototype;

function define(name, operation) {
  prototype[name] = function (...rest) {
    this.throwIfDisposed();
    return operation(this, ...rest);
  };
}

for (const name of methods) define(name, core[name]);
for (const name of ["fft", "ifft", "rfft", "irfft"]) define(name, core.spectral[name]);
for (const name of ["resizeBilinear", "resizeNearestNeighbor"]) define(name, core.image[name]);
for (const name of ["as1D", "as2D", "as3D", "as4D", "as5D"]) {
  define(name, (tensor, ...shape) => core.reshape(tensor, name === "as1D" ? [tensor.size] : shape));
}
define("flatten", (tensor) => core.reshape(tensor, [tensor.size]));
define("asScalar", (tensor) => core.reshape(tensor, []));
define("reshapeAs", (tensor, other) => core.reshape(tensor, other.shape));
define("asType", core.cast);
define("toBool", (tensor) => core.cast(tensor, "bool"));
define("toFloat", (tensor) => core.cast(tensor, "float32"));
define("toInt", (tensor) => core.cast(tensor, "int32"));
define("concat", (tensor, others, axis) => core.concat([tensor].concat(others), axis));
define("stack", (tensor, others, axis) => core.stack([tensor].concat(others), axis));
define("where", (tensor, condition, other) => core.where(condition, tensor, other));
