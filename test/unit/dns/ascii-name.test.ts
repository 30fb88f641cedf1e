import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asciiName } from '../../../src/dns/ascii-name.ts';

describe('the ASCII form of a name', () => {
  for (const [written, ascii] of [
    ['WWW.Example.', 'www.example'],
    ['Bücher.example', 'xn--bcher-kva.example'],
    ['*.bücher.example', '*.xn--bcher-kva.example'],
    ['例え。jp', 'xn--r8jz45g.jp'],
    ['', ''],
  ] as const) {
    it(`of "${written}" is "${ascii}"`, () => {
      assert.equal(asciiName(written), ascii);
    });
  }

  it('leaves plain ASCII as it is, so that numbers do not become addresses', () => {
    assert.equal(asciiName('0x7F.1'), '0x7f.1');
  });

  it('is empty when there is none', () => {
    assert.equal(asciiName('*.a\u{10ffff}.example'), '');
  });
});
