/**
 * Calendar functions in WebAssembly text over timestamps in nanoseconds: fields, calendar arithmetic and the
 * boundaries of ticks. All in UTC, proleptic Gregorian, exact over the whole range of 64-bit nanoseconds.
 */
export const watCalendar = `
(func $day_number (param $t i64) (result i32)
  (i32.wrap_i64 (call $floor_div_i64 (local.get $t) (i64.const 86400000000000))))
(func $time_of_day (param $t i64) (result i64)
  (local $rest i64)
  (local.set $rest (i64.rem_s (local.get $t) (i64.const 86400000000000)))
  (select (i64.add (local.get $rest) (i64.const 86400000000000)) (local.get $rest)
    (i64.lt_s (local.get $rest) (i64.const 0))))
(func $civil (param $day i32) (result i32)
  (local $era i32) (local $doe i32) (local $yoe i32) (local $doy i32) (local $mp i32) (local $month i32)
  (local.set $day (i32.add (local.get $day) (i32.const 719468)))
  (local.set $era (i32.div_u (local.get $day) (i32.const 146097)))
  (local.set $doe (i32.rem_u (local.get $day) (i32.const 146097)))
  (local.set $yoe
    (i32.div_u
      (i32.sub
        (i32.add
          (i32.sub (local.get $doe) (i32.div_u (local.get $doe) (i32.const 1460)))
          (i32.div_u (local.get $doe) (i32.const 36524)))
        (i32.div_u (local.get $doe) (i32.const 146096)))
      (i32.const 365)))
  (local.set $doy
    (i32.sub
      (local.get $doe)
      (i32.sub
        (i32.add (i32.mul (local.get $yoe) (i32.const 365)) (i32.div_u (local.get $yoe) (i32.const 4)))
        (i32.div_u (local.get $yoe) (i32.const 100)))))
  (local.set $mp
    (i32.div_u (i32.add (i32.mul (local.get $doy) (i32.const 5)) (i32.const 2)) (i32.const 153)))
  (local.set $month
    (select (i32.add (local.get $mp) (i32.const 3)) (i32.sub (local.get $mp) (i32.const 9))
      (i32.lt_u (local.get $mp) (i32.const 10))))
  (i32.or
    (i32.shl
      (i32.add
        (i32.add (local.get $yoe) (i32.mul (local.get $era) (i32.const 400)))
        (i32.le_u (local.get $month) (i32.const 2)))
      (i32.const 9))
    (i32.or
      (i32.shl (local.get $month) (i32.const 5))
      (i32.add
        (i32.sub
          (local.get $doy)
          (i32.div_u (i32.add (i32.mul (local.get $mp) (i32.const 153)) (i32.const 2)) (i32.const 5)))
        (i32.const 1)))))
(func $days_from_civil (param $year i32) (param $month i32) (param $day i32) (result i32)
  (local $era i32) (local $yoe i32) (local $doy i32)
  (local.set $year (i32.sub (local.get $year) (i32.le_u (local.get $month) (i32.const 2))))
  (local.set $era (i32.div_u (local.get $year) (i32.const 400)))
  (local.set $yoe (i32.rem_u (local.get $year) (i32.const 400)))
  (local.set $doy
    (i32.add
      (i32.div_u
        (i32.add
          (i32.mul (i32.const 153)
            (select (i32.sub (local.get $month) (i32.const 3)) (i32.add (local.get $month) (i32.const 9))
              (i32.gt_u (local.get $month) (i32.const 2))))
          (i32.const 2))
        (i32.const 5))
      (i32.sub (local.get $day) (i32.const 1))))
  (i32.sub
    (i32.add
      (i32.mul (local.get $era) (i32.const 146097))
      (i32.add
        (i32.sub
          (i32.add (i32.mul (local.get $yoe) (i32.const 365)) (i32.div_u (local.get $yoe) (i32.const 4)))
          (i32.div_u (local.get $yoe) (i32.const 100)))
        (local.get $doy)))
    (i32.const 719468)))
(func $year (param $t i64) (result i32)
  (i32.shr_s (call $civil (call $day_number (local.get $t))) (i32.const 9)))
(func $month_of_year (param $t i64) (result i32)
  (i32.and
    (i32.shr_u (call $civil (call $day_number (local.get $t))) (i32.const 5))
    (i32.const 15)))
(func $day_of_month (param $t i64) (result i32)
  (i32.and (call $civil (call $day_number (local.get $t))) (i32.const 31)))
(func $day_of_year (param $t i64) (result i32)
  (i32.add
    (i32.sub
      (call $day_number (local.get $t))
      (call $days_from_civil (call $year (local.get $t)) (i32.const 1) (i32.const 1)))
    (i32.const 1)))
(func $day_of_week (param $t i64) (result i32)
  (i32.add
    (i32.rem_u (i32.add (call $day_number (local.get $t)) (i32.const 700003)) (i32.const 7))
    (i32.const 1)))
(func $hour (param $t i64) (result i32)
  (i32.wrap_i64 (i64.div_u (call $time_of_day (local.get $t)) (i64.const 3600000000000))))
(func $minute (param $t i64) (result i32)
  (i32.wrap_i64
    (i64.rem_u (i64.div_u (call $time_of_day (local.get $t)) (i64.const 60000000000)) (i64.const 60))))
(func $second (param $t i64) (result i32)
  (i32.wrap_i64
    (i64.rem_u (i64.div_u (call $time_of_day (local.get $t)) (i64.const 1000000000)) (i64.const 60))))
(func $months_since_zero (param $t i64) (result i32)
  (i32.add
    (i32.mul (call $year (local.get $t)) (i32.const 12))
    (i32.sub (call $month_of_year (local.get $t)) (i32.const 1))))
(func $first_of_month (param $months i32) (result i32)
  (call $days_from_civil
    (i32.div_u (local.get $months) (i32.const 12))
    (i32.add (i32.rem_u (local.get $months) (i32.const 12)) (i32.const 1))
    (i32.const 1)))
(func $whole_between (param $t1 i64) (param $t2 i64) (param $unit i64) (result i64)
  (if (i64.ge_s (local.get $t2) (local.get $t1))
    (then (return (call $div_u64 (i64.sub (local.get $t2) (local.get $t1)) (local.get $unit)))))
  (i64.sub (i64.const 0) (call $div_u64 (i64.sub (local.get $t1) (local.get $t2)) (local.get $unit))))
(func $months_between (param $t1 i64) (param $t2 i64) (result i32)
  (i32.sub (call $months_since_zero (local.get $t2)) (call $months_since_zero (local.get $t1))))
(func $month_shifted_day (param $t i64) (param $months i32) (result i32)
  (local $target i64) (local $first i32) (local $last i32) (local $day i32)
  (local.set $target
    (i64.add
      (i64.extend_i32_s (call $months_since_zero (local.get $t)))
      (i64.extend_i32_s (local.get $months))))
  (if (i32.or
        (i64.lt_s (local.get $target) (i64.const 20124))
        (i64.gt_s (local.get $target) (i64.const 27155)))
    (then (return (i32.const 2147483647))))
  (local.set $first (call $first_of_month (i32.wrap_i64 (local.get $target))))
  (local.set $last
    (i32.sub
      (call $first_of_month (i32.add (i32.wrap_i64 (local.get $target)) (i32.const 1)))
      (i32.const 1)))
  (local.set $day
    (i32.add (local.get $first) (i32.sub (call $day_of_month (local.get $t)) (i32.const 1))))
  (select (local.get $last) (local.get $day) (i32.gt_s (local.get $day) (local.get $last))))
(func $add_months (param $t i64) (param $months i32) (result i64)
  (i64.add
    (i64.mul
      (i64.extend_i32_s (call $month_shifted_day (local.get $t) (local.get $months)))
      (i64.const 86400000000000))
    (call $time_of_day (local.get $t))))
(func $add_months_fits (param $t i64) (param $months i32) (result i32)
  (local $day i32)
  (local.set $day (call $month_shifted_day (local.get $t) (local.get $months)))
  (if (i32.eq (local.get $day) (i32.const 106751))
    (then (return (i64.le_s (call $time_of_day (local.get $t)) (i64.const 85636854775807)))))
  (if (i32.eq (local.get $day) (i32.const -106752))
    (then (return (i64.ge_s (call $time_of_day (local.get $t)) (i64.const 763145224192)))))
  (i32.lt_u (i32.add (local.get $day) (i32.const 106751)) (i32.const 213502)))
(func $move_fits (param $t i64) (param $delta i64) (param $unit i64) (result i32)
  (local $quarter i64) (local $size i64)
  (local.set $size
    (select (i64.sub (i64.const 0) (local.get $delta)) (local.get $delta)
      (i64.lt_s (local.get $delta) (i64.const 0))))
  (if (i64.gt_u (local.get $size) (call $div_u64 (i64.const -1) (local.get $unit)))
    (then (return (i32.const 0))))
  (local.set $quarter (i64.mul (i64.div_s (local.get $delta) (i64.const 4)) (local.get $unit)))
  (if (i32.eqz (call $add_fits_i64 (local.get $t) (local.get $quarter))) (then (return (i32.const 0))))
  (local.set $t (i64.add (local.get $t) (local.get $quarter)))
  (if (i32.eqz (call $add_fits_i64 (local.get $t) (local.get $quarter))) (then (return (i32.const 0))))
  (local.set $t (i64.add (local.get $t) (local.get $quarter)))
  (if (i32.eqz (call $add_fits_i64 (local.get $t) (local.get $quarter))) (then (return (i32.const 0))))
  (local.set $t (i64.add (local.get $t) (local.get $quarter)))
  (call $add_fits_i64
    (local.get $t)
    (i64.mul
      (i64.sub
        (local.get $delta)
        (i64.mul (i64.div_s (local.get $delta) (i64.const 4)) (i64.const 3)))
      (local.get $unit))))
(func $step_ceil (param $t i64) (param $step i64) (param $offset i64) (result i64)
  (local $past i64)
  (local.set $past
    (call $rem_i64
      (i64.add
        (i64.add (call $rem_i64 (local.get $t) (local.get $step)) (local.get $step))
        (local.get $offset))
      (local.get $step)))
  (if (i64.eqz (local.get $past)) (then (return (local.get $t))))
  (call $add_sat_i64 (local.get $t) (i64.sub (local.get $step) (local.get $past))))
(func $day_start (param $day i32) (result i64)
  (if (i32.gt_s (local.get $day) (i32.const 106751)) (then (return (i64.const 9223372036854775807))))
  (i64.mul (i64.extend_i32_s (local.get $day)) (i64.const 86400000000000)))
(func $tick_ceil_minutely (param $t i64) (result i64)
  (call $step_ceil (local.get $t) (i64.const 60000000000) (i64.const 0)))
(func $tick_ceil_hourly (param $t i64) (result i64)
  (call $step_ceil (local.get $t) (i64.const 3600000000000) (i64.const 0)))
(func $tick_ceil_daily (param $t i64) (result i64)
  (call $step_ceil (local.get $t) (i64.const 86400000000000) (i64.const 0)))
(func $tick_ceil_weekly (param $t i64) (result i64)
  (call $step_ceil (local.get $t) (i64.const 604800000000000) (i64.const 259200000000000)))
(func $tick_ceil_monthly (param $t i64) (result i64)
  (if (i32.and
        (i32.eq (call $day_of_month (local.get $t)) (i32.const 1))
        (i64.eqz (call $time_of_day (local.get $t))))
    (then (return (local.get $t))))
  (call $tick_next_monthly (local.get $t)))
(func $tick_ceil_yearly (param $t i64) (result i64)
  (if (i32.and
        (i32.eq (call $day_of_year (local.get $t)) (i32.const 1))
        (i64.eqz (call $time_of_day (local.get $t))))
    (then (return (local.get $t))))
  (call $tick_next_yearly (local.get $t)))
(func $tick_next_minutely (param $t i64) (result i64)
  (call $add_sat_i64 (local.get $t) (i64.const 60000000000)))
(func $tick_next_hourly (param $t i64) (result i64)
  (call $add_sat_i64 (local.get $t) (i64.const 3600000000000)))
(func $tick_next_daily (param $t i64) (result i64)
  (call $add_sat_i64 (local.get $t) (i64.const 86400000000000)))
(func $tick_next_weekly (param $t i64) (result i64)
  (call $add_sat_i64 (local.get $t) (i64.const 604800000000000)))
(func $tick_next_monthly (param $t i64) (result i64)
  (call $day_start
    (call $first_of_month (i32.add (call $months_since_zero (local.get $t)) (i32.const 1)))))
(func $tick_next_yearly (param $t i64) (result i64)
  (call $day_start
    (call $days_from_civil (i32.add (call $year (local.get $t)) (i32.const 1)) (i32.const 1) (i32.const 1))))
`;
