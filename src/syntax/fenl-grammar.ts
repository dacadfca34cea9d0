/** The text of `fenl.ohm`, which is the one to edit: `UPDATE=1` in the tests of the grammar copies it here. */
export const FENL_GRAMMAR = String.raw`// The grammar of Fenl: the language reference, sections 2 and 3.
//
// A chain of binary operators is a repetition, which build-ast.ts folds, and not left-recursive: that is faster, and keeps
// a long chain out of the stack.
// Where a character is matched in place, not by a rule of its own, that spares Ohm one entry of its memo table for
// every character.
Fenl {
  Query = Expr

  // A cast binds loosest, and there is at most one.
  Expr = PipeExpr (as Type)?

  // Pipes associate to the right: build-ast.ts folds the repetition from the right.
  PipeExpr = (OrExpr "|")* PipeEnd
  PipeEnd
    = Let
    | OrExpr

  Let = Binding+ in PipeExpr

  Binding = let name assign Expr

  // Which operator binds tighter is for build-ast.ts: a rule for each level would be applied at every operand.
  OrExpr = Unary (binary Unary)*

  Unary = prefix* Postfix

  Postfix = Primary Suffix*

  Suffix
    = "." name  -- field
    | "[" Expr "]"  -- index

  Primary
    = name ("(" Arguments ")")?  -- name
    | literal
    | "(" Expr ")"  -- parentheses
    | "{" Fields "}"  -- record
    | input
    | parameter

  Arguments = List<Argument>

  Argument = (name assign)? Expr

  Fields = List<Field>

  Field = name (":" Expr)?

  // Leading, doubled and trailing commas are tolerated.
  List<item>
    = ","* item (","+ item)* ","*  -- some
    | ","*  -- none

  Type
    = list "<" Type ">"  -- list
    | map "<" Type "," Type ">"  -- map
    | name  -- name

  list = "list" ~nameRest
  map = "map" ~nameRest

  name (a name) = ~keyword ("a".."z" | "A".."Z" | "_") ("a".."z" | "A".."Z" | "_" | "0".."9")*
  nameRest = "a".."z" | "A".."Z" | "_" | "0".."9"

  keyword = ("let" | "in" | "and" | "or" | "as" | "const" | "true" | "false" | "null") ~nameRest

  let = "let" ~nameRest
  in = "in" ~nameRest
  as = "as" ~nameRest
  or = "or" ~nameRest
  and = "and" ~nameRest

  assign (=) = ~"==" "="
  binary
    = "*" | "/" | "+" | ~"->" "-"
    | "<>" | "<=" | "<" | ">=" | ">" | "==" | "!="
    | and | or
  prefix = ~"->" "-" | ~"!=" "!"

  input = "$input" ~nameRest
  // A value that is given with the query.
  parameter (a parameter) = ~input "$" ("a".."z" | "A".."Z" | "_") nameRest*

  literal
    = number
    | string
    | ("true" | "false") ~nameRest  -- bool
    | "null" ~nameRest  -- null

  number = ("0".."9")+ ("." ("0".."9")+)? numberType? ~nameRest
  numberType = "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "f32" | "f64"

  string
    = "\"" (escape | ~("\"" | "\\") any)* "\""
    | "'" (escape | ~("'" | "\\") any)* "'"
  escape = "\\" ("'" | "\"" | "\\" | "n" | "r" | "t")

  spaces := (" " | "\n" | "\t" | "\r" | comment)*
  comment = "#" (~"\n" any)*
}
`;
