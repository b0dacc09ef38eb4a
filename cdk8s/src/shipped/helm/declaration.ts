// How a value of the chart is declared: once, for values.yaml, its schema and the README.

/** A JSON schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** One value. */
export interface Value {
  readonly description: string;
  /** Absent: values.yaml leaves the value out. */
  readonly initial?: unknown;
  readonly schema: Schema;
}

/** Values below a common name. */
export interface Group {
  readonly description: string;
  readonly values: Values;
  /** What is added to the schema of the group, which rejects other values unless this accepts them. */
  readonly schema?: Schema;
}

export type Values = Readonly<Record<string, Value | Group>>;

export const isGroup = (value: Value | Group): value is Group => 'values' in value;

export const group = (description: string, values: Values, schema: Schema = {}): Group => ({
  ...{ description, values, schema },
});

export const value = (description: string, initial: unknown, schema: Schema): Value => ({
  ...{ description, initial, schema },
});

export const flag = (description: string, initial: boolean) => value(description, initial, { type: 'boolean' });

/** A text that is empty by default. */
export const emptyOr = (description: string, pattern: string) =>
  value(description, '', { type: 'string', pattern: `^$|${pattern}` });

/** Labels, annotations or selectors. */
export const strings = (description: string) =>
  value(description, {}, { type: 'object', additionalProperties: { type: 'string' } });

/** What the API server checks. */
export const objects = (description: string) => value(description, [], { type: 'array', items: { type: 'object' } });
