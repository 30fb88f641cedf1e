import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as der from '../../../src/certificate/der.ts';

test('integers take the fewest octets that keep the sign positive', () => {
  const cases = { 0: '020100', 127: '02017f', 128: '02020080', 256: '02020100', 10000: '02022710' };
  for (const [value, encoding] of Object.entries(cases)) {
    assert.equal(der.integer(Number(value)).toString('hex'), encoding);
  }
  assert.equal(der.integer(2 ** 31 - 1).toString('hex'), '02047fffffff');
});

test('lengths from 128 on are led by their number of octets', () => {
  const heads = {
    0: '0400',
    127: '047f',
    128: '048180',
    255: '0481ff',
    256: '04820100',
    65536: '0483010000',
  };
  for (const [length, head] of Object.entries(heads)) {
    const encoding = der.octetString(Buffer.alloc(Number(length)));
    assert.equal(encoding.subarray(0, head.length / 2).toString('hex'), head);
    assert.equal(encoding.length, head.length / 2 + Number(length));
  }
});

test('object identifiers are written in groups of seven bits', () => {
  assert.equal(der.objectIdentifier('1.2.840.113549.1.7.1').toString('hex'), '06092a864886f70d010701');
  assert.equal(der.objectIdentifier('2.16.840.1.101.3.4.2.1').toString('hex'), '0609608648016503040201');
});

test('the members of a set are sorted by their encodings', () => {
  const set = der.setOf(der.integer(2), der.integer(1), der.nullValue());
  assert.equal(set.toString('hex'), '31080201010201020500');
});

test('text is UTF-16 with the high octet first, with surrogate pairs', () => {
  assert.equal(der.bmpString('aä🔑').toString('hex'), '1e08006100e4d83ddd11');
});
