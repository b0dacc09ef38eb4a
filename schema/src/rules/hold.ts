// What holds a Job or a pod with the label konductor.io/after, and on which terms it is let go, as the object itself says.
import {
  DEFAULT_HELD_MIN_ADDED,
  HOLD_GATE,
  KUEUE_GATES_ANNOTATION,
  KUEUE_QUEUE_LABEL,
  MIN_ADDED_ANNOTATION,
  ON_FAILURE_ANNOTATION,
  ON_MISSING_ANNOTATION,
} from '../kind/labels.ts';

type Strings = Readonly<Record<string, string>>;

/** `kueue`: by an entry in the annotation of Kueue, which owns `suspend` of its Jobs. */
export type Hold = 'suspend' | 'gate' | 'kueue';

/** The fields of a Job or a pod that can hold it. */
export interface HoldFields {
  readonly metadata: { readonly labels?: Strings; readonly annotations?: Strings };
  readonly spec?: { readonly suspend?: boolean; readonly schedulingGates?: readonly { readonly name: string }[] };
}

export interface HoldTerms {
  /** NaN if the annotation is no whole number. */
  readonly minAdded: number;
  readonly isReleasedOnFailure: boolean;
  readonly isReleasedOnMissing: boolean;
}

/** Longer lists of Kueue's gates are nobody's. */
const MAX_KUEUE_GATES = 1_024;

/** Kueue suspends its Jobs itself: to resume one would start it without quota. */
export function holdOfJob({ metadata: { labels = {}, annotations = {} }, spec }: HoldFields): Hold | undefined {
  const { [KUEUE_GATES_ANNOTATION]: gates = '' } = annotations;
  if (gates.length <= MAX_KUEUE_GATES && otherKueueGates(gates) !== gates) return 'kueue';
  return spec?.suspend && labels[KUEUE_QUEUE_LABEL] === undefined ? 'suspend' : undefined;
}

export function holdOfPod({ spec }: HoldFields): Hold | undefined {
  return spec?.schedulingGates?.some(({ name }) => name === HOLD_GATE) ? 'gate' : undefined;
}

/** The entries of Kueue's annotation, which Kueue compares as they are written, without ours. */
export function otherKueueGates(gates: string): string {
  return gates
    .split(',')
    .filter((gate) => gate.trim() !== HOLD_GATE)
    .join(',');
}

export function holdTermsOf(annotations: Strings = {}): HoldTerms {
  return {
    minAdded: minAddedOf(annotations[MIN_ADDED_ANNOTATION]),
    isReleasedOnFailure: annotations[ON_FAILURE_ANNOTATION] === 'release',
    isReleasedOnMissing: annotations[ON_MISSING_ANNOTATION] === 'release',
  };
}

function minAddedOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_HELD_MIN_ADDED;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
