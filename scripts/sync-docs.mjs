// Writes what has one source and several places: the tables of README.md, the inputs and outputs of the reusable
// workflow, and the example files that documents show. With --check it only tells what is out of date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

const root = path.join(import.meta.dirname, '..');

/** @typedef {{ description: string, default?: string }} Field */
/** @type {{ inputs: Record<string, Field>, outputs: Record<string, Field> }} */
const action = parse(read('action.yml'));

/** Inputs that a caller of the reusable workflow passes as secrets. */
const secretInputs = ['account-key', 'eab-hmac-key', 'private-key', 'exec-env', 'store-key', 'pfx-password'];
/** Inputs that mean nothing to a caller, who never sees the runner's disk. */
const unusedInputs = ['output-dir'];
/** Outputs that are paths on that disk. */
const pathOutputs = ['certificate', 'chain', 'fullchain', 'private-key', 'pfx', 'account-key', 'directory'];

const inputs = Object.entries(action.inputs);
const plainInputs = inputs.filter(([name]) => ![...secretInputs, ...unusedInputs].includes(name));
const callerOutputs = Object.entries(action.outputs).filter(([name]) => !pathOutputs.includes(name));

/** @type {Record<string, () => string>} */
const tables = {
  inputs: () => inputTable(),
  outputs: () =>
    table(
      ['Output', 'Meaning'],
      Object.entries(action.outputs).map(([name, { description }]) => [`\`${name}\``, description]),
    ),
};

/** @type {Record<string, () => string[]>} */
const workflowBlocks = {
  inputs: () => plainInputs.flatMap(([name, field]) => workflowInput(name, field)),
  secrets: () =>
    inputs
      .filter(([name]) => secretInputs.includes(name))
      .flatMap(([name, { description }]) => [`${name}:`, ...described(description)]),
  outputs: () =>
    callerOutputs.flatMap(([name, { description }]) => [
      `${name}:`,
      ...described(description),
      `  value: \${{ jobs.certificate.outputs.${name} }}`,
    ]),
  'job-outputs': () => callerOutputs.map(([name]) => `${name}: \${{ steps.certificate.outputs.${name} }}`),
  with: () =>
    inputs
      .filter(([name]) => !unusedInputs.includes(name))
      .map(([name]) => `${name}: \${{ ${secretInputs.includes(name) ? 'secrets' : 'inputs'}.${name} }}`),
};

const workflow = '.github/workflows/certificate.yml';
const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...filesIn('docs')];
const wanted = new Map([
  [workflow, syncWorkflow(read(workflow))],
  ...documents.map((file) => /** @type {[string, string]} */ ([file, syncDocument(file, read(file))])),
]);
const outdated = [...wanted].filter(([file, text]) => read(file) !== text);
if (process.argv.includes('--check')) {
  if (outdated.length > 0) {
    const names = outdated.map(([file]) => file).join(', ');
    console.error(`Out of date: ${names}. Run: node scripts/sync-docs.mjs`);
    process.exitCode = 1;
  }
} else {
  for (const [file, text] of outdated) {
    writeFileSync(path.join(root, file), text);
    console.log(`Written: ${file}`);
  }
}

/** Fills the blocks between `# <name>` and `# </name>`, at the markers' indentation. @param {string} text */
function syncWorkflow(text) {
  return text.replace(
    /^( *)# <([\w-]+)>\n[\s\S]*?^\1# <\/\2>\n/gm,
    (_, /** @type {string} */ indent, /** @type {string} */ name) => {
      const lines = blockOf(workflowBlocks, name)();
      return [`# <${name}>`, ...lines, `# </${name}>`].map((line) => `${indent}${line}\n`).join('');
    },
  );
}

/**
 * Fills the tables between `<!-- name -->` and `<!-- /name -->`, and shows files between `<!-- file: path -->` and
 * `<!-- /file -->`.
 *
 * @param {string} document
 * @param {string} text
 */
function syncDocument(document, text) {
  const withTables = text.replace(
    /^<!-- ([a-z-]+) -->\n[\s\S]*?^<!-- \/\1 -->$/gm,
    (_, /** @type {string} */ name) => `<!-- ${name} -->\n\n${blockOf(tables, name)()}\n\n<!-- /${name} -->`,
  );
  return withTables.replace(
    /^<!-- file: (\S+) -->\n[\s\S]*?^<!-- \/file -->$/gm,
    (_, /** @type {string} */ file) =>
      `<!-- file: ${file} -->\n\n[\`${file}\`](${path.posix.relative(path.posix.dirname(document), file)}):\n\n` +
      `\`\`\`${languageOf(file)}\n${read(file).trimEnd()}\n\`\`\`\n\n<!-- /file -->`,
  );
}

/** @template T @param {Record<string, T>} blocks @param {string} name @returns {T} */
function blockOf(blocks, name) {
  const block = blocks[name];
  if (block === undefined) {
    throw new Error(`No block is called ${name}.`);
  }
  return block;
}

function inputTable() {
  const rows = inputs.map(([name, field]) => [
    `\`${name}\``,
    field.default === undefined || field.default === '' ? '' : `\`${field.default}\``,
    field.description,
  ]);
  return table(['Input', 'Default', 'Meaning'], rows);
}

/** @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** @param {string} name @param {Field} field */
function workflowInput(name, field) {
  const isSwitch = field.default === 'true' || field.default === 'false';
  const preset = isSwitch ? field.default : `"${field.default ?? ''}"`;
  return [
    `${name}:`,
    ...described(field.description),
    `  type: ${isSwitch ? 'boolean' : 'string'}`,
    `  default: ${preset}`,
  ];
}

/** @param {string} description */
function described(description) {
  return ['  description: >-', ...folded(description, 100).map((line) => `    ${line}`)];
}

/** @param {string} text @param {number} width */
function folded(text, width) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = `${last} ${word}`;
    }
  }
  return lines;
}

/** @param {string} file */
function languageOf(file) {
  return { '.yml': 'yaml', '.sh': 'sh', '.py': 'python', '.mjs': 'js' }[path.extname(file)] ?? '';
}

/** @param {string} folder */
function filesIn(folder) {
  return readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}

/** @param {string} file */
function read(file) {
  return readFileSync(path.join(root, file), 'utf8');
}
