import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

/** The file that is written last; a folder without it is not whole. */
export const markerFile = 'meta.json';

/**
 * Replaces a folder as a whole: the new one is written beside it and takes its place by renaming. A crash at any point
 * leaves either the old or the new one, which `recoverFolder` brings to its place.
 *
 * @param files contents by name; the marker file is written last
 */
export function replaceFolder(folder: string, files: Readonly<Record<string, string>>): void {
  const { fresh, old } = siblings(folder);
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const names = Object.keys(files).filter((name) => name !== markerFile);
  for (const name of [...names, markerFile]) {
    writeDurably(path.join(fresh, name), files[name] ?? '');
  }
  rmSync(old, { recursive: true, force: true });
  if (existsSync(folder)) {
    renameSync(folder, old);
  }
  renameSync(fresh, folder);
  rmSync(old, { recursive: true, force: true });
}

/** Ends a replacement that a crash interrupted: forward where the new folder is whole, else back. */
export function recoverFolder(folder: string): void {
  const { fresh, old } = siblings(folder);
  if (!existsSync(folder)) {
    if (existsSync(path.join(fresh, markerFile))) {
      renameSync(fresh, folder);
    } else if (existsSync(old)) {
      renameSync(old, folder);
    }
  }
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}

/** Replaces one file as a whole. */
export function replaceFile(file: string, content: string): void {
  const fresh = `${file}.new`;
  writeDurably(fresh, content);
  renameSync(fresh, file);
}

function writeDurably(file: string, content: string): void {
  const handle = openSync(file, 'w', 0o644);
  try {
    writeFileSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function siblings(folder: string): { fresh: string; old: string } {
  const name = path.basename(folder);
  const parent = path.dirname(folder);
  return { fresh: path.join(parent, `.${name}.new`), old: path.join(parent, `.${name}.old`) };
}
