import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LineReader } from '../../../src/script/lines.ts';

function linesOf(...chunks: (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const reader = new LineReader((line) => lines.push(line));
  for (const chunk of chunks) {
    reader.write(Buffer.from(chunk as string));
  }
  reader.end();
  return lines;
}

describe('lines', () => {
  it('end with LF, CRLF or CR, as the runner cuts them', () => {
    assert.deepEqual(linesOf('a\nb\r\nc\rd\n'), ['a', 'b', 'c', 'd']);
  });

  it('may be empty', () => {
    assert.deepEqual(linesOf('\n\r\n\ra\n'), ['', '', '', 'a']);
  });

  it('go on from one chunk to the next', () => {
    assert.deepEqual(linesOf('ab', 'c\nd', '', 'e\n'), ['abc', 'de']);
  });

  it('end once when CRLF is split over chunks', () => {
    assert.deepEqual(linesOf('a\r', '\nb'), ['a', 'b']);
  });

  it('end once when CRLF is split around an empty chunk', () => {
    assert.deepEqual(linesOf('a\r', '', '\nb'), ['a', 'b']);
  });

  it('end twice by CR and a later LF', () => {
    assert.deepEqual(linesOf('a\r', 'b', '\nc'), ['a', 'b', 'c']);
  });

  it('end twice by CR LF LF over chunks', () => {
    assert.deepEqual(linesOf('a\r', '\n', '\nb'), ['a', '', 'b']);
  });

  it('are handed out at the end when nothing ended them', () => {
    assert.deepEqual(linesOf('a\nb'), ['a', 'b']);
  });

  it('are none when nothing was written', () => {
    assert.deepEqual(linesOf(), []);
  });

  it('keep UTF-8 that is split over chunks', () => {
    const octets = Buffer.from('grüße €😀\n');
    assert.deepEqual(linesOf(...[...octets].map((octet) => Buffer.from([octet]))), ['grüße €😀']);
  });

  it('show cut-off UTF-8 at the end as a replacement character', () => {
    assert.deepEqual(linesOf(Buffer.from([0x61, 0xe2, 0x82])), ['a\ufffd']);
  });

  it('are cut at 8192 characters, with a count of the rest', () => {
    assert.deepEqual(linesOf(`${'x'.repeat(8200)}\nnext\n`), [
      `${'x'.repeat(8192)}… (8 more characters)`,
      'next',
    ]);
  });

  it('of exactly 8192 characters are whole', () => {
    assert.deepEqual(linesOf(`${'x'.repeat(8192)}\n`), ['x'.repeat(8192)]);
  });

  it('stay bounded in a flood of many chunks without a newline', () => {
    const chunk = 'x'.repeat(10_000);
    assert.deepEqual(linesOf(chunk, chunk, chunk), [`${'x'.repeat(8192)}… (21808 more characters)`]);
  });
});
