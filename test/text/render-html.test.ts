import assert from "node:assert/strict";
import type { Diagnostic } from "../../src/text/diagnostic.ts";
import { countDiagnostics, escapeHtml, renderHtml } from "../../src/text/render-html.ts";

function diagnostic(severity: Diagnostic["severity"], message = "Invalid syntax"): Diagnostic {
  const span = { source: "Query", start: 0, end: 1 };
  return { code: "E0011", severity, message, labels: [{ style: "primary", span, message: "<b>'x'</b>" }], notes: [] };
}

describe("diagnostics as HTML", () => {
  const query = `<script>alert("1")</script>`;

  it("escapes the query, the messages and the names", () => {
    const html = renderHtml([diagnostic("error", "a & b")], { Query: query });
    assert.doesNotMatch(html, /<script|<b>/);
    assert.match(html, /&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;/);
    assert.match(html, /&lt;b&gt;&#39;x&#39;&lt;\/b&gt;/);
    assert.match(html, /a &amp; b/);
  });

  it("counts in the heading, and is open when there is an error", () => {
    const mixed = [diagnostic("error"), diagnostic("warning"), diagnostic("error")];
    assert.match(
      renderHtml(mixed, { Query: query }),
      /<details class="fenl-diagnostics" open><summary>Diagnostics: 2 errors, 1 warning</,
    );
    assert.match(renderHtml([diagnostic("warning")], { Query: query }), /<details class="fenl-diagnostics"><summary>/);
    assert.equal(countDiagnostics([diagnostic("bug")]), "1 bug");
  });

  it("is nothing when there is nothing to say", () => {
    assert.equal(renderHtml([], {}), "");
  });

  it("keeps the blocks monospaced, one for each diagnostic", () => {
    const html = renderHtml([diagnostic("error"), diagnostic("warning")], { Query: query });
    assert.equal(html.match(/<pre class="fenl-diagnostic/g)?.length, 2);
    assert.match(html, /font-family:monospace/);
  });

  it("escapes what could leave an attribute", () => {
    assert.equal(escapeHtml(`"><img src=x onerror='1'>&`), "&quot;&gt;&lt;img src=x onerror=&#39;1&#39;&gt;&amp;");
  });
});
