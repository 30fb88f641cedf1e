import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { describeProblems } from '../../../src/settings/problem.ts';
import { readSettings, type SettingsReading } from '../../../src/settings/read.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { makeKey } from '../fixtures/certificate.ts';
import { shellScript } from '../fixtures/program.ts';

const workspace = temporaryFolder('settings');
const program = shellScript(workspace, '', 'dns.sh');
const environment = { GITHUB_WORKSPACE: workspace, RUNNER_TEMP: path.join(workspace, 'temp') };
const least = { domains: 'example.com', 'exec-path': './dns.sh', 'agree-tos': 'true' };

const read = (
  inputs: Record<string, string>,
  variables: NodeJS.ProcessEnv = environment,
): Promise<SettingsReading> => readSettings(new Map(Object.entries(inputs)), variables, process.platform);

async function settingsOf(inputs: Record<string, string>, variables?: NodeJS.ProcessEnv) {
  const { settings, problems } = await read({ ...least, ...inputs }, variables);
  assert.deepEqual(problems, []);
  assert.ok(settings !== undefined);
  return settings;
}

async function faultsOf(inputs: Record<string, string>): Promise<string[]> {
  const { settings, problems } = await read({ ...least, ...inputs });
  assert.equal(settings, undefined);
  return problems.map((problem) => describeProblems([problem]));
}

describe('the settings of a run', () => {
  it('need a domain, a script and the agreement to the terms, and nothing else', async () => {
    const { settings, problems, agreesToTerms } = await read(least);
    assert.deepEqual([problems, agreesToTerms], [[], true]);
    assert.equal(settings?.script?.program, program);
  });

  it('tell all problems together, of every part', async () => {
    const { problems } = await read({
      domains: 'a..b',
      'exec-mode': 'row',
      server: 'nowhere',
      email: 'nobody',
      'key-type': 'x',
      'dns-resolvers': 'y',
      'propagation-delay': '-1',
      'renew-before': 'soon',
      'store-cache': 'true',
    });
    assert.deepEqual(problems.map(({ input }) => input).toSorted(), [
      'dns-resolvers',
      'domains',
      'email',
      'exec-mode',
      'exec-path',
      'key-type',
      'propagation-delay',
      'renew-before',
      'server',
      'store-cache',
    ]);
  });

  it('tell apart whether the terms are agreed to: that message needs the CA', async () => {
    const { settings, problems, agreesToTerms } = await read({ ...least, 'agree-tos': 'false' });
    assert.equal(agreesToTerms, false);
    assert.deepEqual([settings !== undefined, problems], [true, []]);
  });

  it('do not take anything for an agreement to the terms', async () => {
    assert.deepEqual(await faultsOf({ 'agree-tos': 'yes' }), ['agree-tos: "yes" is neither true nor false.']);
  });

  it('take the working folder for the workspace where the runner names none', async () => {
    const file = path.join(process.cwd(), 'package.json');
    const { problems } = await read({ ...least, 'exec-path': './package.json' }, {});
    assert.ok(
      !problems.some(({ right }) => right.includes('nothing at')),
      `Looked for elsewhere than ${file}.`,
    );
  });
});

describe('the certificate’s name', () => {
  for (const [domains, name] of [
    ['www.example.com a.example', 'www.example.com'],
    ['*.example.com', '_.example.com'],
  ] as const) {
    it(`is ${name} for ${domains}`, async () => {
      assert.equal((await settingsOf({ domains })).name, name);
    });
  }

  it('may be chosen', async () => {
    assert.equal((await settingsOf({ name: 'Büro_1.a@b-c' })).name, 'Büro_1.a@b-c');
  });

  for (const name of ['../up', 'a/b', '.hidden', '-a', 'a b', 'x'.repeat(201)]) {
    it(`is not "${name.slice(0, 20)}", which cannot name a folder everywhere`, async () => {
      assert.match(
        (await faultsOf({ name })).join('\n'),
        /^name: ".*" cannot name a folder everywhere; use letters/,
      );
    });
  }
});

describe('the output folder', () => {
  it('is among the runner’s temporary files, by the certificate’s name', async () => {
    assert.equal(
      (await settingsOf({})).output.directory,
      path.join(workspace, 'temp', 'acme-exec', 'example.com'),
    );
  });

  it('is in the workspace where the runner has no folder for temporary files', async () => {
    assert.equal(
      (await settingsOf({}, { GITHUB_WORKSPACE: workspace })).output.directory,
      path.join(workspace, '.acme-exec', 'acme-exec', 'example.com'),
    );
  });

  it('may be chosen, relative to the workspace', async () => {
    assert.equal((await settingsOf({ 'output-dir': 'out' })).output.directory, path.join(workspace, 'out'));
  });
});

describe('the propagation check', () => {
  it('asks the authoritative servers by the system’s resolvers where nothing is said', async () => {
    assert.deepEqual((await settingsOf({})).propagation, { check: 'authoritative', delay: 0, resolvers: [] });
  });

  it('may be set', async () => {
    const { propagation } = await settingsOf({
      'propagation-check': 'Recursive',
      'propagation-delay': '2.5',
      'dns-resolvers': '192.0.2.1',
    });
    assert.deepEqual(propagation, { check: 'recursive', delay: 2.5, resolvers: ['192.0.2.1'] });
  });

  it('is of no other kind', async () => {
    assert.deepEqual(await faultsOf({ 'propagation-check': 'all' }), [
      'propagation-check: "all" is not one of: authoritative, recursive, none.',
    ]);
  });
});

describe('pfx-password', () => {
  it('asks for a PKCS#12 file', async () => {
    assert.equal((await settingsOf({ 'pfx-password': 'secret' })).output.pfxPassword, 'secret');
  });

  it('contradicts csr, and is not shown', async () => {
    const faults = await faultsOf({ 'pfx-password': 'secret', csr: 'none.csr', domains: '' });
    assert.ok(
      faults.includes(
        'pfx-password: "(not shown)" contradicts csr: a PKCS#12 file holds the key, which stays with you.',
      ),
    );
  });
});

describe('deploy-path', () => {
  it('is a program of the repository', async () => {
    assert.deepEqual((await settingsOf({ 'deploy-path': './dns.sh' })).output.deploy, {
      program,
      writtenPath: './dns.sh',
    });
  });

  it('that is not there is told by its own name', async () => {
    assert.match(
      (await faultsOf({ 'deploy-path': './none.sh' })).join('\n'),
      /^deploy-path: "\.\/none\.sh" is not there/,
    );
  });
});

describe('the challenge dns-persist-01', () => {
  const persist = { challenge: 'dns-persist-01', 'account-key': makeKey() };

  it('needs no script: the record may be made by hand', async () => {
    const settings = await settingsOf({ ...persist, 'exec-path': '' });
    assert.deepEqual([settings.challenge, settings.script], ['dns-persist-01', undefined]);
  });

  it('needs an account that stays', async () => {
    assert.deepEqual(await faultsOf({ ...persist, 'account-key': '' }), [
      'challenge: "dns-persist-01" needs an account that stays, as the record names it: give account-key, or a store.',
    ]);
  });

  it('has no RAW mode', async () => {
    assert.deepEqual(await faultsOf({ ...persist, 'exec-mode': 'RAW' }), [
      'exec-mode: "RAW" contradicts dns-persist-01, which has no token; use none.',
    ]);
  });
});
