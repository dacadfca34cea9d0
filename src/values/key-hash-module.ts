/** Locals of what `fold` writes. */
const FOLD_LOCALS = ["fa", "fb", "al", "ah", "bl", "bh", "lh", "hl", "mid"]
  .map((name) => `(local $${name} i64)`)
  .join(" ");

/** Sets a local to the halves of a product of 128 bits, put together; written out, as engines do not inline calls. */
function fold(to: string, a: string, b: string): string {
  return `(local.set $fa ${a})
    (local.set $fb ${b})
    (local.set $al (i64.and (local.get $fa) (i64.const 0xffffffff)))
    (local.set $ah (i64.shr_u (local.get $fa) (i64.const 32)))
    (local.set $bl (i64.and (local.get $fb) (i64.const 0xffffffff)))
    (local.set $bh (i64.shr_u (local.get $fb) (i64.const 32)))
    (local.set $lh (i64.mul (local.get $al) (local.get $bh)))
    (local.set $hl (i64.mul (local.get $ah) (local.get $bl)))
    (local.set $mid (i64.add
      (i64.shr_u (i64.mul (local.get $al) (local.get $bl)) (i64.const 32))
      (i64.add (i64.and (local.get $lh) (i64.const 0xffffffff)) (i64.and (local.get $hl) (i64.const 0xffffffff)))))
    (local.set $${to} (i64.xor
      (i64.mul (local.get $fa) (local.get $fb))
      (i64.add
        (i64.add (i64.mul (local.get $ah) (local.get $bh)) (i64.shr_u (local.get $lh) (i64.const 32)))
        (i64.add (i64.shr_u (local.get $hl) (i64.const 32)) (i64.shr_u (local.get $mid) (i64.const 32))))))`;
}

/** Mixes two words into the buffer. */
function pair(a: string, b: string): string {
  return `${fold("folded", `(i64.xor ${a} (local.get $x0))`, `(i64.xor ${b} (local.get $x1))`)}
    (local.set $buffer (i64.rotl
      (i64.xor (i64.add (local.get $buffer) (local.get $pad)) (local.get $folded)) (i64.const 23)))`;
}

/** Mixes one word into the buffer, and ends with its hash as a value. */
function finish(word: string): string {
  return `${fold("buffer", `(i64.xor ${word} (local.get $buffer))`, "(i64.const 6364136223846793005)")}
    ${fold("folded", "(local.get $buffer)", "(local.get $pad)")}
    (i64.rotl (local.get $folded) (i64.and (local.get $buffer) (i64.const 63)))`;
}

/**
 * Key hashing (aHash 0.8.3, portable path) as WebAssembly functions: 64 x 64 -> 128 bit products are native there and
 * slow in JavaScript. For a module that has a memory.
 */
export const KEY_HASH_FUNCTIONS = `
  (func $length (export "length") (param $buffer i64) (param $length i64) (result i64)
    (i64.mul (i64.add (local.get $buffer) (local.get $length)) (i64.const 6364136223846793005)))
  (func $word (param $buffer i64) (param $pad i64) (param $value i64) (result i64)
    (local $folded i64) ${FOLD_LOCALS}
    ${finish("(local.get $value)")})
  (func $pair (export "pair")
    (param $buffer i64) (param $pad i64) (param $x0 i64) (param $x1 i64) (param $a i64) (param $b i64) (result i64)
    (local $folded i64) ${FOLD_LOCALS}
    ${pair("(local.get $a)", "(local.get $b)")}
    (local.get $buffer))
  (func $blocks (export "blocks")
    (param $at i32) (param $count i32) (param $buffer i64) (param $pad i64) (param $x0 i64) (param $x1 i64) (result i64)
    (local $folded i64) ${FOLD_LOCALS}
    (block $end
      (loop $next
        (br_if $end (i32.eqz (local.get $count)))
        ${pair("(i64.load align=1 (local.get $at))", "(i64.load offset=8 align=1 (local.get $at))")}
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (local.get $buffer))
  (func $finish (export "finish") (param $buffer i64) (param $pad i64) (result i64)
    (call $word (local.get $buffer) (local.get $pad) (i64.const 0xff)))
  (func $text (export "text")
    (param $at i32) (param $size i32) (param $buffer i64) (param $pad i64) (param $x0 i64) (param $x1 i64) (result i64)
    (local $a i64) (local $b i64) (local $last i32) (local $folded i64) ${FOLD_LOCALS}
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
    ${pair("(local.get $a)", "(local.get $b)")}
    (if (i32.gt_u (local.get $size) (i32.const 16))
      (then
        (local.set $buffer (call $blocks (local.get $at)
          (i32.shr_u (i32.sub (local.get $size) (i32.const 1)) (i32.const 4))
          (local.get $buffer) (local.get $pad) (local.get $x0) (local.get $x1)))))
    ${finish("(i64.const 0xff)")})
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
          (call $word (local.get $buffer) (local.get $pad) (i64.load (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))))
`;

/** `KEY_HASH_WAT` assembled, base64. */
export const KEY_HASH_BINARY =
  "AGFzbQEAAAABMwZgAn5+AX5gA35+fgF+YAZ+fn5+fn4BfmAGf39+fn5+AX5gB39/f35+fn4AYAR/f35+AAMJCAABAgMAAwQFBQMBACAHQwgGbWVtb3J5" +
  "AgAGbGVuZ3RoAAAEcGFpcgACBmJsb2NrcwADBmZpbmlzaAAEBHRleHQABQV0ZXh0cwAGBXdvcmRzAAcKmQoIEwAgACABfEKt/tXk1IX9qNgAfguGAgEK" +
  "fiACIACFIQRCrf7V5NSF/ajYACEFIARC/////w+DIQYgBEIgiCEHIAVC/////w+DIQggBUIgiCEJIAYgCX4hCiAHIAh+IQsgBiAIfkIgiCAKQv////8P" +
  "gyALQv////8Pg3x8IQwgBCAFfiAHIAl+IApCIIh8IAtCIIggDEIgiHx8hSEAIAAhBCABIQUgBEL/////D4MhBiAEQiCIIQcgBUL/////D4MhCCAFQiCI" +
  "IQkgBiAJfiEKIAcgCH4hCyAGIAh+QiCIIApC/////w+DIAtC/////w+DfHwhDCAEIAV+IAcgCX4gCkIgiHwgC0IgiCAMQiCIfHyFIQMgAyAAQj+DiQuQ" +
  "AQEKfiAEIAKFIQcgBSADhSEIIAdC/////w+DIQkgB0IgiCEKIAhC/////w+DIQsgCEIgiCEMIAkgDH4hDSAKIAt+IQ4gCSALfkIgiCANQv////8PgyAO" +
  "Qv////8Pg3x8IQ8gByAIfiAKIAx+IA1CIIh8IA5CIIggD0IgiHx8hSEGIAAgAXwgBoVCF4khACAAC7EBAQp+AkADQCABRQ0BIAApAAAgBIUhByAAKQAI" +
  "IAWFIQggB0L/////D4MhCSAHQiCIIQogCEL/////D4MhCyAIQiCIIQwgCSAMfiENIAogC34hDiAJIAt+QiCIIA1C/////w+DIA5C/////w+DfHwhDyAH" +
  "IAh+IAogDH4gDUIgiHwgDkIgiCAPQiCIfHyFIQYgAiADfCAGhUIXiSECIABBEGohACABQQFrIQEMAAsLIAILCwAgACABQv8BEAELtAQDAn4Bfwp+IAIg" +
  "Aa0QACECIAAgAWohCCABQQhLBEAgCEEIaykAACEHIAFBEEsEQCAIQRBrKQAAIQYFIAApAAAhBgsFIAFBBE8EQCAANQAAIQYgCEEEazUAACEHBSABQQJP" +
  "BEAgADMAACEGIAhBAWsxAAAhBwUgAQRAIAAxAAAhBiAGIQcLCwsLIAYgBIUhCiAHIAWFIQsgCkL/////D4MhDCAKQiCIIQ0gC0L/////D4MhDiALQiCI" +
  "IQ8gDCAPfiEQIA0gDn4hESAMIA5+QiCIIBBC/////w+DIBFC/////w+DfHwhEiAKIAt+IA0gD34gEEIgiHwgEUIgiCASQiCIfHyFIQkgAiADfCAJhUIX" +
  "iSECIAFBEEsEQCAAIAFBAWtBBHYgAiADIAQgBRADIQILQv8BIAKFIQpCrf7V5NSF/ajYACELIApC/////w+DIQwgCkIgiCENIAtC/////w+DIQ4gC0Ig" +
  "iCEPIAwgD34hECANIA5+IREgDCAOfkIgiCAQQv////8PgyARQv////8Pg3x8IRIgCiALfiANIA9+IBBCIIh8IBFCIIggEkIgiHx8hSECIAIhCiADIQsg" +
  "CkL/////D4MhDCAKQiCIIQ0gC0L/////D4MhDiALQiCIIQ8gDCAPfiEQIA0gDn4hESAMIA5+QiCIIBBC/////w+DIBFC/////w+DfHwhEiAKIAt+IA0g" +
  "D34gEEIgiHwgEUIgiCASQiCIfHyFIQkgCSACQj+DiQtGAQF/AkADQCABRQ0BIAAoAgAhByACIAcgACgCBCAHayADIAQgBSAGEAU3AwAgAEEEaiEAIAJB" +
  "CGohAiABQQFrIQEMAAsLCy0AAkADQCABRQ0BIAAgAiADIAApAwAQATcDACAAQQhqIQAgAUEBayEBDAALCws=";
