import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AcmeProblem, describeProblem, parseProblem, problemAdvice } from '../../../src/acme/problem.ts';

const urn = 'urn:ietf:params:acme:error:';

describe('a problem document', () => {
  it('is read with its subproblems and the names that they are about', () => {
    const document = {
      type: `${urn}rejectedIdentifier`,
      detail: 'Some names',
      subproblems: [
        { type: `${urn}caa`, detail: 'CAA', identifier: { type: 'dns', value: 'a.example' } },
        { type: 'https://ca.example/other', detail: 'other' },
      ],
    };
    assert.deepEqual(parseProblem(document), {
      type: 'rejectedIdentifier',
      detail: 'Some names',
      subproblems: [
        { type: 'caa', detail: 'CAA', identifier: 'a.example' },
        { type: 'https://ca.example/other', detail: 'other', identifier: undefined },
      ],
    });
  });

  it('has its title where it has no detail', () => {
    assert.equal(parseProblem({ type: 'x', title: 'The title' })?.detail, 'The title');
  });

  it('may lack everything but a type', () => {
    assert.deepEqual(parseProblem({ type: 'x', subproblems: 'none' }), {
      type: 'x',
      detail: 'no detail given',
      subproblems: [],
    });
  });

  it('may have subproblems that make no sense', () => {
    assert.deepEqual(parseProblem({ detail: 'd', subproblems: [null, {}] })?.subproblems, [
      { type: '', detail: 'no detail given', identifier: undefined },
      { type: '', detail: 'no detail given', identifier: undefined },
    ]);
  });

  for (const body of [undefined, null, '', '<html>', 5, {}, { type: 1 }, []]) {
    it(`is not ${JSON.stringify(body)}`, () => {
      assert.equal(parseProblem(body), undefined);
    });
  }

  it('is told on one line, and on one more for each subproblem', () => {
    const text = describeProblem({
      type: 'compound',
      detail: 'several',
      subproblems: [
        { type: 'caa', detail: 'forbidden', identifier: 'a.example' },
        { type: 'dns', detail: 'gone', identifier: undefined },
      ],
    });
    assert.equal(text, 'compound: several\n- a.example: caa: forbidden\n- dns: gone');
  });

  it('without a type says so', () => {
    assert.equal(describeProblem({ type: '', detail: 'd', subproblems: [] }), 'no type: d');
  });
});

describe('a refusal of the CA', () => {
  it('is told with what it was for, the status, the type, the detail and a note', () => {
    const problem = new AcmeProblem('The order', 400, { type: `${urn}malformed`, detail: 'bad' }, '\nnote');
    assert.equal(problem.message, 'The order: the CA answered HTTP 400, malformed: bad\nnote');
    assert.deepEqual(
      [problem.title, problem.type, problem.status],
      ['The CA refused a request', 'malformed', 400],
    );
  });

  for (const [kind, status, body] of [
    ['its type', 403, { type: `${urn}rateLimited`, detail: 'too many' }],
    ['its status', 429, ''],
  ] as const) {
    it(`is a rate limit by ${kind}`, () => {
      const problem = new AcmeProblem('The order', status, body);
      assert.equal(problem.title, 'The CA limits the rate of requests');
      assert.match(problem.advice, /^Wait until the time that the CA names/);
    });
  }

  for (const body of ['', undefined, ' \n']) {
    it(`with the body ${JSON.stringify(body)} is told as an empty answer`, () => {
      assert.equal(
        new AcmeProblem('The order', 404, body).message,
        'The order: the CA answered HTTP 404, with an empty answer',
      );
    });
  }

  it('with a web page is told with the text of the page', () => {
    const page = '<!doctype html><style>a{}</style><script>x()</script><h1>Bad\n Gateway</h1>';
    assert.equal(
      new AcmeProblem('The order', 502, page).message,
      'The order: the CA answered HTTP 502, with a web page instead of a problem document: Bad Gateway',
    );
  });

  it('with a long text is told with its beginning', () => {
    assert.equal(
      new AcmeProblem('The order', 400, 'x'.repeat(1000)).message,
      `The order: the CA answered HTTP 400, and: ${'x'.repeat(300)}`,
    );
  });

  it('with some other JSON is told with that', () => {
    assert.match(new AcmeProblem('The order', 400, { error: 'x' }).message, /, and: \{"error":"x"\}$/);
  });

  it('as unauthorized is about the account, when it is a request that is refused', () => {
    const problem = new AcmeProblem('The order', 403, { type: `${urn}unauthorized` });
    assert.match(problem.advice, /^The CA does not accept this account for that/);
  });
});

describe('the advice', () => {
  const types = [
    'accountDoesNotExist',
    'badCSR',
    'badPublicKey',
    'caa',
    'dns',
    'externalAccountRequired',
    'rateLimited',
    'rejectedIdentifier',
    'unauthorized',
    'userActionRequired',
  ];

  it('is another one for each type that has its own', () => {
    const advice = new Set([...types, 'malformed'].map((type) => problemAdvice(type, 400)));
    assert.equal(advice.size, types.length + 1);
  });

  it('goes by the status where the type has none', () => {
    assert.match(problemAdvice('', 429), /^Wait until the time/);
    assert.match(problemAdvice('serverInternal', 500), /fault of its own; run again later\.$/);
    assert.match(problemAdvice('malformed', 400), /^Read the detail above/);
  });
});
