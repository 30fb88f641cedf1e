// Where the record of a challenge really stands: delegations and aliases, on real servers, with a certificate at the end.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBind } from '../rig/bind.ts';
import { startKnot } from '../rig/knot.ts';
import { delegated, type NameSpace, startNameSpace } from '../rig/name-space.ts';
import { skipUnless } from '../rig/tools.ts';
import type { NameServer } from '../rig/zone.ts';

const bindAddress = '127.0.51.1';
const knotAddress = '127.0.51.2';
const skip = skipUnless('go', 'named', 'rndc', 'named-checkconf', 'knotd', 'knotc', 'nsupdate', 'port 53');

describe('The record of a challenge', { skip }, () => {
  let space: NameSpace;
  let bind: NameServer;
  let knot: NameServer;

  before(async () => {
    bind = await startBind({
      address: bindAddress,
      zones: [
        {
          name: 'parent.test',
          records: [
            'child NS ns.child',
            `ns.child A ${bindAddress}`,
            '_acme-challenge.www NS ns.child',
            '_acme-challenge.far NS ns.knot.test.',
            '_acme-challenge.hop CNAME second.parent.test.',
            'second CNAME hop.knot.test.',
            '_acme-challenge.loop CNAME turn.parent.test.',
            'turn CNAME _acme-challenge.loop.parent.test.',
            'web CNAME knot.test.',
            'broken CNAME www.broken.test.',
            'tree DNAME tree.knot.test.',
          ],
        },
        { name: 'child.parent.test' },
        {
          name: '_acme-challenge.www.parent.test',
          records: [
            '@ SOA ns.child.parent.test. hostmaster.parent.test. 1 86400 86400 864000 1',
            '@ NS ns.child.parent.test.',
          ],
        },
        {
          name: 'UPPER.Test',
          records: ['_ACME-Challenge.Alias CNAME Target.UPPER.test.', 'WWW A 127.0.51.9'],
        },
        {
          name: 'wild.test',
          records: [
            '* CNAME elsewhere.wild.test.',
            'elsewhere A 127.0.51.9',
            '_acme-challenge.real CNAME target.wild.test.',
          ],
        },
      ],
    });
    knot = await startKnot({
      address: knotAddress,
      zones: [
        { name: 'knot.test' },
        { name: '_acme-challenge.far.parent.test', records: ['@ NS ns.knot.test.'] },
      ],
    });
    space = await startNameSpace({
      root: '127.0.51.253',
      zones: [
        ...['parent.test', 'upper.test', 'wild.test'].map((name) => delegated(name, bindAddress)),
        delegated('knot.test', knotAddress),
        // Nothing listens there.
        delegated('broken.test', '127.0.51.9'),
      ],
    });
  });
  after(() => Promise.all([space, bind, knot].map((one) => one?.stop())));

  const cases: readonly [string, string, string, string, string, string][] = [
    [
      'in a zone of its own',
      'parent.test',
      bindAddress,
      '_acme-challenge.parent.test.',
      'parent.test',
      '_acme-challenge',
    ],
    [
      'some labels below a zone',
      'a.b.parent.test',
      bindAddress,
      '_acme-challenge.a.b.parent.test.',
      'parent.test',
      '_acme-challenge.a.b',
    ],
    [
      'in a delegated child zone',
      'x.child.parent.test',
      bindAddress,
      '_acme-challenge.x.child.parent.test.',
      'child.parent.test',
      '_acme-challenge.x',
    ],
    [
      'at the apex of a delegated _acme-challenge zone',
      'www.parent.test',
      bindAddress,
      '_acme-challenge.www.parent.test.',
      '_acme-challenge.www.parent.test',
      '@',
    ],
    [
      'at the apex of an _acme-challenge zone that another server has',
      'far.parent.test',
      knotAddress,
      '_acme-challenge.far.parent.test.',
      '_acme-challenge.far.parent.test',
      '@',
    ],
    [
      'at the end of two CNAMEs, in the zone of another server',
      'hop.parent.test',
      knotAddress,
      'hop.knot.test.',
      'knot.test',
      'hop',
    ],
    [
      'below a DNAME, in the tree that it leads to',
      'x.tree.parent.test',
      knotAddress,
      '_acme-challenge.x.tree.knot.test.',
      'knot.test',
      '_acme-challenge.x.tree',
    ],
    [
      "below a name that is an alias of another zone's apex",
      'web.parent.test',
      bindAddress,
      '_acme-challenge.web.parent.test.',
      'parent.test',
      '_acme-challenge.web',
    ],
    [
      'below a name that is an alias into a zone that does not work',
      'broken.parent.test',
      bindAddress,
      '_acme-challenge.broken.parent.test.',
      'parent.test',
      '_acme-challenge.broken',
    ],
    [
      'in a zone whose data is in upper case',
      'www.upper.test',
      bindAddress,
      '_acme-challenge.www.upper.test.',
      'upper.test',
      '_acme-challenge.www',
    ],
    [
      'at the end of a CNAME in upper case',
      'alias.upper.test',
      bindAddress,
      'target.upper.test.',
      'upper.test',
      'target',
    ],
    [
      'at its own name where only a wildcard CNAME covers it',
      'www.wild.test',
      bindAddress,
      '_acme-challenge.www.wild.test.',
      'wild.test',
      '_acme-challenge.www',
    ],
    [
      'at the end of a CNAME of its own beside a wildcard CNAME',
      'real.wild.test',
      bindAddress,
      'target.wild.test.',
      'wild.test',
      'target',
    ],
  ];
  for (const [what, domains, primary, name, zone, record] of cases) {
    test(`is set ${what}`, async () => {
      const { exitCode, calls, stdout } = await space.run({ primary, inputs: { domains } });
      assert.deepEqual(
        calls.map(({ value, ...call }) => call),
        ['present', 'cleanup'].map((command) => ({ command, name, zone, record })),
        stdout,
      );
      assert.equal(exitCode, 0, stdout);
    });
  }

  test('that stands in a CNAME loop is told before the script is called', async () => {
    const { exitCode, calls, annotations } = await space.run({
      primary: bindAddress,
      inputs: { domains: 'loop.parent.test parent.test' },
    });
    assert.equal(exitCode, 1);
    assert.deepEqual(calls, []);
    const [error] = annotations.filter(({ level }) => level === 'error');
    assert.equal(error?.title, 'CNAME loop');
    assert.match(
      error?.message ?? '',
      /_acme-challenge\.loop\.parent\.test → turn\.parent\.test → _acme-challenge\.loop\.parent\.test/,
    );
  });
});
