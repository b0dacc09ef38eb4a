// Folders of Go modules, for the CRDs and the source of other projects that are in them.
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';

/** Downloaded the first time, by `path@version`; content that does not match the checksum is rejected. */
export async function goModuleFolder(module: string, checksum: string): Promise<string> {
  // Where no go.mod is, so that nobody else's versions matter.
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', module], { cwd: tmpdir() });
  const { Dir, Sum }: { Dir: string; Sum: string } = JSON.parse(stdout);
  if (Sum !== checksum) throw new Error(`${module} has the checksum ${Sum} in place of ${checksum}`);
  return Dir;
}
