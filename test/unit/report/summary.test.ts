import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Failure } from '../../../src/failure.ts';
import { describeFailedRun, describeRun, describeTime } from '../../../src/report/summary.ts';
import { exampleResult } from '../fixtures/result.ts';

const spans = [
  { section: 'CA', label: 'Order', start: 0.4, end: 120.2 },
  { section: 'DNS', label: 'Present', start: 120.2, end: 1620 },
  { section: 'CA', label: 'Issue', start: 1620, end: 1620.1 },
];

describe('the summary of a run', () => {
  it('is a table of the certificate and a chart of the time', () => {
    const text = describeRun('example.com', exampleResult(), spans);
    assert.equal(
      text.slice(0, text.indexOf('```')),
      `### Certificate example.com: renewed

| | |
|---|---|
| Names | \`example.com\`<br>\`*.example.com\` |
| Issuer | Test CA |
| Valid | 2026-11-23T08:00:00Z to 2027-02-21T08:00:00Z |
| Serial | \`0A1B\` |
| SHA-256 | \`ab12\` |
| Next renewal | 2027-01-22T08:00:00Z |
| Reason | There is no certificate yet. |
| Requests to the CA | 12 |

`,
    );
  });

  it('says when nothing was due', () => {
    assert.match(describeRun('a', exampleResult({ renewed: false }), []), /^### Certificate a: not due\n/);
  });

  it('has the CA’s explanation where there is one', () => {
    assert.match(
      describeRun('a', exampleResult({ explanationUrl: 'https://ca.example/why' }), []),
      /^\| The CA's explanation \| https:\/\/ca\.example\/why \|$/m,
    );
  });

  it('shows an issuer’s name as text, whatever is in it', () => {
    const result = exampleResult();
    const description = { ...result.description, issuer: 'A | <b>*x*</b> & `y`\n[z](u) \\' };
    assert.match(
      describeRun('a', { ...result, description }, []),
      /^\| Issuer \| A \\\| &lt;b>\\\*x\\\*&lt;\/b> &amp; \\`y\\`<br>\\\[z\\\]\(u\) \\\\ \|$/m,
    );
  });
});

describe('the summary of a run that failed', () => {
  const failure = (message: string, advice = 'Do *this*.'): Failure =>
    new Failure('A <title>', message, advice);

  it('has the title, the message as it is, the advice and the time', () => {
    const text = describeFailedRun('*.example.com', failure('what | <b>\nsecond line'), spans);
    assert.equal(
      text.slice(0, text.indexOf('```mermaid')),
      `### Certificate \\*.example.com: A &lt;title>

\`\`\`text
what | <b>
second line
\`\`\`

Do \\*this\\*.

`,
    );
  });

  it('has no chart when no time was measured', () => {
    assert.doesNotMatch(describeFailedRun('a', failure('x'), []), /mermaid/);
  });

  it('fences its message so that nothing in it ends the block', () => {
    assert.match(describeFailedRun('a', failure('x\n````\n# y'), []), /\n`````text\nx\n````\n# y\n`````\n/);
  });
});

describe('the chart of the time', () => {
  it('has a section for each party, and each stretch at its place with its length', () => {
    assert.equal(
      describeTime(spans),
      `\`\`\`mermaid
gantt
    title Where the time went
    dateFormat x
    axisFormat %M:%S
    section CA
    Order (0.12 s) :0, 120
    Issue (0.00 s) :1620, 1621
    section DNS
    Present (1.50 s) :120, 1620
\`\`\``,
    );
  });
});
