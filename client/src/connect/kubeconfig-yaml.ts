// Parses the text of a kubeconfig: UTF-8 or UTF-16, YAML or JSON.

/** The library takes up to seconds for a long text that is meant to be slow. */
const MAX_LENGTH_TO_LOCATE = 2 ** 16;

/** The first of several documents, as in kubectl. Throws an error whose message continues a sentence about the file. */
export async function parseYaml(bytes: Buffer): Promise<unknown> {
  const text = decode(bytes);
  const { Bun } = globalThis as { Bun?: { readonly YAML: { parse(text: string): unknown } } };
  try {
    if (Bun) return firstOf(Bun.YAML.parse(text));
  } catch (cause) {
    if (cause instanceof RangeError) throw new Error('is nested too deeply', { cause });
    if (text.length > MAX_LENGTH_TO_LOCATE) throw new Error('is not valid YAML', { cause });
    // The library says on which line the mistake is. It is not loaded before, because that takes longer than parsing.
  }
  const { parseAllDocuments } = await import('yaml');
  const document = firstOf(parseAllDocuments(text, { merge: true, uniqueKeys: false, logLevel: 'error' }));
  const [mistake] = document?.errors ?? [];
  if (mistake) throw new Error(`is not valid YAML${place(mistake)}`, { cause: mistake });
  try {
    return document?.toJS();
  } catch (cause) {
    throw new Error('has too many aliases', { cause });
  }
}

function place({ linePos: [position] = [] }: { readonly linePos?: readonly { line: number; col: number }[] }): string {
  return position ? `: check line ${position.line}, column ${position.col}` : '';
}

/** UTF-8, or UTF-16 where the byte order mark says so, as PowerShell writes it. */
function decode(bytes: Buffer): string {
  const mark = bytes.toString('hex', 0, 2);
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

function firstOf<T>(parsed: T | readonly T[]): T | undefined {
  return Array.isArray(parsed) ? parsed[0] : (parsed as T);
}
