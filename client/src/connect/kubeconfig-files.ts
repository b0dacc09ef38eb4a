// Reads the files of a kubeconfig and joins them as kubectl does: the first file to define a name wins, a path that is listed
// twice is read once, missing files are skipped, and a path is relative to the file that names it. The meaning of the
// entries is left to kubeconfig.ts.
import { delimiter } from 'node:path';
import type { WaitLimits } from '../core/deadline.ts';
import { FileError, readFileOrPipe } from './bounded-file.ts';
import { ConnectionError } from './connection.ts';
import { type Fields, fieldsOf, type Kind, KubeconfigEntry } from './kubeconfig-entry.ts';
import { parseYaml } from './kubeconfig-yaml.ts';

/** All entries of all files, in order: the first of a name is the one that counts. */
export interface Kubeconfig {
  readonly path: string;
  /** Empty when no file names one. */
  readonly currentContext: string;
  readonly contexts: readonly KubeconfigEntry[];
  readonly clusters: readonly KubeconfigEntry[];
  readonly users: readonly KubeconfigEntry[];
}

/** Takes one path, or several joined like $PATH. Throws ConnectionError when no file exists or one cannot be read. */
export async function readKubeconfig(path: string, limits: WaitLimits = {}): Promise<Kubeconfig> {
  const files = [...new Set(path.split(delimiter).filter(Boolean))];
  const contents = (await Promise.all(files.map((file) => readOne(file, limits)))).flat();
  if (contents.length === 0)
    throw new ConnectionError(`kubeconfig ${path} does not exist: check --kubeconfig or KUBECONFIG`);
  const entries = (kind: Kind) => contents.flatMap(({ file, fields }) => entriesOf(kind, fields, file));
  const current = contents.map(({ fields }) => fields['current-context']).find(Boolean);
  return {
    path,
    currentContext: String(current ?? ''),
    contexts: entries('context'),
    clusters: entries('cluster'),
    users: entries('user'),
  };
}

interface Content {
  readonly file: string;
  readonly fields: Fields;
}

/** Returns nothing for a file that does not exist. */
async function readOne(file: string, limits: WaitLimits): Promise<readonly Content[]> {
  try {
    const fields = fieldsOf(await parseYaml(await readFileOrPipe(file, limits)));
    requireKind(fields);
    return [{ file, fields }];
  } catch (error) {
    if (error instanceof FileError && error.code === 'ENOENT') return [];
    throw error instanceof Error && error.name !== 'AbortedError'
      ? new ConnectionError(`kubeconfig ${file} ${error.message}`, { cause: error })
      : error;
  }
}

/** Both may be absent, as in kubectl. */
function requireKind({ apiVersion, kind }: Fields): void {
  if (
    [undefined, null, '', 'v1'].includes(apiVersion as string) &&
    [undefined, null, '', 'Config'].includes(kind as string)
  )
    return;
  throw new Error(`contains the kind ${kind} of ${apiVersion}, not Config of v1: is it a kubeconfig?`);
}

function entriesOf(kind: Kind, fields: Fields, file: string): KubeconfigEntry[] {
  const list = fields[`${kind}s`];
  const entries = Array.isArray(list) ? list.map(fieldsOf).filter(({ name }) => name !== undefined) : [];
  return entries.map((entry) => new KubeconfigEntry(kind, entry, file));
}
