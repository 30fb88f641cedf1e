import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDomains } from '../../../src/settings/domains.ts';
import { accepted, problemsOf } from '../fixtures/problems.ts';

const parsed = (text: string): string[] => accepted((problems) => parseDomains(text, problems));
const faults = (text: string): string[] => problemsOf((problems) => parseDomains(text, problems));
const label63 = 'a'.repeat(63);
/** 237 octets: with `_acme-challenge.` in front the 253 that a name may have. */
const longestName = `${label63}.${label63}.${label63}.${'a'.repeat(45)}`;

describe('domains', () => {
  it('takes names separated by white space, line ends and commas, in the order given', () => {
    assert.deepEqual(parsed('b.example, a.example\n*.b.example\tc.example'), [
      'b.example',
      'a.example',
      '*.b.example',
      'c.example',
    ]);
  });

  it('writes names in lower case without a final dot', () => {
    assert.deepEqual(parsed('WWW.Example.COM.'), ['www.example.com']);
  });

  it('converts Unicode names to A-labels, wildcards as well', () => {
    assert.deepEqual(parsed('bücher.example *.Bücher.example 例え。jp'), [
      'xn--bcher-kva.example',
      '*.xn--bcher-kva.example',
      'xn--r8jz45g.jp',
    ]);
  });

  it('drops duplicates, also those that the conversion makes', () => {
    assert.deepEqual(parsed('a.example A.example. bücher.example xn--bcher-kva.example'), [
      'a.example',
      'xn--bcher-kva.example',
    ]);
  });

  it('takes a label of 63 octets and a name that is as long as one can be proved', () => {
    assert.deepEqual(parsed(`${longestName} *.${longestName}`), [longestName, `*.${longestName}`]);
  });

  it('is required', () => {
    assert.deepEqual(faults(' , \n'), [
      'domains: " , \\n" is required: the names of the certificate, separated by white space or commas.',
    ]);
  });

  it('tells every wrong name, not only the first', () => {
    assert.equal(faults('a..b good.example 192.0.2.1').length, 2);
  });
});

describe('a wrong name', () => {
  const cases: [string, string, string][] = [
    ['with an empty label', 'a..example', 'has an empty label; remove the extra dot.'],
    ['that begins with a dot', '.example', 'has an empty label; remove the extra dot.'],
    ['with a label of 64 octets', `${'a'.repeat(64)}.example`, 'has a label of 64 octets; 63 are allowed.'],
    [
      'that is an IPv4 address',
      '192.0.2.1',
      'is an IP address; DNS can only prove control of names, so give a name.',
    ],
    [
      'that is an IPv6 address',
      '2001:db8::1',
      'is an IP address; DNS can only prove control of names, so give a name.',
    ],
    [
      'that is an IPv6 address in brackets',
      '[2001:db8::1]',
      'is an IP address; DNS can only prove control of names, so give a name.',
    ],
    [
      'that has a wildcard in the middle',
      'a.*.example',
      'has a wildcard that is not the whole first label; only *.example.com is possible.',
    ],
    [
      'that has a wildcard as part of a label',
      'w*.example',
      'has a wildcard that is not the whole first label; only *.example.com is possible.',
    ],
    ['that is a wildcard alone', '*', 'is a wildcard of nothing; write it as *.example.com.'],
    ['that has a control character', 'a\u0007b.example', 'contains a control character; remove it.'],
    ['that is a URL', 'https://example.com', 'is a URL or path; give the host name alone.'],
    ['that has a path', 'example.com/x', 'is a URL or path; give the host name alone.'],
    [
      'that has an underscore',
      'a_b.example',
      'has the label "a_b"; a label has letters, digits and inner hyphens only.',
    ],
    [
      'with a label that ends in a hyphen',
      'a-.example',
      'has the label "a-"; a label has letters, digits and inner hyphens only.',
    ],
    [
      'with a port',
      'a.example:443',
      'has the label "example:443"; a label has letters, digits and inner hyphens only.',
    ],
    [
      'that has no ASCII form',
      'a\u{10ffff}.example',
      'cannot be written in ASCII (IDNA); check its characters.',
    ],
  ];
  for (const [kind, name, fault] of cases) {
    it(`${kind} is told with what is right`, () => {
      assert.deepEqual(faults(name), [`domains: ${JSON.stringify(name)} ${fault}`]);
    });
  }

  it('of 254 octets is told with the number that is allowed', () => {
    const name = `${longestName}${'b'.repeat(17)}`;
    assert.equal(name.length, 254);
    assert.match(
      faults(name).join(),
      /… \(254 characters\)" has 254 octets; with _acme-challenge\. in front, 237 are allowed\.$/,
    );
  });
});
