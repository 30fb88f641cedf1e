import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeNow } from '../../../src/dns/explanation.ts';
import type { Answer } from '../../../src/dns/query.ts';
import { StubNameServer, values } from '../fixtures/stub-name-server.ts';

const located = (...answers: Answer<string>[]) => ({
  name: 'r.example.com',
  zone: {
    name: 'example.com',
    servers: answers.map((answer, index) => ({
      host: `ns${index}`,
      address: '192.0.2.1',
      ask: new StubNameServer({ txt: () => answer }),
    })),
  },
  fault: undefined,
});

describe('what the servers say of a record that the CA did not accept', () => {
  it('is told for each of them', async () => {
    assert.equal(
      await describeNow(located(values('v'), { kind: 'no name' }), 'v', new StubNameServer()),
      [
        'r.example.com now, expected "v": not all have the right value',
        '  ns0 192.0.2.1  "v" (right)',
        '  ns1 192.0.2.1  no such name (NXDOMAIN)',
      ].join('\n'),
    );
  });

  it('points to the time of the CA’s question when all have it', async () => {
    assert.match(
      await describeNow(located(values('v')), 'v', new StubNameServer()),
      /^r\.example\.com now, expected "v": all have the right value now: the CA may have asked earlier/,
    );
  });

  it('comes from the resolvers where no server is known', async () => {
    const resolvers = new StubNameServer({ txt: () => ({ kind: 'no data' }) });
    assert.match(
      await describeNow({ name: 'r', zone: undefined, fault: 'none' }, 'v', resolvers),
      /\n {2}recursive resolvers {2}no TXT record$/,
    );
  });
});
