import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Timeline } from '../../src/timeline.ts';

describe('the timeline', () => {
  it('notes how long work took, and gives its result', async (t) => {
    let now = 1000;
    t.mock.method(performance, 'now', () => now);
    const timeline = new Timeline();
    now = 1010;
    const result = await timeline.measure('CA', 'Order', async () => {
      now = 1030;
      return 'result';
    });
    assert.equal(result, 'result');
    assert.deepEqual(timeline.spans, [{ section: 'CA', label: 'Order', start: 10, end: 30 }]);
  });

  it('notes work that fails as well', async () => {
    const timeline = new Timeline();
    await assert.rejects(
      timeline.measure('CA', 'Order', () => Promise.reject(new Error('oh'))),
      { message: 'oh' },
    );
    assert.deepEqual(
      timeline.spans.map(({ label }) => label),
      ['Order'],
    );
  });
});
