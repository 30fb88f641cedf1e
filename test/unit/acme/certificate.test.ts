import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { downloadCertificate } from '../../../src/acme/certificate.ts';
import { makeCertificate } from '../fixtures/certificate.ts';
import { fakeSession } from '../fixtures/session.ts';

const url = 'https://ca.example/cert/1';
const alternate = (number: number) => ({ relation: 'alternate', url: `${url}/alternate/${number}` });

describe('the download of a certificate', async () => {
  const { pem: rootA } = await makeCertificate({ issuer: 'CN=Root A' });
  const { pem: rootB } = await makeCertificate({ issuer: 'CN=Root B' });
  const { pem: rootC } = await makeCertificate({ issuer: 'CN=Root C' });

  it('gives the certificates of the chain in order', async () => {
    const { session } = fakeSession([{ body: `${rootA}\n${rootB}` }]);
    assert.deepEqual(await downloadCertificate(session, url, undefined), {
      certificates: [rootA, rootB],
      offeredRoots: undefined,
    });
  });

  it('asks for no other chain when none is preferred', async () => {
    const { session, sent } = fakeSession([{ body: rootA, links: [alternate(1)] }]);
    await downloadCertificate(session, url, undefined);
    assert.equal(sent.length, 1);
  });

  it('asks for no other chain when the default is the preferred one', async () => {
    const { session, sent } = fakeSession([{ body: rootA, links: [alternate(1)] }]);
    await downloadCertificate(session, url, 'Root A');
    assert.equal(sent.length, 1);
  });

  it('gives the preferred chain, and asks for none behind it', async () => {
    const { session, sent } = fakeSession([
      { body: rootA, links: [{ relation: 'up', url: 'x' }, alternate(1), alternate(2)] },
      { body: rootB },
    ]);
    assert.deepEqual(await downloadCertificate(session, url, 'Root B'), {
      certificates: [rootB],
      offeredRoots: undefined,
    });
    assert.deepEqual(
      sent.map(({ to }) => to),
      [url, `${url}/alternate/1`],
    );
  });

  it('gives the default when no chain is the preferred one, and what is on offer', async () => {
    const { session } = fakeSession([
      { body: rootA, links: [alternate(1), alternate(2)] },
      { body: rootB },
      { body: rootC },
    ]);
    assert.deepEqual(await downloadCertificate(session, url, 'Root X'), {
      certificates: [rootA],
      offeredRoots: ['Root A', 'Root B', 'Root C'],
    });
  });

  for (const body of ['', '<html></html>', { type: 'x' }]) {
    it(`fails when the CA answers ${JSON.stringify(body)}`, async () => {
      const { session } = fakeSession([{ body }]);
      await assert.rejects(downloadCertificate(session, url, undefined), {
        message: `${url} answered something else than a PEM certificate.`,
      });
    });
  }
});
