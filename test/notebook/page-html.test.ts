import assert from "node:assert/strict";
import { ansiHtml } from "../../kernel/notebook/ansi-html.ts";
import { codeHtml } from "../../kernel/notebook/code-html.ts";
import { markdownHtml } from "../../kernel/notebook/markdown-html.ts";
import type { NotebookOutput } from "../../kernel/notebook/notebook-file.ts";
import { outputHtml } from "../../kernel/notebook/output-html.ts";
import { pageHtml } from "../../kernel/notebook/page-html.ts";

const SCRIPT = "<script>alert(1)</script>";
const display = (data: Record<string, unknown>): NotebookOutput => ({
  output_type: "display_data",
  data,
  metadata: {},
});

describe("a notebook as a page", () => {
  const page = pageHtml(
    {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {},
      cells: [
        { cell_type: "markdown", metadata: {}, source: ["# A <title> & more\n", "text"] },
        { cell_type: "raw", metadata: {}, source: SCRIPT },
        {
          cell_type: "code",
          metadata: {},
          source: `const s = "${SCRIPT}"`,
          execution_count: 3,
          outputs: [display({ "text/html": `</iframe>${SCRIPT}"` })],
        },
      ],
    },
    "name",
  );

  it("has the title of the notebook, and its cells in order", () => {
    assert.match(page, /<title>A &lt;title&gt; &amp; more<\/title>/);
    assert.match(page, /<h1>A[\s\S]*&lt;script&gt;[\s\S]*aria-label="Cell 3"[\s\S]*\[3\]/);
  });

  it("runs no script but its own, and loads nothing", () => {
    assert.equal(page.match(/<script/g)?.length, 1);
    assert.match(page, /default-src 'none'; .*script-src 'sha256-[A-Za-z0-9+/=]+'"/);
    assert.match(page, /<iframe title="Output of cell 3" sandbox="allow-same-origin" srcdoc="[^"<>]*">/);
  });
});

describe("outputs in a page", () => {
  it("prefers HTML, then markdown, pictures, text, and JSON", () => {
    const shown = (data: Record<string, unknown>) => outputHtml(display(data), "Output");
    assert.match(shown({ "text/plain": "p", "text/html": ["<b>", "h</b>"] }), /^<iframe[\s\S]*&lt;b&gt;h&lt;\/b&gt;/);
    assert.match(shown({ "text/plain": "p", "text/markdown": "*m*" }), /<em>m<\/em>/);
    assert.equal(shown({ "image/png": "iVBO\nRw0=" }), '<img alt="Output" src="data:image/png;base64,iVBORw0=">');
    assert.match(shown({ "image/png": '"><script>', "text/plain": "p" }), /<pre[^>]*>p</);
    assert.match(
      shown({ "image/svg+xml": `<svg>${SCRIPT}</svg>` }),
      /^<img alt="Output" src="data:image\/svg\+xml;base64,[\w+/=]+">$/,
    );
    assert.match(shown({ "application/json": { a: [1] } }), /&quot;a&quot;/);
    assert.match(shown({ "application/x-unknown": 1 }), /&lt;application\/x-unknown&gt;/);
  });

  it("keeps the colours of terminals and drops what else they understand", () => {
    assert.equal(
      ansiHtml("a\u001b[1;31mred\u001b[22m<\u001b[0mb\u001b[2K\u001b]8;;http://x\u0007link"),
      'a<span class="ansi-red ansi-bold">red</span><span class="ansi-red">&lt;</span>blink',
    );
    assert.equal(ansiHtml("10 %\r50 %\rdone\r\nnext"), "done\nnext");
  });
});

describe("markdown in a page", () => {
  it("keeps simple tags, and shows all other HTML as text", () => {
    assert.equal(markdownHtml("press <kbd>Shift</kbd> &amp; go").trim(), "<p>press <kbd>Shift</kbd> &amp; go</p>");
    for (const hostile of [
      SCRIPT,
      "<img src=x onerror=alert(1)>",
      "<b onclick=x>y</b>",
      "<div>\n<style>*{}</style>\n</div>",
    ]) {
      const html = markdownHtml(`a ${hostile}\n\n${hostile}`);
      assert.ok(!/<(script|img|style|div)|<b /.test(html), html);
    }
  });

  it("follows only addresses of pages", () => {
    assert.match(
      markdownHtml("[a](https://example.org/?a=1&b=2)"),
      /<a href="https:\/\/example\.org\/\?a=1&amp;b=2" rel/,
    );
    assert.match(markdownHtml("[a](other.ipynb) [b](#part)"), /href="other\.ipynb".*href="#part"/);
    for (const address of ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"]) {
      assert.ok(!markdownHtml(`[a](${address}) <${address}>`).includes("href"), address);
    }
  });

  it("shows pictures that are in the notebook, and names the others", () => {
    const attachments = { "a.png": { "image/png": "iVBORw0=" } };
    assert.match(
      markdownHtml("![cat](attachment:a.png)", attachments),
      /<img alt="cat" src="data:image\/png;base64,iVBORw0=">/,
    );
    assert.match(markdownHtml("![cat](attachment:constructor)", attachments), /<p>cat<\/p>/);
    assert.match(markdownHtml("![cat](https://example.org/cat.png)"), /<p>cat<\/p>/);
    assert.match(markdownHtml("![x](data:image/png;base64,iVBORw0=)"), /<img/);
  });
});

describe("code in a page", () => {
  it("is coloured, whatever is in it", () => {
    assert.equal(
      codeHtml('const a: string = "<"; // b'),
      '<span class="code-keyword">const</span> a: string = <span class="code-string">&quot;&lt;&quot;</span>; <span class="code-comment">// b</span>',
    );
    assert.match(codeHtml("%%fenl\nlet a = 1 in sum(a)"), /code-magic">%%fenl<.*\n<span class="code-keyword">let</);
  });

  it("stays as it is where it is no TypeScript", () => {
    for (const source of ["!cat <file>", "%%bash\necho '<b>'", "const = ;", "enum A { B }\nA.B"]) {
      const text = codeHtml(source).replace(/<[^>]*>/g, "");
      assert.equal(text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&#39;", "'"), source);
    }
  });
});
