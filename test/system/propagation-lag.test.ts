// Servers of one zone that do not get the record at the same time.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { waitForPropagation } from '../../src/dns/propagation.ts';
import { type Answer, NameServer } from '../../src/dns/query.ts';
import { startBind } from '../rig/bind.ts';
import { startKnot } from '../rig/knot.ts';
import { delegated, type NameSpace, nameServers, startNameSpace } from '../rig/name-space.ts';
import { runScript } from '../rig/scripts.ts';
import { skipUnless } from '../rig/tools.ts';
import type { NameServer as RunningServer } from '../rig/zone.ts';

const primaryAddress = '127.0.52.1';
const laggingAddress = '127.0.52.2';
const toldAddress = '127.0.52.3';
const skip = skipUnless('go', 'named', 'rndc', 'named-checkconf', 'knotd', 'knotc', 'nsupdate', 'port 53');

/** What a server answered: the values, or why there are none. */
function inShort(answer: Answer<string>): string {
  return answer.kind === 'values' ? answer.values.join() : answer.kind;
}

/** Asks a real server, and keeps what it answered. */
class ObservedServer extends NameServer {
  readonly answers: string[] = [];
  readonly #choose: (question: number) => NameServer;

  /** @param choose whom to ask, by the number of the question */
  constructor(choose: (question: number) => NameServer | Promise<NameServer>) {
    super();
    this.#choose = choose as (question: number) => NameServer;
  }

  override async txt(name: string): Promise<Answer<string>> {
    const server = await this.#choose(this.answers.length + 1);
    const answer = await server.txt(name);
    this.answers.push(inShort(answer));
    return answer;
  }
}

describe('Propagation to servers that lag', { skip }, () => {
  let space: NameSpace;
  let primary: RunningServer;
  let lagging: RunningServer;
  let told: RunningServer;
  const requests: string[] = [];

  before(async () => {
    const both = nameServers(primaryAddress, laggingAddress);
    const [first, second] = [{ primaries: [primaryAddress] }, 'secondary'] as const;
    primary = await startBind({
      address: primaryAddress,
      zones: [
        { name: 'lag.test', records: both },
        { name: 'late.test', records: both },
        { name: 'never.test', records: both },
        { name: 'anycast.test', records: both },
        { name: 'hidden.test', records: nameServers(toldAddress), notify: [toldAddress] },
      ],
    });
    lagging = await startKnot({
      address: laggingAddress,
      zones: ['lag.test', 'late.test', 'never.test', 'anycast.test'].map((name) => ({
        name,
        type: second,
        ...first,
      })),
    });
    told = await startBind({
      address: toldAddress,
      zones: [{ name: 'hidden.test', type: second, ...first }],
    });
    space = await startNameSpace({
      root: '127.0.52.253',
      zones: [
        delegated('lag.test', primaryAddress, laggingAddress),
        delegated('never.test', primaryAddress, laggingAddress),
        delegated('hidden.test', toldAddress),
      ],
      onRequest: (kind) => requests.push(kind),
    });
  });
  afterEach(() => requests.splice(0));
  after(() => Promise.all([space, primary, lagging, told].map((one) => one?.stop())));

  const pace = { interval: 20, eager: false };
  const log = { debug() {}, info() {}, notice() {}, warning() {}, error() {}, scriptLine() {} };
  const at = (address: string) => new NameServer([address]);
  const wait = async (zone: string, servers: readonly (readonly [string, NameServer])[]) => {
    const name = `_acme-challenge.${zone}`;
    await runScript('nsupdate.sh', ['present', `${name}.`, 'value'], { DNS_SERVER: primaryAddress });
    const authoritative = servers.map(([address, ask]) => ({ host: `at-${address}`, address, ask }));
    const location = { name, zone: { name: zone, servers: authoritative }, fault: undefined };
    const record = { name, values: ['value'], overwritten: [] };
    const plan = { check: 'authoritative', pace, timeout: 10, resolvers: at(primaryAddress) } as const;
    await waitForPropagation([{ record, location }], plan, log, new AbortController().signal);
  };

  test('is awaited at the secondary, while the primary, which has the record, is left alone', async () => {
    const first = new ObservedServer(() => at(primaryAddress));
    const second = new ObservedServer(async (question) => {
      if (question === 3) {
        await lagging.refresh('late.test');
      }
      return at(laggingAddress);
    });
    await wait('late.test', [
      [primaryAddress, first],
      [laggingAddress, second],
    ]);
    assert.deepEqual(second.answers, ['no name', 'no name', 'value']);
    assert.deepEqual(first.answers, ['value']);
  });

  test('is over for a server whose answers change (anycast) once it has shown the record', async () => {
    const changing = new ObservedServer((question) =>
      at(question % 2 === 1 ? laggingAddress : primaryAddress),
    );
    await wait('anycast.test', [['127.0.52.9', changing]]);
    assert.deepEqual(changing.answers, ['no name', 'value']);
  });

  test('ends in a certificate when the secondary has caught up', async () => {
    const started = space.start({ primary: primaryAddress, inputs: { domains: 'lag.test' } });
    await started.line(/present ended with exit code 0/);
    requests.push('the secondary catches up');
    await lagging.refresh('lag.test');
    const { exitCode, stdout } = await started.result;
    assert.equal(exitCode, 0, stdout);
    const order = requests.filter((kind) => kind === 'challenge' || kind.startsWith('the secondary'));
    assert.deepEqual(order, ['the secondary catches up', 'challenge']);
  });

  test('that does not come in time is told as a table of servers and what each answered', async () => {
    const { exitCode, annotations, calls } = await space.run({
      primary: primaryAddress,
      inputs: { domains: 'never.test', 'exec-propagation-timeout': '1' },
    });
    assert.equal(exitCode, 1);
    const error = annotations.find(({ level }) => level === 'error');
    assert.equal(error?.title, 'The DNS record did not appear in time');
    const value = calls[0]?.value;
    assert.equal(
      error?.message.split('\n→')[0],
      [
        'After 1 s the record is not at every server:',
        `_acme-challenge.never.test (zone never.test), expected "${value}"`,
        `  ns1.never.test ${primaryAddress}  "${value}" (right)`,
        `  ns2.never.test ${laggingAddress}  no such name (NXDOMAIN)`,
      ].join('\n'),
    );
  });

  test('that does not come in time is not told to the CA, and the record is removed', async () => {
    const { calls } = await space.run({
      primary: primaryAddress,
      inputs: { domains: 'never.test', 'exec-propagation-timeout': '1' },
    });
    assert.ok(!requests.includes('challenge'));
    assert.deepEqual(
      calls.map(({ command }) => command),
      ['present', 'cleanup'],
    );
    assert.deepEqual(await primary.txt('_acme-challenge.never.test'), []);
  });

  test('is awaited at the listed servers alone where the primary is hidden', async () => {
    const { exitCode, debug, stdout } = await space.run({
      primary: primaryAddress,
      inputs: { domains: 'hidden.test' },
    });
    assert.equal(exitCode, 0, stdout);
    assert.ok(debug.includes(`Zone hidden.test: ns.hidden.test ${toldAddress}`), debug.join('\n'));
  });
});
