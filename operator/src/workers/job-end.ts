// Whether a Job has finished, by its conditions: final ones, which its controller never takes back.

export interface JobConditions {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

export interface JobEnd {
  readonly kind: 'Complete' | 'Failed';
  readonly reason?: string;
  readonly message?: string;
}

/** Undefined while the Job is suspended, runs, or cleans up after its last pod. */
export function jobEnd({ status }: JobConditions): JobEnd | undefined {
  const final = status?.conditions?.find(({ type, status }) => isEnd(type) && status === 'True');
  if (final === undefined || !isEnd(final.type)) return undefined;
  const { type: kind, reason, message } = final;
  return { kind, ...(reason && { reason }), ...(message && { message }) };
}

function isEnd(type: string): type is JobEnd['kind'] {
  return type === 'Complete' || type === 'Failed';
}
