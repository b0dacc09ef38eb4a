// A directory for the files of one test.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface TemporaryDirectory {
  readonly path: string;
  /** Returns the path of the file. */
  write(name: string, content: string | Buffer, mode?: number): string;
}

export function temporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), 'konductor-client-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write: (name, content, mode = 0o600) => {
      const file = join(path, name);
      writeFileSync(file, content, { mode });
      return file;
    },
  };
}
