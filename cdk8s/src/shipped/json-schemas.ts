// JSON schemas of the kinds, for editors and kubeconform, derived from the CRDs. They say what JSON Schema can say: the API server
// also evaluates rules in CEL, whose messages are added to the descriptions.
import { App, Chart } from 'cdk8s';
import { WaitGroupCrd } from '../install/crd.ts';

interface Schema {
  readonly description?: string;
  readonly pattern?: string;
  readonly [field: string]: unknown;
}

interface Rule {
  readonly rule: string;
  readonly message: string;
}

/** Of messages for those who write the status, which no file contains. */
const ABOUT_STATUS = /^status|^the conditions? |^the Done condition/;
const DIALECT = 'http://json-schema.org/draft-07/schema#';

/** The text of every schema by its path, as catalogs of CRDs name them: `GROUP/KIND_VERSION.json`, in lower case. */
export function synthesizeJsonSchemas(): ReadonlyMap<string, string> {
  const chart = new Chart(new App(), 'crds');
  new WaitGroupCrd(chart, 'WaitGroupCrd');
  return new Map(
    chart.toJson().map(({ spec: { group, names, versions } }) => {
      const [{ name: version, schema }] = versions;
      const path = `${group}/${names.kind.toLowerCase()}_${version}.json`;
      return [
        path,
        `${JSON.stringify(ofKind(schema.openAPIV3Schema, { group, kind: names.kind, version }), null, 2)}\n`,
      ];
    }),
  );
}

function ofKind(
  schema: Schema,
  { group, kind, version }: Readonly<Record<'group' | 'kind' | 'version', string>>,
): object {
  const { properties, required = [], ...rest } = strict(schema) as { properties: object; required?: string[] };
  return {
    $schema: DIALECT,
    title: kind,
    ...rest,
    required: ['apiVersion', 'kind', 'metadata', ...required],
    properties: { ...properties, apiVersion: { enum: [`${group}/${version}`] }, kind: { enum: [kind] } },
  };
}

/** A schema and those within it: unknown fields are errors, as they are to kubectl, and the API server's own keywords are left out. */
function strict(schema: Schema): Schema {
  const { 'x-kubernetes-validations': rules = [], ...fields } = schema;
  const entries = Object.entries(fields).filter(([field]) => !field.startsWith('x-kubernetes-'));
  return {
    ...Object.fromEntries(entries.map(([field, value]) => [field, within(field, value)])),
    ...(fields.properties !== undefined && { additionalProperties: false }),
    ...ofRules(fields, rules as readonly Rule[]),
  };
}

function within(field: string, value: unknown): unknown {
  if (field === 'items') return strict(value as Schema);
  if (field !== 'properties') return value;
  return Object.fromEntries(Object.entries(value as Record<string, Schema>).map(([name, one]) => [name, strict(one)]));
}

/** A rule that is one regular expression becomes a pattern. */
function ofRules({ description = '' }: Schema, rules: readonly Rule[]): Schema {
  if (rules.length === 0) return {};
  const [pattern] = rules.flatMap(({ rule }) => /^self\.matches\('([^']*)'\)$/.exec(rule)?.slice(1) ?? []);
  const messages = new Set(rules.map(({ message }) => message).filter((message) => !ABOUT_STATUS.test(message)));
  const list = [...messages].map((message) => `\n- ${message}`).join('');
  return {
    ...(list && { description: `${description}\n\nThe API server also checks:${list}` }),
    ...(pattern && { pattern: pattern.replaceAll('\\\\', '\\') }),
  };
}
