// What the documents say is there: files, sections, messages, generated parts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { repository } from '../rig/action-metadata.ts';

const documents = [
  ...filesIn('.').filter((name) => name.endsWith('.md')),
  ...filesIn('docs').map((name) => `docs/${name}`),
];

describe('the documents', () => {
  it('have their generated parts up to date', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/sync-docs.mjs', '--check'], {
      cwd: repository,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  });

  for (const document of documents) {
    it(`${document} links to files and sections that exist`, () => {
      const links = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
      for (const link of links.filter((target) => !/^https?:/.test(target))) {
        const [file = '', section] = link.split('#');
        const target = file === '' ? document : path.join(path.dirname(document), file);
        assert.ok(existsSync(path.join(repository, target)), `${document}: ${link}`);
        if (section !== undefined) {
          assert.ok(sectionsOf(read(target)).includes(section), `${document}: ${link}`);
        }
      }
    });
  }

  it('name the packages that package.json has, each one', () => {
    const { dependencies, devDependencies, overrides } = JSON.parse(read('package.json'));
    const text = read('docs/dependencies.md');
    for (const name of Object.keys({ ...dependencies, ...devDependencies, ...overrides })) {
      assert.ok(text.includes(`\`${name}\``), name);
    }
  });

  it('name the folders of src/, each one', () => {
    const text = read('docs/architecture.md');
    const folders = readdirSync(path.join(repository, 'src'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    for (const { name } of folders) {
      assert.ok(text.includes(`| \`${name}/\` |`), name);
    }
  });

  it('quote messages that the source has', () => {
    const source = filesIn('src')
      .filter((name) => name.endsWith('.ts'))
      .map((name) => read(`src/${name}`))
      .join('\n')
      .replaceAll("\\'", "'");
    const text = read('docs/troubleshooting.md');
    const titles = [...text.matchAll(/^### (.+)$/gm)].map(([, title = '']) => title);
    const cells = [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, quoted = '']) => quoted);
    assert.ok(titles.length > 20 && cells.length > 15);
    for (const quoted of [...titles, ...cells]) {
      for (const part of quoted.split('…').map((words) => words.trim())) {
        assert.ok(source.includes(part) || typeOfProblem.test(part), `no message says "${part}"`);
      }
    }
  });
});

/** What stands before a CA's own words is the error's type (RFC 8555 section 6.7). */
const typeOfProblem = /^(?:dns|caa):$/;

function sectionsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function read(file: string): string {
  return readFileSync(path.join(repository, file), 'utf8');
}

/** Files of a folder and, but for the root, of those in it. */
function filesIn(folder: string): string[] {
  return readdirSync(path.join(repository, folder), { recursive: folder !== '.', encoding: 'utf8' });
}
