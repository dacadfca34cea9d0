import assert from "node:assert/strict";
import { colourFenlCell } from "../../kernelspec/labextension/token-classes.ts";

/** What is coloured how, as `look text`. */
function looks(text: string): string[] | null {
  return colourFenlCell(text)?.map(({ start, end, look }) => `${look} ${text.slice(start, end)}`) ?? null;
}

describe("colours of cells", () => {
  it("tell the magic, its options and the parts of the query", () => {
    assert.deepEqual(
      looks("\n%%fenl --var x\nlet a = sum(Purchase.amount, window = since($limit)) # why\nin { b: a + 1.5, c: 's' }"),
      [
        "magic %%fenl",
        "argument --var",
        "string x",
        ..."keyword let,name a,operator =,function sum,operator (,name Purchase,operator .,property amount".split(","),
        "operator ,",
        ..."argument window,operator =,function since,operator (,parameter $limit,operator ),operator ),comment # why".split(
          ",",
        ),
        ..."keyword in,operator {,property b,operator :,name a,operator +,number 1.5".split(","),
        "operator ,",
        ..."property c,operator :,string 's',operator }".split(","),
      ],
    );
  });

  it("go on behind mistakes", () => {
    assert.deepEqual(looks("%%fenl\na § 'open\nlet b"), [
      "magic %%fenl",
      "name a",
      "wrong §",
      "string 'open",
      "name \nlet b",
    ]);
  });

  it("are for cells that begin with the magic only", () => {
    for (const text of ["", "let a = 1", "%fenl", "%%fenlx\na", "let a\n%%fenl"]) assert.equal(looks(text), null, text);
    assert.deepEqual(looks("%%fenl"), ["magic %%fenl"]);
  });
});
