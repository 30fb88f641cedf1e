import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const folders = new Set<string>();

/** A new temporary folder, removed when the test process ends, or before by `removeFolder`. */
export function temporaryFolder(purpose = 'rig'): string {
  const folder = mkdtempSync(path.join(tmpdir(), `acme-exec-${purpose}-`));
  folders.add(folder);
  return folder;
}

/** Removes a folder of `temporaryFolder` now. */
export function removeFolder(folder: string): void {
  folders.delete(folder);
  // A server that is just being ended may still write a file into it.
  rmSync(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
}

process.on('exit', () => {
  for (const folder of folders) {
    try {
      removeFolder(folder);
    } catch {
      // Nothing can be done about it at the end of the process, and it must not hide the test's result.
    }
  }
});
