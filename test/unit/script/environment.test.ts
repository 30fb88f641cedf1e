import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type EffectiveSettings,
  protocolEnvironment,
  relativeName,
  stepEnvironment,
} from '../../../src/script/environment.ts';
import { exampleRecord } from '../fixtures/records.ts';

const settings: EffectiveSettings = {
  path: './dns.sh',
  mode: 'default',
  delimiter: 'lego',
  pollingInterval: 3,
  propagationTimeout: 60,
  sequenceInterval: undefined,
};

describe('the environment of the step', () => {
  it('keeps what a run: step would have', () => {
    const environment = { PATH: '/bin', GITHUB_TOKEN: 't', EXEC_PATH: './dns.sh', MY_INPUT_X: '1' };
    assert.deepEqual(stepEnvironment(environment), environment);
  });

  for (const name of [
    'INPUT_DOMAINS',
    'INPUT_ACCOUNT-KEY',
    'input_domains',
    'STATE_journal',
    'ACTIONS_RUNTIME_TOKEN',
    'ACTIONS_RUNTIME_URL',
    'ACTIONS_RESULTS_URL',
    'ACTIONS_CACHE_URL',
    'ACTIONS_CACHE_SERVICE_V2',
    'GITHUB_STATE',
  ]) {
    it(`withholds ${name}`, () => {
      assert.deepEqual(stepEnvironment({ [name]: 'x' }), {});
    });
  }

  for (const name of ['ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'GITHUB_ENV', 'GITHUB_OUTPUT', 'STATELESS']) {
    it(`keeps ${name}, which a run: step has`, () => {
      assert.deepEqual(stepEnvironment({ [name]: 'x' }), { [name]: 'x' });
    });
  }

  it('leaves out what is undefined', () => {
    assert.deepEqual(stepEnvironment({ A: undefined }), {});
  });
});

describe('the EXEC_* variables of a call', () => {
  it('are the effective settings', () => {
    assert.deepEqual(protocolEnvironment(settings), {
      EXEC_PATH: './dns.sh',
      EXEC_MODE: 'none',
      EXEC_DELIMITER: 'lego',
      EXEC_POLLING_INTERVAL: '3',
      EXEC_PROPAGATION_TIMEOUT: '60',
    });
  });

  it('say RAW as lego writes it', () => {
    assert.equal(protocolEnvironment({ ...settings, mode: 'RAW' }).EXEC_MODE, 'RAW');
  });

  it('have the sequence interval only when there is one', () => {
    assert.equal(protocolEnvironment({ ...settings, sequenceInterval: 0 }).EXEC_SEQUENCE_INTERVAL, '0');
  });

  it('help with the zone, the record relative to it, and the name as ordered', () => {
    const record = exampleRecord({
      fqdn: '_acme-challenge.www.example.com.',
      zone: 'example.com',
      orderedName: '*.www.example.com',
    });
    const { EXEC_ZONE, EXEC_RECORD, EXEC_DOMAIN } = protocolEnvironment(settings, record);
    assert.deepEqual(
      [EXEC_ZONE, EXEC_RECORD, EXEC_DOMAIN],
      ['example.com', '_acme-challenge.www', '*.www.example.com'],
    );
  });

  it('leave out the zone when it was not found', () => {
    const variables = protocolEnvironment(settings, exampleRecord({ zone: undefined }));
    assert.deepEqual(
      ['EXEC_ZONE', 'EXEC_RECORD'].filter((name) => name in variables),
      [],
    );
  });
});

describe('the name of a record relative to its zone', () => {
  for (const [fqdn, zone, relative] of [
    ['_acme-challenge.example.com.', 'example.com', '_acme-challenge'],
    ['a.b.example.com.', 'example.com', 'a.b'],
    ['example.com.', 'example.com', '@'],
    ['_acme-challenge.notexample.com.', 'example.com', '_acme-challenge.notexample.com'],
  ] as const) {
    it(`is ${relative} for ${fqdn} in ${zone}`, () => {
      assert.equal(relativeName(fqdn, zone), relative);
    });
  }
});
