import { watCalendar } from "./wat-calendar.ts";

/** Mathematical functions that WebAssembly takes from JavaScript, imported as `$host_<name>`; all parameters f64. */
export const hostMath: Readonly<Record<string, { parameters: number; call: (...x: number[]) => number }>> = {
  exp: { parameters: 1, call: (x) => Math.exp(x!) },
  log: { parameters: 1, call: (x) => Math.log(x!) },
  pow: { parameters: 2, call: (base, power) => pow(base!, power!) },
  mod: { parameters: 2, call: (a, b) => a! % b! },
};

/** IEEE 754's pow, which differs from JavaScript's where the base is 1 or the power of -1 is infinite. */
function pow(base: number, power: number): number {
  if (base === 1 || (base === -1 && Math.abs(power) === Infinity)) return 1;
  return base ** power;
}

const division = `
(func $div_i32 (param $a i32) (param $b i32) (result i32)
  (if (i32.eqz (local.get $b)) (then (return (i32.const 0))))
  (if (i32.eq (local.get $b) (i32.const -1)) (then (return (i32.sub (i32.const 0) (local.get $a)))))
  (i32.div_s (local.get $a) (local.get $b)))
(func $div_u32 (param $a i32) (param $b i32) (result i32)
  (if (i32.eqz (local.get $b)) (then (return (i32.const 0))))
  (i32.div_u (local.get $a) (local.get $b)))
(func $div_i64 (param $a i64) (param $b i64) (result i64)
  (if (i64.eqz (local.get $b)) (then (return (i64.const 0))))
  (if (i64.eq (local.get $b) (i64.const -1)) (then (return (i64.sub (i64.const 0) (local.get $a)))))
  (i64.div_s (local.get $a) (local.get $b)))
(func $div_u64 (param $a i64) (param $b i64) (result i64)
  (if (i64.eqz (local.get $b)) (then (return (i64.const 0))))
  (i64.div_u (local.get $a) (local.get $b)))
(func $rem_i32 (param $a i32) (param $b i32) (result i32)
  (if (i32.eqz (local.get $b)) (then (return (i32.const 0))))
  (i32.rem_s (local.get $a) (local.get $b)))
(func $rem_u32 (param $a i32) (param $b i32) (result i32)
  (if (i32.eqz (local.get $b)) (then (return (i32.const 0))))
  (i32.rem_u (local.get $a) (local.get $b)))
(func $rem_i64 (param $a i64) (param $b i64) (result i64)
  (if (i64.eqz (local.get $b)) (then (return (i64.const 0))))
  (i64.rem_s (local.get $a) (local.get $b)))
(func $rem_u64 (param $a i64) (param $b i64) (result i64)
  (if (i64.eqz (local.get $b)) (then (return (i64.const 0))))
  (i64.rem_u (local.get $a) (local.get $b)))
(func $floor_div_i64 (param $a i64) (param $b i64) (result i64)
  (i64.sub
    (call $div_i64 (local.get $a) (local.get $b))
    (i64.extend_i32_u (i64.lt_s (call $rem_i64 (local.get $a) (local.get $b)) (i64.const 0)))))
`;

const saturation = `
(func $clamp_i64 (param $x i64) (param $least i64) (param $greatest i64) (result i64)
  (if (i64.lt_s (local.get $x) (local.get $least)) (then (return (local.get $least))))
  (if (i64.gt_s (local.get $x) (local.get $greatest)) (then (return (local.get $greatest))))
  (local.get $x))
(func $add_fits_i64 (param $a i64) (param $b i64) (result i32)
  (local $sum i64)
  (local.set $sum (i64.add (local.get $a) (local.get $b)))
  (i64.ge_s
    (i64.and (i64.xor (local.get $a) (local.get $sum)) (i64.xor (local.get $b) (local.get $sum)))
    (i64.const 0)))
(func $add_sat_i64 (param $a i64) (param $b i64) (result i64)
  (if (call $add_fits_i64 (local.get $a) (local.get $b))
    (then (return (i64.add (local.get $a) (local.get $b)))))
  (select (i64.const -9223372036854775808) (i64.const 9223372036854775807)
    (i64.lt_s (local.get $a) (i64.const 0))))
(func $add_sat_u64 (param $a i64) (param $b i64) (result i64)
  (local $sum i64)
  (local.set $sum (i64.add (local.get $a) (local.get $b)))
  (select (i64.const -1) (local.get $sum) (i64.lt_u (local.get $sum) (local.get $a))))
`;

const floats = `
(func $round_f64 (param $x f64) (result f64)
  (f64.trunc (f64.add (local.get $x) (f64.copysign (f64.const 0x1.fffffffffffffp-2) (local.get $x)))))
(func $round_f32 (param $x f32) (result f32)
  (f32.trunc (f32.add (local.get $x) (f32.copysign (f32.const 0x1.fffffep-2) (local.get $x)))))
(func $round_f16 (param $x f32) (result f32)
  (local $exponent i32) (local $shift f32)
  (if (f32.ge (f32.abs (local.get $x)) (f32.const 65520))
    (then (return (f32.copysign (f32.const inf) (local.get $x)))))
  (if (f32.ne (local.get $x) (local.get $x)) (then (return (local.get $x))))
  (local.set $exponent
    (i32.and (i32.shr_u (i32.reinterpret_f32 (local.get $x)) (i32.const 23)) (i32.const 255)))
  (if (i32.lt_u (local.get $exponent) (i32.const 113)) (then (local.set $exponent (i32.const 113))))
  (local.set $shift
    (f32.mul (f32.const 1.5)
      (f32.reinterpret_i32 (i32.shl (i32.add (local.get $exponent) (i32.const 13)) (i32.const 23)))))
  (f32.copysign
    (f32.sub (f32.add (local.get $x) (local.get $shift)) (local.get $shift))
    (local.get $x)))
(func $exp_f64 (param $x f64) (result f64) (call $host_exp (local.get $x)))
(func $log_f64 (param $x f64) (result f64) (call $host_log (local.get $x)))
(func $pow_f64 (param $base f64) (param $power f64) (result f64)
  (call $host_pow (local.get $base) (local.get $power)))
(func $mod_f64 (param $a f64) (param $b f64) (result f64) (call $host_mod (local.get $a) (local.get $b)))
`;

/** aHash's folded multiplication with the fixed seeds of keys. */
const hashing = `
(func $mul_high_u64 (param $a i64) (param $b i64) (result i64)
  (local $a0 i64) (local $a1 i64) (local $b0 i64) (local $b1 i64) (local $middle i64) (local $cross i64)
  (local.set $a0 (i64.and (local.get $a) (i64.const 0xffffffff)))
  (local.set $a1 (i64.shr_u (local.get $a) (i64.const 32)))
  (local.set $b0 (i64.and (local.get $b) (i64.const 0xffffffff)))
  (local.set $b1 (i64.shr_u (local.get $b) (i64.const 32)))
  (local.set $cross (i64.mul (local.get $a0) (local.get $b1)))
  (local.set $middle
    (i64.add
      (i64.mul (local.get $a1) (local.get $b0))
      (i64.shr_u (i64.mul (local.get $a0) (local.get $b0)) (i64.const 32))))
  (i64.add
    (i64.add
      (i64.mul (local.get $a1) (local.get $b1))
      (i64.shr_u (local.get $middle) (i64.const 32)))
    (i64.shr_u
      (i64.add (i64.and (local.get $middle) (i64.const 0xffffffff)) (local.get $cross))
      (i64.const 32))))
(func $fold_u64 (param $a i64) (param $b i64) (result i64)
  (i64.xor
    (i64.mul (local.get $a) (local.get $b))
    (call $mul_high_u64 (local.get $a) (local.get $b))))
(func $hash_word (param $word i64) (result i64)
  (local $buffer i64)
  (local.set $buffer
    (call $fold_u64 (i64.xor (local.get $word) (i64.const 0x452821e638d017a5)) (i64.const 6364136223846793005)))
  (i64.rotl (call $fold_u64 (local.get $buffer) (i64.const 0xbe5466cf34e91a42)) (local.get $buffer)))
`;

/**
 * Functions in WebAssembly text that compiled queries may call, by their names with the `$`. None traps for any
 * arguments. They call each other and the imported functions of {@link hostMath}.
 */
export const watRuntime: Readonly<Record<string, string>> = functionsByName(
  division + saturation + floats + hashing + watCalendar,
);

function functionsByName(text: string): Readonly<Record<string, string>> {
  const functions: Record<string, string> = Object.create(null);
  for (const part of text.split(/\n(?=\(func )/)) {
    const name = /^\(func (\$[a-z0-9_]+)/.exec(part)?.[1];
    if (name) functions[name] = part.trim();
  }
  return functions;
}
