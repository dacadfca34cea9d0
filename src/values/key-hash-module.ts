/**
 * Key hashing (aHash 0.8.3, portable path) as WebAssembly functions: 64 x 64 -> 128 bit products are native there and
 * slow in JavaScript. For a module that has a memory.
 */
export const KEY_HASH_FUNCTIONS = `
  (func $fold (param $a i64) (param $b i64) (result i64)
    (local $al i64) (local $ah i64) (local $bl i64) (local $bh i64) (local $lh i64) (local $hl i64) (local $mid i64)
    (local.set $al (i64.and (local.get $a) (i64.const 0xffffffff)))
    (local.set $ah (i64.shr_u (local.get $a) (i64.const 32)))
    (local.set $bl (i64.and (local.get $b) (i64.const 0xffffffff)))
    (local.set $bh (i64.shr_u (local.get $b) (i64.const 32)))
    (local.set $lh (i64.mul (local.get $al) (local.get $bh)))
    (local.set $hl (i64.mul (local.get $ah) (local.get $bl)))
    (local.set $mid (i64.add
      (i64.shr_u (i64.mul (local.get $al) (local.get $bl)) (i64.const 32))
      (i64.add (i64.and (local.get $lh) (i64.const 0xffffffff)) (i64.and (local.get $hl) (i64.const 0xffffffff)))))
    (i64.xor
      (i64.mul (local.get $a) (local.get $b))
      (i64.add
        (i64.add (i64.mul (local.get $ah) (local.get $bh)) (i64.shr_u (local.get $lh) (i64.const 32)))
        (i64.add (i64.shr_u (local.get $hl) (i64.const 32)) (i64.shr_u (local.get $mid) (i64.const 32))))))
  (func $length (export "length") (param $buffer i64) (param $length i64) (result i64)
    (i64.mul (i64.add (local.get $buffer) (local.get $length)) (i64.const 6364136223846793005)))
  (func $word (param $buffer i64) (param $value i64) (result i64)
    (call $fold (i64.xor (local.get $value) (local.get $buffer)) (i64.const 6364136223846793005)))
  (func $pair (export "pair")
    (param $buffer i64) (param $pad i64) (param $x0 i64) (param $x1 i64) (param $a i64) (param $b i64) (result i64)
    (i64.rotl
      (i64.xor
        (i64.add (local.get $buffer) (local.get $pad))
        (call $fold (i64.xor (local.get $a) (local.get $x0)) (i64.xor (local.get $b) (local.get $x1))))
      (i64.const 23)))
  (func $blocks (export "blocks")
    (param $at i32) (param $count i32) (param $buffer i64) (param $pad i64) (param $x0 i64) (param $x1 i64) (result i64)
    (block $end
      (loop $next
        (br_if $end (i32.eqz (local.get $count)))
        (local.set $buffer (call $pair (local.get $buffer) (local.get $pad) (local.get $x0) (local.get $x1)
          (i64.load align=1 (local.get $at)) (i64.load offset=8 align=1 (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (local.get $buffer))
  (func $done (param $buffer i64) (param $pad i64) (result i64)
    (i64.rotl (call $fold (local.get $buffer) (local.get $pad)) (i64.and (local.get $buffer) (i64.const 63))))
  (func $finish (export "finish") (param $buffer i64) (param $pad i64) (result i64)
    (call $done (call $word (local.get $buffer) (i64.const 0xff)) (local.get $pad)))
  (func $text (export "text")
    (param $at i32) (param $size i32) (param $buffer i64) (param $pad i64) (param $x0 i64) (param $x1 i64) (result i64)
    (local $a i64) (local $b i64) (local $last i32)
    (local.set $buffer (call $length (local.get $buffer) (i64.extend_i32_u (local.get $size))))
    (local.set $last (i32.add (local.get $at) (local.get $size)))
    (if (i32.gt_u (local.get $size) (i32.const 8))
      (then
        (local.set $b (i64.load align=1 (i32.sub (local.get $last) (i32.const 8))))
        (if (i32.gt_u (local.get $size) (i32.const 16))
          (then (local.set $a (i64.load align=1 (i32.sub (local.get $last) (i32.const 16)))))
          (else (local.set $a (i64.load align=1 (local.get $at))))))
      (else
        (if (i32.ge_u (local.get $size) (i32.const 4))
          (then
            (local.set $a (i64.load32_u align=1 (local.get $at)))
            (local.set $b (i64.load32_u align=1 (i32.sub (local.get $last) (i32.const 4)))))
          (else
            (if (i32.ge_u (local.get $size) (i32.const 2))
              (then
                (local.set $a (i64.load16_u align=1 (local.get $at)))
                (local.set $b (i64.load8_u (i32.sub (local.get $last) (i32.const 1)))))
              (else
                (if (local.get $size)
                  (then
                    (local.set $a (i64.load8_u (local.get $at)))
                    (local.set $b (local.get $a))))))))))
    (local.set $buffer (call $pair (local.get $buffer) (local.get $pad) (local.get $x0) (local.get $x1)
      (local.get $a) (local.get $b)))
    (if (i32.gt_u (local.get $size) (i32.const 16))
      (then
        (local.set $buffer (call $blocks (local.get $at)
          (i32.shr_u (i32.sub (local.get $size) (i32.const 1)) (i32.const 4))
          (local.get $buffer) (local.get $pad) (local.get $x0) (local.get $x1)))))
    (call $finish (local.get $buffer) (local.get $pad)))
`;

/**
 * The inner loops of key hashing as WebAssembly text; `texts` and `words` read and write where they are told.
 * `KEY_HASH_BINARY` is this text assembled; a test holds the two together.
 */
export const KEY_HASH_WAT = `(module
  (memory (export "memory") 32)${KEY_HASH_FUNCTIONS}
  (func (export "texts")
    (param $offsets i32) (param $count i32) (param $out i32)
    (param $buffer i64) (param $pad i64) (param $x0 i64) (param $x1 i64)
    (local $at i32)
    (block $end
      (loop $next
        (br_if $end (i32.eqz (local.get $count)))
        (local.set $at (i32.load (local.get $offsets)))
        (i64.store (local.get $out) (call $text (local.get $at)
          (i32.sub (i32.load offset=4 (local.get $offsets)) (local.get $at))
          (local.get $buffer) (local.get $pad) (local.get $x0) (local.get $x1)))
        (local.set $offsets (i32.add (local.get $offsets) (i32.const 4)))
        (local.set $out (i32.add (local.get $out) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next))))
  (func (export "words") (param $at i32) (param $count i32) (param $buffer i64) (param $pad i64)
    (block $end
      (loop $next
        (br_if $end (i32.eqz (local.get $count)))
        (i64.store (local.get $at)
          (call $done (call $word (local.get $buffer) (i64.load (local.get $at))) (local.get $pad)))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))))
`;

/** `KEY_HASH_WAT` assembled, base64. */
export const KEY_HASH_BINARY =
  "AGFzbQEAAAABLAVgAn5+AX5gBn5+fn5+fgF+YAZ/f35+fn4BfmAHf39/fn5+fgBgBH9/fn4AAwsKAAAAAQIAAAIDBAUDAQAgB0MI" +
  "Bm1lbW9yeQIABmxlbmd0aAABBHBhaXIAAwZibG9ja3MABAZmaW5pc2gABgR0ZXh0AAcFdGV4dHMACAV3b3JkcwAJCrsECnEBB34g" +
  "AEL/////D4MhAiAAQiCIIQMgAUL/////D4MhBCABQiCIIQUgAiAFfiEGIAMgBH4hByACIAR+QiCIIAZC/////w+DIAdC/////w+D" +
  "fHwhCCAAIAF+IAMgBX4gBkIgiHwgB0IgiCAIQiCIfHyFCxMAIAAgAXxCrf7V5NSF/ajYAH4LFAAgASAAhUKt/tXk1IX9qNgAEAAL" +
  "FwAgACABfCAEIAKFIAUgA4UQAIVCF4kLNQACQANAIAFFDQEgAiADIAQgBSAAKQAAIAApAAgQAyECIABBEGohACABQQFrIQEMAAsL" +
  "IAILDgAgACABEAAgAEI/g4kLDQAgAEL/ARACIAEQBQu7AQICfgF/IAIgAa0QASECIAAgAWohCCABQQhLBEAgCEEIaykAACEHIAFB" +
  "EEsEQCAIQRBrKQAAIQYFIAApAAAhBgsFIAFBBE8EQCAANQAAIQYgCEEEazUAACEHBSABQQJPBEAgADMAACEGIAhBAWsxAAAhBwUg" +
  "AQRAIAAxAAAhBiAGIQcLCwsLIAIgAyAEIAUgBiAHEAMhAiABQRBLBEAgACABQQFrQQR2IAIgAyAEIAUQBCECCyACIAMQBgtGAQF/" +
  "AkADQCABRQ0BIAAoAgAhByACIAcgACgCBCAHayADIAQgBSAGEAc3AwAgAEEEaiEAIAJBCGohAiABQQFrIQEMAAsLCy8AAkADQCAB" +
  "RQ0BIAAgAiAAKQMAEAIgAxAFNwMAIABBCGohACABQQFrIQEMAAsLCw==";
