import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { effectiveTimes } from '../../../src/order/times.ts';
import type { ScriptSettings } from '../../../src/settings/script.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { recordingLog } from '../fixtures/log.ts';
import { posixOnly, shellScript } from '../fixtures/program.ts';

function settingsOf(body: string, change: Partial<ScriptSettings> = {}): ScriptSettings {
  const workspace = temporaryFolder('times');
  return {
    program: shellScript(workspace, `touch called\n${body}`),
    writtenPath: './script.sh',
    workspace,
    mode: 'default',
    delimiter: 'lego',
    pollingInterval: undefined,
    propagationTimeout: undefined,
    sequenceInterval: undefined,
    concurrency: 1,
    timeLimit: 20,
    environment: {},
    ...change,
  };
}

async function timesOf(settings: ScriptSettings) {
  const { times, protocol } = await effectiveTimes(
    settings,
    { PATH: process.env.PATH },
    recordingLog().log,
    new AbortController().signal,
  );
  assert.deepEqual(
    [protocol.pollingInterval * 1000, protocol.propagationTimeout],
    [times.pace.interval, times.timeout],
    'The script is told other times than those that count.',
  );
  return { interval: times.pace.interval, eager: times.pace.eager, timeout: times.timeout };
}

const answering = 'echo \'{"timeout": 30, "interval": 5}\'';

describe('the times of the propagation check', { concurrency: true, skip: posixOnly }, () => {
  it('are lego’s defaults where nobody says, the first checks sooner', async () => {
    assert.deepEqual(await timesOf(settingsOf('exit 1')), { interval: 3000, eager: true, timeout: 60 });
  });

  it('are the script’s answer where no setting says', async () => {
    assert.deepEqual(await timesOf(settingsOf(answering)), { interval: 5000, eager: false, timeout: 30 });
  });

  it('are the settings before the script’s answer, each for itself', async () => {
    const settings = settingsOf(answering, { pollingInterval: 1 });
    assert.deepEqual(await timesOf(settings), { interval: 1000, eager: false, timeout: 30 });
  });

  it('are filled up with defaults where the answer says one only', async () => {
    assert.deepEqual(await timesOf(settingsOf('echo \'{"timeout": 7}\'')), {
      interval: 3000,
      eager: true,
      timeout: 7,
    });
  });

  it('are the settings without asking the script when both are set', async () => {
    const settings = settingsOf(answering, { pollingInterval: 0.5, propagationTimeout: 0 });
    assert.deepEqual(await timesOf(settings), { interval: 500, eager: false, timeout: 0 });
    assert.equal(existsSync(path.join(settings.workspace, 'called')), false);
  });
});
