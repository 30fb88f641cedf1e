import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { outputNames } from '../../src/report/outputs.ts';
import { presets } from '../../src/settings/authority.ts';
import { checkInputNames, readCheckSettings } from '../../src/settings/check.ts';
import { inputNames, readSettings } from '../../src/settings/read.ts';
import { readRevocationSettings, revocationInputNames } from '../../src/settings/revocation.ts';
import { temporaryFolder } from '../rig/folder.ts';
import { makeCertificate, makeKey } from './fixtures/certificate.ts';
import { shellScript } from './fixtures/program.ts';

interface Action {
  inputs: Record<string, { description: string; default?: string; required?: boolean }>;
  outputs: Record<string, { description: string }>;
  runs: { using: string; main: string; post: string };
}

const textOf = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const action = (file: string): Action => parse(textOf(file));
const defaultsOf = ({ inputs }: Action): Map<string, string> =>
  new Map(
    Object.entries(inputs).flatMap(([name, input]) =>
      input.default === undefined ? [] : [[name, input.default]],
    ),
  );

const workspace = temporaryFolder('actions');
shellScript(workspace, '', 'dns.sh');
const environment = { GITHUB_WORKSPACE: workspace };

describe('action.yml', () => {
  const root = action('action.yml');

  it('has the inputs that are read, in the same order', () => {
    assert.deepEqual(Object.keys(root.inputs), [...inputNames]);
  });

  it('has the outputs that are set, in the same order', () => {
    assert.deepEqual(Object.keys(root.outputs), [...outputNames]);
  });

  it('has defaults that do what an empty input does', async () => {
    const least = { domains: 'example.com', 'exec-path': './dns.sh' };
    const withDefaults = new Map([...defaultsOf(root), ...Object.entries(least)]);
    const read = (inputs: Map<string, string>) => readSettings(inputs, environment, process.platform);
    assert.deepEqual(await read(withDefaults), await read(new Map(Object.entries(least))));
  });

  it('has defaults that are text, as the runner wants', () => {
    const others = [...defaultsOf(root)].filter(([, value]) => typeof value !== 'string');
    assert.deepEqual(others, []);
  });

  it('describes every input and output', () => {
    const all = Object.entries({ ...root.inputs, ...root.outputs });
    assert.deepEqual(
      all.filter(([, { description }]) => !/\S.*\.$/s.test(description.trim())),
      [],
    );
  });

  it('names no preset that there is not', () => {
    const named = [...(root.inputs.server?.description ?? '').matchAll(/`([a-z-]+)`/g)].map(
      ([, name]) => name ?? '',
    );
    assert.notDeepEqual(named, []);
    assert.deepEqual(
      named.filter((name) => presets[name] === undefined),
      [],
    );
  });

  it('runs on Node 24, with a post step', () => {
    assert.deepEqual(root.runs, { using: 'node24', main: 'dist/main/index.js', post: 'dist/post/index.js' });
  });
});

describe('certificate/action.yml', () => {
  it('is the action of the root, but for the way to its files', () => {
    const root = action('action.yml');
    const { main, post } = root.runs;
    assert.deepEqual(action('certificate/action.yml'), {
      ...root,
      runs: { ...root.runs, main: `../${main}`, post: `../${post}` },
    });
  });
});

describe('check/action.yml', () => {
  const check = action('check/action.yml');

  it('has the inputs that are read, in the same order', () => {
    assert.deepEqual(Object.keys(check.inputs), [...checkInputNames]);
  });

  it('has defaults that do what an empty input does', () => {
    const least = { domains: 'example.com', 'exec-path': './dns.sh' };
    const withDefaults = new Map([...defaultsOf(check), ...Object.entries(least)]);
    const read = (inputs: Map<string, string>) => readCheckSettings(inputs, environment, process.platform);
    assert.deepEqual(read(withDefaults), read(new Map(Object.entries(least))));
  });
});

describe('revoke/action.yml', async () => {
  const revoke = action('revoke/action.yml');
  const { pem } = await makeCertificate();

  it('has the inputs that are read, in the same order', () => {
    assert.deepEqual(Object.keys(revoke.inputs), [...revocationInputNames]);
  });

  it('has defaults that do what an empty input does', () => {
    const least = { certificate: pem, 'account-key': makeKey() };
    const withDefaults = new Map([...defaultsOf(revoke), ...Object.entries(least)]);
    const read = (inputs: Map<string, string>) => readRevocationSettings(inputs, environment);
    assert.deepEqual(read(withDefaults), read(new Map(Object.entries(least))));
  });
});
