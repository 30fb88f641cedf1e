// Makes the reusable workflow that commits the store from the one that does not: a job asks for its permissions before it
// runs, so one workflow cannot have both. With --check it only tells whether they differ.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.join(import.meta.dirname, '..', '.github', 'workflows');
const target = path.join(folder, 'certificate-commit.yml');
const commit = `      - name: Commit the store
        if: "!cancelled() && inputs.store != ''"
        env:
          STORE: \${{ inputs.store }}
        run: |
          git add -- "$STORE"
          git diff --cached --quiet && exit
          git -c user.name=acme-exec -c user.email=acme-exec@users.noreply.github.com commit -m 'Renew a certificate'
          git pull --rebase
          git push
`;
const replacements = [
  [
    /^# One certificate.*\n/,
    '# Made from certificate.yml by scripts/sync-workflows.mjs: change it there.\n' +
      "# As that one, and commits the store to the caller's repository, for which the caller grants contents: write.\n",
  ],
  ['name: Certificate\n', 'name: Certificate, with its store committed\n'],
  ['      contents: read\n', '      contents: write # for the commit of the store\n'],
  [
    '          persist-credentials: false\n',
    '          persist-credentials: true # zizmor: ignore[artipacked] the last step pushes\n',
  ],
];

const wanted = replacements.reduce(
  (text, [from, to]) => {
    const changed = text.replace(from, to);
    if (changed === text) {
      throw new Error(`certificate.yml has no "${from}" any more: adapt scripts/sync-workflows.mjs.`);
    }
    return changed;
  },
  readFileSync(path.join(folder, 'certificate.yml'), 'utf8'),
);

if (!process.argv.includes('--check')) {
  writeFileSync(target, wanted + commit);
} else if (readFileSync(target, 'utf8') !== wanted + commit) {
  console.error('certificate-commit.yml differs from certificate.yml. Run: npm run build');
  process.exitCode = 1;
}
