import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseResolvers } from '../../../src/settings/resolvers.ts';
import { accepted, problemsOf } from '../fixtures/problems.ts';

describe('dns-resolvers', () => {
  it('are the system’s own when nothing is given', () => {
    assert.deepEqual(
      accepted((problems) => parseResolvers('', problems)),
      [],
    );
  });

  it('are IPv4 and IPv6 addresses with or without a port, separated by white space or commas', () => {
    const written = '192.0.2.1,192.0.2.1:5353 2001:db8::1\n[2001:db8::1]:65535';
    assert.deepEqual(
      accepted((problems) => parseResolvers(written, problems)),
      ['192.0.2.1', '192.0.2.1:5353', '2001:db8::1', '[2001:db8::1]:65535'],
    );
  });

  for (const text of [
    'dns.example',
    '192.0.2.256',
    '192.0.2.1:0',
    '192.0.2.1:65536',
    '192.0.2.1:x',
    '[192.0.2.1]:53',
    '[::1',
  ]) {
    it(`are not "${text}"`, () => {
      assert.deepEqual(
        problemsOf((problems) => parseResolvers(text, problems)),
        [
          `dns-resolvers: "${text}" is not an IP address; write 192.0.2.1, 192.0.2.1:53, or [2001:db8::1]:53.`,
        ],
      );
    });
  }
});
