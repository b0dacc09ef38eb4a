// docs/reference/crd.md: both kinds, from their CustomResourceDefinitions.
import { customResourceDefinition, type KindDefinition, waitGroupKind, waitGroupWorkerKind } from '@konductor/schema';
import { block, code, page, prose, table } from './markdown.ts';
import { metadataKeys } from './metadata-keys.ts';

interface Rule {
  readonly rule: string;
  readonly message: string;
}

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly Rule[];
  readonly [keyword: string]: unknown;
}

interface Field {
  readonly path: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

const ABOUT = `The kinds of the API group \`konductor.io/v1\`, as \`kubectl explain\` shows them, with what the API server checks of each field.
How a WaitGroup behaves is in the [guides](../guides/README.md).`;

const BOUNDS: Readonly<Record<string, (bound: string) => string>> = {
  minimum: (bound) => `at least ${bound}`,
  maximum: (bound) => `at most ${bound}`,
  minLength: (bound) => `at least ${bound} characters`,
  maxLength: (bound) => `at most ${bound} characters`,
  minItems: (bound) => `at least ${bound} items`,
  maxItems: (bound) => `at most ${bound} items`,
  pattern: (pattern) => `matches ${pattern}`,
};

export function crdPage(): string {
  const body = [waitGroupKind, waitGroupWorkerKind].map(kindSection).join('\n\n');
  const keys = `## Labels and annotations\n\n${metadataKeys()}`;
  return page({
    title: 'Resources',
    origin: 'the CustomResourceDefinitions',
    about: ABOUT,
    body: `${body}\n\n${keys}`,
  });
}

function kindSection(definition: KindDefinition): string {
  const { spec } = customResourceDefinition(definition);
  const [version] = spec.versions;
  if (version === undefined) throw new Error(`${definition.kind} has no version`);
  const root: Schema = version.schema.openAPIV3Schema;
  const { kind, plural, shortNames, categories } = spec.names;
  const facts = [
    ['Resource', code(`${plural}.${spec.group}`)],
    ['Short names', shortNames.map(code).join(', ')],
    ['Categories', categories.map(code).join(', ')],
    ['Scope', spec.scope],
    ['Subresources', version.subresources ? Object.keys(version.subresources).map(code).join(', ') : 'none'],
    [
      'Field selectors',
      (version.selectableFields ?? []).map(({ jsonPath }) => code(jsonPath.slice(1))).join(', ') ||
        'those of all kinds',
    ],
  ];
  const fields = fieldsOf(root, '');
  return [
    `## ${kind}\n\n${prose(definition.description)}\n\n${table(['', ''], facts)}`,
    ...['spec', 'status'].flatMap((part) => partSection(kind, part, fields)),
    `### Columns of ${kind}\n\n${columns(version.additionalPrinterColumns)}`,
    `### Rules of ${kind}\n\nThe API server rejects a write that breaks one of these rules.\n\n${rules(root, fields)}`,
  ].join('\n\n');
}

function partSection(kind: string, part: string, all: readonly Field[]): string[] {
  const fields = all.filter(({ path }) => path.startsWith(`${part}.`));
  if (fields.length === 0) return [];
  const rows = fields.map(({ path, schema, isRequired }) => [
    code(path),
    typeOf(schema),
    [...(isRequired ? ['required'] : []), ...limits(schema)].join('; '),
    prose(schema.description ?? ''),
  ]);
  return [`### ${kind}.${part}\n\n${table(['field', 'type', 'default and limits', 'description'], rows)}`];
}

function fieldsOf({ properties = {}, required = [] }: Schema, prefix: string): Field[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = `${prefix}${name}`;
    const nested = schema.items ? fieldsOf(schema.items, `${path}[].`) : fieldsOf(schema, `${path}.`);
    return [{ path, schema, isRequired: required.includes(name) }, ...nested];
  });
}

function typeOf({ type = 'any', format, items }: Schema): string {
  if (items) return `list of ${typeOf(items)}`;
  return format ? `${type} (${format})` : type;
}

function limits(schema: Schema): string[] {
  const { default: byDefault, enum: values } = schema;
  const own = Object.entries(BOUNDS).flatMap(([keyword, say]) =>
    schema[keyword] === undefined ? [] : [say(code(schema[keyword]))],
  );
  return [
    ...(byDefault === undefined ? [] : [`default ${code(JSON.stringify(byDefault))}`]),
    ...(Array.isArray(values) ? [values.map(code).join(', ')] : []),
    ...own,
    ...(schema.items ? limits(schema.items).map((limit) => `each ${limit}`) : []),
  ];
}

function columns(all: readonly { name: string; jsonPath: string; description: string; priority?: number }[]): string {
  const rows = all.map(({ name, jsonPath, description, priority }) => [
    name.toUpperCase(),
    code(jsonPath),
    `${prose(description)}${priority ? ' (with `-o wide`)' : ''}`,
  ]);
  return table(['column', 'field', 'meaning'], rows);
}

function rules(root: Schema, fields: readonly Field[]): string {
  const all = [{ path: '', schema: root }, ...fields].flatMap(({ path, schema }) =>
    (schema['x-kubernetes-validations'] ?? []).map((rule) => ({ path, ...rule })),
  );
  return all
    .map(
      ({ path, rule, message }) =>
        `- ${path ? `${code(path)} ` : ''}${prose(message)}\n\n${indent(block(rule, 'cel'))}`,
    )
    .join('\n');
}

const indent = (text: string) => text.replaceAll(/^/gm, '  ');
