import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServedAt } from '../../../src/tls/served-certificate.ts';

test('each scheme has its default port', () => {
  assert.deepEqual(parseServedAt('tls://example.com'), { scheme: 'tls', host: 'example.com', port: 443 });
  assert.deepEqual(parseServedAt('smtp://example.com'), { scheme: 'smtp', host: 'example.com', port: 587 });
  assert.deepEqual(parseServedAt('imap://example.com'), { scheme: 'imap', host: 'example.com', port: 143 });
  assert.deepEqual(parseServedAt('postgres://db'), { scheme: 'postgres', host: 'db', port: 5432 });
});

test('a server is named by a name, an IPv4 address, or an IPv6 address in brackets, with a port or without', () => {
  const servers = {
    'TLS://WWW.Example.COM.:8443': { host: 'www.example.com', port: 8443 },
    'tls://bücher.example': { host: 'xn--bcher-kva.example', port: 443 },
    'tls://db_1.internal:1': { host: 'db_1.internal', port: 1 },
    'tls://192.0.2.1:65535': { host: '192.0.2.1', port: 65_535 },
    'tls://[2001:db8::1]': { host: '2001:db8::1', port: 443 },
    'tls://[2001:db8::1]:8443': { host: '2001:db8::1', port: 8443 },
  };
  for (const [text, server] of Object.entries(servers)) {
    assert.deepEqual(parseServedAt(text), { scheme: 'tls', ...server }, text);
  }
});

test('anything beyond scheme, host and port is no server', () => {
  const texts = [
    '',
    'example.com',
    'https://example.com',
    'tls:example.com',
    'tls://',
    'tls://:443',
    'tls://example.com/',
    'tls://example.com/path',
    'tls://example.com?x',
    'tls://example.com#x',
    'tls://user:secret@example.com',
    'tls://example.com:0',
    'tls://example.com:65536',
    'tls://example.com:',
    'tls://2001:db8::1',
    'tls://[192.0.2.1]',
    'tls://192.0.2.256',
    'tls://-x.example.com',
    'tls://a..example.com',
    'tls://exa mple.com',
    `tls://${'a'.repeat(64)}.example.com`,
    'tls://%65xample.com',
    'tls://example.com\n',
  ];
  for (const text of texts) {
    assert.equal(parseServedAt(text), undefined, text);
  }
});
