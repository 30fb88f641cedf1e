import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { jwkThumbprint } from '../../../src/acme/account.ts';
import { type Authorization, AuthorizationFailure } from '../../../src/acme/authorization.ts';
import { dnsChallenge } from '../../../src/acme/challenge.ts';
import type { AcmeSession } from '../../../src/acme/session.ts';
import { DnsSolver } from '../../../src/order/dns-solver.ts';
import type { ScriptSettings } from '../../../src/settings/script.ts';
import type { PropagationSettings } from '../../../src/settings/settings.ts';
import { Timeline } from '../../../src/timeline.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { type DnsReply, FakeDnsServer } from '../fixtures/fake-dns.ts';
import { linesOf, recordingLog } from '../fixtures/log.ts';
import { posixOnly, shellScript } from '../fixtures/program.ts';
import { fakeSession } from '../fixtures/session.ts';

const servers: FakeDnsServer[] = [];
describe('with a resolver that shows what the script sets', { concurrency: true, skip: posixOnly }, () => {
  after(() => {
    for (const server of servers) {
      server.stop();
    }
  });

  const adding = 'echo "$2 $3" >> records';
  const overwriting = 'echo "$2 $3" > records';

  interface Trial {
    solver: DnsSolver;
    /** The calls of the script and the answers to challenges, in their order: `present token`, `answer token`. */
    events: () => string[];
    records: () => string[];
    session: ReturnType<typeof fakeSession>['session'];
    lines: string[];
    journalFile: string;
  }

  /**
   * A solver whose script keeps its records in a file, which a fake resolver answers from. Nobody has name servers there, so
   * the resolver is asked for everything.
   */
  async function trialOf(
    present: string,
    change: {
      script?: Partial<ScriptSettings>;
      propagation?: Partial<PropagationSettings>;
      aliases?: Record<string, string>;
    } = {},
  ): Promise<Trial> {
    const workspace = temporaryFolder('solver');
    const lines = (name: string): string[] => {
      const file = path.join(workspace, name);
      return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
    };
    const resolver = await FakeDnsServer.start((name, type): DnsReply => {
      const alias = change.aliases?.[name];
      if (type === 'CNAME' && alias !== undefined) {
        return { type, values: [alias] };
      }
      const values = lines('records').filter((line) => line.startsWith(`${name}. `));
      return type === 'TXT' && values.length > 0
        ? { type, values: values.map((line) => [line.split(' ')[1] ?? '']) }
        : 'NXDOMAIN';
    });
    servers.push(resolver);
    const { log, lines: logged } = recordingLog();
    const program = shellScript(
      workspace,
      `echo "$1 $3" >> events
case $1 in
present) ${present} ;;
cleanup) grep -v " $3\\$" records > rest; mv rest records ;;
esac`,
    );
    const journalFile = path.join(workspace, 'journal.jsonl');
    const solver = new DnsSolver(
      {
        program,
        writtenPath: './script.sh',
        workspace,
        mode: 'default',
        delimiter: 'lego',
        pollingInterval: 0.1,
        propagationTimeout: 10,
        sequenceInterval: undefined,
        concurrency: 1,
        timeLimit: 20,
        environment: {},
        ...change.script,
      },
      { check: 'recursive', delay: 0, resolvers: [resolver.address], ...change.propagation },
      {
        environment: { PATH: process.env.PATH },
        journalFile,
        log,
        timeline: new Timeline(),
        signal: new AbortController().signal,
      },
    );
    const answers = new Map<number, string>();
    const { session } = fakeSession(({ to, payload }) => {
      if (payload !== undefined) {
        answers.set(lines('events').length + answers.size, `answer ${to.split('/').at(-1)}`);
      }
      return { body: { status: 'valid' } };
    });
    const events = (): string[] => {
      const calls = lines('events');
      return Array.from(
        { length: calls.length + answers.size },
        (_, index) => answers.get(index) ?? calls.shift() ?? '',
      );
    };
    return { solver, events, records: () => lines('records'), session, lines: logged, journalFile };
  }

  /** Authorizations of these names, whose tokens are the names without dots and asterisks. */
  function authorizationsOf(...names: string[]): Authorization[] {
    return names.map((orderedName) => {
      const token = orderedName.replace('*.', 'wild-').replaceAll('.', '-');
      return {
        url: `https://ca.example/authz/${token}`,
        orderedName,
        object: {
          identifier: { type: 'dns', value: orderedName.replace('*.', '') },
          status: 'pending',
          challenges: [
            { type: 'dns-01', url: `https://ca.example/chall/${token}`, status: 'pending', token },
          ],
        },
      };
    });
  }

  /** Events with the values of the records in place of what they are values of. */
  function readable({ events, session }: Trial, authorizations: readonly Authorization[]): string[] {
    const names = new Map(
      authorizations.map((authorization) => {
        const { value, token } = dnsChallenge(authorization, thumbprintOf(session));
        return [value, token];
      }),
    );
    return events().map((event) => event.replace(/\S+$/, (last) => names.get(last) ?? last));
  }

  const thumbprintOf = (session: AcmeSession): string => jwkThumbprint(session.accountJwk);
  const never = new AbortController().signal;

  describe('the proof of names', { concurrency: true, skip: posixOnly }, () => {
    it('presents all records, and then answers all challenges', async () => {
      const trial = await trialOf(adding);
      const authorizations = authorizationsOf('a.example', '*.a.example', 'b.example');
      await trial.solver.solve(trial.session, authorizations);
      assert.deepEqual(readable(trial, authorizations), [
        'present a-example',
        'present wild-a-example',
        'present b-example',
        'answer a-example',
        'answer wild-a-example',
        'answer b-example',
      ]);
    });

    it('has both values of a name and its wildcard stand at the same time', async () => {
      const trial = await trialOf(adding);
      await trial.solver.solve(trial.session, authorizationsOf('a.example', '*.a.example'));
      assert.deepEqual(
        trial.records().map((line) => line.split(' ')[0]),
        ['_acme-challenge.a.example.', '_acme-challenge.a.example.'],
      );
    });

    it('leaves the records standing for the CA, and cleans all up when told to', async () => {
      const trial = await trialOf(adding);
      await trial.solver.solve(trial.session, authorizationsOf('a.example', 'b.example'));
      assert.equal(trial.records().length, 2);
      await trial.solver.cleanUp(never);
      assert.deepEqual(trial.records(), []);
      assert.equal(existsSync(trial.journalFile), false);
    });

    it('sets the record at the end of the CNAME chain', async () => {
      const trial = await trialOf(adding, { aliases: { '_acme-challenge.a.example': 'a.acme.example' } });
      await trial.solver.solve(trial.session, authorizationsOf('a.example'));
      assert.match(trial.records().join('\n'), /^a\.acme\.example\. /);
    });

    it('does not wait for the record when the check is switched off', async () => {
      const trial = await trialOf('', { propagation: { check: 'none' } });
      const authorizations = authorizationsOf('a.example');
      await trial.solver.solve(trial.session, authorizations);
      assert.deepEqual(readable(trial, authorizations), ['present a-example', 'answer a-example']);
    });

    it('stops when a record does not appear, before any challenge is answered', async () => {
      const trial = await trialOf('', { script: { propagationTimeout: 0.2 } });
      const authorizations = authorizationsOf('a.example');
      await assert.rejects(trial.solver.solve(trial.session, authorizations), {
        title: 'The DNS record did not appear in time',
      });
      assert.deepEqual(readable(trial, authorizations), ['present a-example']);
    });

    it('uses what was prepared', async () => {
      const trial = await trialOf(adding);
      trial.solver.prepare(['a.example', '*.a.example'], []);
      await trial.solver.solve(trial.session, authorizationsOf('a.example'));
      assert.equal(trial.records().length, 1);
    });

    it('warns of CAA records while it prepares, where the CA names itself', async () => {
      const trial = await trialOf(adding);
      trial.solver.prepare(['a.example'], ['ca.example']);
      await trial.solver.solve(trial.session, authorizationsOf('a.example'));
      assert.deepEqual(linesOf(trial.lines, 'warning'), []);
    });

    it('that was never begun has nothing to clean up', async () => {
      const trial = await trialOf(adding);
      await trial.solver.cleanUp(never);
      assert.deepEqual(trial.events(), []);
    });

    it('may be closed', async () => {
      const trial = await trialOf(adding);
      await trial.solver.solve(trial.session, authorizationsOf('a.example'));
      assert.doesNotThrow(() => trial.solver.close());
    });
  });

  describe('a script that overwrites the values of a record', { concurrency: true, skip: posixOnly }, () => {
    it('is served one value after the other, and the log says so', async () => {
      const trial = await trialOf(overwriting);
      const authorizations = authorizationsOf('a.example', '*.a.example');
      await trial.solver.solve(trial.session, authorizations);
      assert.deepEqual(readable(trial, authorizations), [
        'present a-example',
        'present wild-a-example',
        'answer wild-a-example',
        'cleanup wild-a-example',
        'present a-example',
        'answer a-example',
      ]);
      assert.match(
        linesOf(trial.lines, 'notice').join('\n'),
        /^The script overwrites the values of a record: Only the last value stands at _acme-challenge\.a\.example\.;/,
      );
    });
  });

  describe('one name after another', { concurrency: true, skip: posixOnly }, () => {
    it('presents, answers, waits for the CA and cleans up each before the next, as lego does', async () => {
      const trial = await trialOf(adding, { script: { sequenceInterval: 0 } });
      const authorizations = authorizationsOf('a.example', 'b.example', '*.a.example');
      await trial.solver.solve(trial.session, authorizations);
      assert.deepEqual(readable(trial, authorizations), [
        'present a-example',
        'answer a-example',
        'cleanup a-example',
        'present b-example',
        'answer b-example',
        'cleanup b-example',
        'present wild-a-example',
        'answer wild-a-example',
      ]);
    });
  });

  describe('the explanation of a refusal', { concurrency: true, skip: posixOnly }, () => {
    it('adds what name servers say of the record now', async () => {
      const trial = await trialOf(adding);
      const authorizations = authorizationsOf('a.example', 'b.example');
      await trial.solver.solve(trial.session, authorizations);
      const failure = new AuthorizationFailure(authorizations.slice(0, 1));
      const explained = await trial.solver.explain(failure);
      assert.deepEqual([explained.title, explained.cause], [failure.title, failure]);
      assert.match(
        explained.message,
        /\n_acme-challenge\.a\.example now, expected "\S+": all have the right value now/,
      );
      assert.doesNotMatch(explained.message, /b\.example/);
    });

    it('has nothing to add for a name whose record was not set', async () => {
      const trial = await trialOf(adding);
      const failure = new AuthorizationFailure(authorizationsOf('a.example'));
      assert.equal(await trial.solver.explain(failure), failure);
    });
  });
});
