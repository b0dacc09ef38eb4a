// Reads the API server's own count of the requests it served.
import { type KubectlAccess, kubectlOutput } from '../processes/kubectl.ts';

const SAMPLE = /^apiserver_request_total\{(?<labels>.*)\} (?<value>\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Labels of `apiserver_request_total`; each that is given must be equal. */
export interface RequestFilter {
  /** `GET`, `LIST`, `WATCH`, `POST`, `PUT`, `PATCH`, `DELETE`, … */
  readonly verb?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly code?: string;
}

/** How many requests had a response so far; a watch counts when it ends. */
export async function apiServerRequestTotal(access: KubectlAccess, filter: RequestFilter = {}): Promise<number> {
  const metrics = await kubectlOutput(access, ['get', '--raw', '/metrics']);
  return metrics
    .split('\n')
    .map((line) => SAMPLE.exec(line)?.groups)
    .filter((sample) => sample !== undefined)
    .filter(({ labels = '' }) => matches(readLabels(labels), filter))
    .reduce((total, { value }) => total + Number(value), 0);
}

function readLabels(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(LABEL)].map(([, name = '', value = '']) => [name, value]));
}

function matches(labels: Readonly<Record<string, string>>, filter: RequestFilter): boolean {
  return Object.entries(filter).every(([name, value]) => value === undefined || labels[name] === value);
}
