import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { describeFault, isRoutable, NameServer, plainName } from '../../../src/dns/query.ts';
import { type DnsReply, FakeDnsServer } from '../fixtures/fake-dns.ts';

const zone: Record<string, DnsReply> = {
  'TXT one.example': { type: 'TXT', values: [['a', 'b'], ['c']] },
  'TXT empty.example': 'NODATA',
  'TXT refused.example': 'REFUSED',
  'TXT broken.example': 'SERVFAIL',
  'TXT strange.example': 'NOTIMP',
  'CNAME alias.example': { type: 'CNAME', values: ['Target.Example'] },
  'NS example': { type: 'NS', values: ['NS1.Example', 'ns2.example'] },
  'A host.example': { type: 'A', values: ['127.0.0.1', '127.0.0.2'] },
  'AAAA host.example': 'NODATA',
};
const fake = await FakeDnsServer.start((name, type) => zone[`${type} ${name}`] ?? 'NXDOMAIN');
const server = new NameServer([fake.address]);
describe('questions to name servers', () => {
  after(() => fake.stop());

  describe('a name server', () => {
    it('is asked at the address that it was given', () => {
      assert.deepEqual(server.servers, [fake.address]);
    });

    it('is the system’s resolver without an address', () => {
      assert.ok(new NameServer().servers.length > 0);
    });

    it('gives the values of TXT records, the strings of one joined', async () => {
      assert.deepEqual(await server.txt('one.example'), { kind: 'values', values: ['ab', 'c'] });
    });

    it('gives the target of a CNAME in lower case without a final dot', async () => {
      assert.deepEqual(await server.cname('alias.example'), { kind: 'values', values: ['target.example'] });
    });

    it('gives name servers in lower case without a final dot', async () => {
      assert.deepEqual(await server.ns('example'), {
        kind: 'values',
        values: ['ns1.example', 'ns2.example'],
      });
    });

    it('gives the addresses of a host, of either family', async () => {
      assert.deepEqual(await server.hostAddresses('host.example'), ['127.0.0.1', '127.0.0.2']);
    });

    it('gives no addresses of a host that has none', async () => {
      assert.deepEqual(await server.hostAddresses('none.example'), []);
    });

    it('tells a name that is not there from one without such records', async () => {
      assert.deepEqual(
        [
          await server.txt('none.example'),
          await server.txt('empty.example'),
          await server.caa('none.example'),
        ],
        [{ kind: 'no name' }, { kind: 'no data' }, { kind: 'no name' }],
      );
    });

    for (const [name, code] of [
      ['refused.example', 'EREFUSED'],
      ['broken.example', 'ESERVFAIL'],
      ['strange.example', 'ENOTIMP'],
    ] as const) {
      it(`that fails for ${name} is told with the code ${code}`, async () => {
        assert.deepEqual(await server.txt(name), { kind: 'failed', code });
      });
    }

    it('that is not there is told with a code', async () => {
      const socket = createSocket('udp4').bind(0, '127.0.0.1');
      await once(socket, 'listening');
      const { port } = socket.address();
      await new Promise<void>((resolve) => socket.close(resolve));
      const answer = await new NameServer([`127.0.0.1:${port}`]).txt('one.example');
      assert.equal(answer.kind, 'failed');
    });

    it('that is silent is given up by a cancellation', async () => {
      const socket = createSocket('udp4').bind(0, '127.0.0.1');
      await once(socket, 'listening');
      const silent = new NameServer([`127.0.0.1:${socket.address().port}`]);
      const answer = silent.txt('one.example');
      await once(socket, 'message');
      silent.cancel();
      assert.deepEqual(await answer, { kind: 'failed', code: 'ECANCELLED' });
      socket.close();
    });
  });

  describe('a fault of a name server', () => {
    for (const [code, words] of [
      ['ECONNREFUSED', 'cannot be reached'],
      ['EREFUSED', 'refuses to answer (REFUSED)'],
      ['ESERVFAIL', 'fails to answer (SERVFAIL)'],
      ['ENOTIMP', 'does not know the question (NOTIMP)'],
      ['ETIMEOUT', 'does not answer (time-out)'],
      ['EBADRESP', 'gives no usable answer (EBADRESP)'],
    ] as const) {
      it(`${code} is told in words`, () => {
        assert.equal(describeFault(code), words);
      });
    }
  });

  describe('an address', () => {
    it('of this machine is routable', async () => {
      assert.equal(await isRoutable('127.0.0.1'), true);
    });

    it('that no packet can be sent to is not', async () => {
      assert.equal(await isRoutable('255.255.255.255'), false);
    });
  });

  describe('a name', () => {
    it('is compared in lower case without a final dot', () => {
      assert.deepEqual(['A.Example.', 'a.example', '.'].map(plainName), ['a.example', 'a.example', '']);
    });
  });
});
