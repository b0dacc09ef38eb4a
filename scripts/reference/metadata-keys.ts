// The labels, annotations and gates of konductor.io: one without a meaning here does not compile.
import type * as schema from '@konductor/schema';
import { code, table } from './markdown.ts';

type Names = Extract<(typeof schema)[keyof typeof schema], `konductor.io/${string}`>;
type Key = Exclude<Names, typeof schema.API_GROUP_VERSION>;

interface Meaning {
  readonly kind: string;
  readonly on: string;
  readonly value: string;
  readonly meaning: string;
}

const LABEL = { kind: 'label' };
const ANNOTATION = { kind: 'annotation' };
const HELD = { ...ANNOTATION, on: 'held Job or pod' };

const MEANINGS: Readonly<Record<Key, Meaning>> = {
  'konductor.io/counts-for': {
    ...LABEL,
    on: 'Job',
    value: 'name of a WaitGroup in its namespace',
    meaning: 'the Job counts as one worker: its work is outstanding until it is complete',
  },
  'konductor.io/add': {
    ...ANNOTATION,
    on: 'Job with `konductor.io/counts-for`',
    value: '`"false"`',
    meaning: 'adds nothing: the end of the Job finishes work that another process has added',
  },
  'konductor.io/after': {
    kind: 'label and scheduling gate',
    on: 'Job or pod',
    value: 'name of a WaitGroup in its namespace',
    meaning:
      'the object is held until the WaitGroup is done: a Job by `suspend: true`, a pod by the scheduling gate of this name',
  },
  'konductor.io/min-added': {
    ...HELD,
    value: 'whole number, such as `"3"`; default `"1"`',
    meaning: 'the WaitGroup is not taken for done until at least this much work has been added in total',
  },
  'konductor.io/on-failure': {
    ...HELD,
    value: '`release`; default: keep it held',
    meaning: 'releases the object also if the round fails',
  },
  'konductor.io/on-missing': {
    ...HELD,
    value: '`release`; default: keep it held',
    meaning: 'releases the object also if the WaitGroup does not exist',
  },
  'konductor.io/released-at': {
    ...ANNOTATION,
    on: 'Job that was released',
    value: 'RFC 3339 time',
    meaning: 'written by the operator, which releases a Job once',
  },
  'konductor.io/waitgroup': {
    ...LABEL,
    on: 'pod',
    value: 'name of a WaitGroup in its namespace',
    meaning:
      'the pod is a worker of the WaitGroup: the operator notices when it ends. Where `injection.yaml` is applied, koncli is injected into it',
  },
  'konductor.io/operation-id': {
    ...ANNOTATION,
    on: 'WaitGroup',
    value: 'operation ID',
    meaning: 'written by `koncli waitgroup add --create`: the operation that the WaitGroup was created with',
  },
  'konductor.io/by': {
    ...ANNOTATION,
    on: 'WaitGroup',
    value: 'name of a client',
    meaning: 'written by `koncli waitgroup add --create`: the client that created the WaitGroup',
  },
};

export function metadataKeys(): string {
  const rows = Object.entries(MEANINGS).map(([key, { kind, on, value, meaning }]) => [
    code(key),
    kind,
    on,
    value,
    meaning,
  ]);
  return table(['key', 'kind', 'on', 'value', 'meaning'], rows);
}
