import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { rememberedFor } from '../../../src/dns/cached-values.ts';
import { NameServer } from '../../../src/dns/query.ts';
import { askTxtTtl } from '../../../src/dns/ttl.ts';

type AnswerTo = (question: Buffer) => readonly Buffer[];

/** A server on a free port that answers every question with some messages. */
async function withServer<T>(answer: AnswerTo, ask: (server: string) => Promise<T>): Promise<T> {
  const socket = createSocket('udp4');
  socket.on('message', (question, { port, address }) => {
    for (const message of answer(question)) {
      socket.send(message, port, address);
    }
  });
  await once(socket.bind(0, '127.0.0.1'), 'listening');
  try {
    return await ask(`127.0.0.1:${socket.address().port}`);
  } finally {
    socket.close();
  }
}

/** An answer with some records, each a type and a TTL, whose names point to the question's. */
function answerWith(question: Buffer, records: readonly (readonly [number, number])[]): Buffer {
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8400, 2);
  header.writeUInt16BE(records.length, 6);
  const sections = records.map(([type, ttl]) => {
    const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, 2, 1, 0x61]);
    record.writeUInt32BE(ttl, 6);
    return record;
  });
  return Buffer.concat([header, question.subarray(12), ...sections]);
}

describe('askTxtTtl', () => {
  const ask = (server: string) => askTxtTtl(server, '_acme-challenge.example.org');

  test('reads the TTL of the TXT record, behind a CNAME, too', async () => {
    const answer: AnswerTo = (question) => [
      answerWith(question, [
        [5, 3600],
        [16, 120],
      ]),
    ];
    assert.equal(await withServer(answer, ask), 120);
  });

  test('passes over answers to other questions', async () => {
    const answer: AnswerTo = (question) => {
      const other = answerWith(question, [[16, 7]]);
      other.writeUInt16BE((question.readUInt16BE(0) + 1) % 0x10000, 0);
      return [other, Buffer.from('short'), answerWith(question, [[16, 120]])];
    };
    assert.equal(await withServer(answer, ask), 120);
  });

  test('knows none where the server has no TXT record', async () => {
    assert.equal(await withServer((question) => [answerWith(question, [])], ask), undefined);
  });

  test('knows none where the answer ends too early', async () => {
    const answer: AnswerTo = (question) => [answerWith(question, [[16, 120]]).subarray(0, -10)];
    assert.equal(await withServer(answer, ask), undefined);
  });

  test('knows none where nothing listens', async () => {
    const server = await withServer(
      () => [],
      async (address) => address,
    );
    assert.equal(await ask(server), undefined);
  });
});

describe('rememberedFor', () => {
  const location = { name: '_acme-challenge.example.org', zone: undefined, fault: 'no zone' };
  const ask = (server: string) => rememberedFor([location], new NameServer([server]));

  for (const [ttl, seconds] of [
    [1, 1],
    [3600, 60],
  ] as const) {
    test(`is ${seconds} s for a TTL of ${ttl} s`, async () => {
      assert.equal(await withServer((question) => [answerWith(question, [[16, ttl]])], ask), seconds);
    });
  }

  test('is a minute where no server tells', async () => {
    assert.equal(await withServer((question) => [answerWith(question, [])], ask), 60);
  });

  test('is nothing where nothing stood', async () => {
    assert.equal(await rememberedFor([], new NameServer(['127.0.0.1:9'])), 0);
  });
});
