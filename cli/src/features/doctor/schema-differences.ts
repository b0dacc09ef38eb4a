// The differences of two OpenAPI schemas, by field.

/** Paths such as `spec.ttl`; for rules and bounds, the path of their field. */
export interface SchemaDifferences {
  /** Fields that only the own schema has. */
  readonly missing: readonly string[];
  /** All other differences: fields that only the other has, bounds, rules. */
  readonly changed: readonly string[];
}

type Schema = Readonly<Record<string, unknown>>;

/** The API server adds the schemas of these fields. */
const SERVED_FIELDS = ['apiVersion', 'kind', 'metadata'];
/** Keywords that do not restrict the values of a field. */
const IGNORED = [
  ...['description', 'properties', 'items'],
  ...['x-kubernetes-group-version-kind', 'x-kubernetes-selectable-fields'],
];

/** Compares two schemas, without their descriptions. */
export function compareSchemas(own: object, other: object): SchemaDifferences {
  const missing: string[] = [];
  const changed: string[] = [];
  compareAt('', [own as Schema, other as Schema], { missing, changed });
  return { missing, changed };
}

function compareAt(
  path: string,
  [own, other]: readonly [Schema, Schema],
  found: { readonly missing: string[]; readonly changed: string[] },
): void {
  if (constraints(own) !== constraints(other)) found.changed.push(path || 'its rules');
  const [ownFields, otherFields] = [fieldsOf(own), fieldsOf(other)];
  for (const name of new Set([...Object.keys(ownFields), ...Object.keys(otherFields)])) {
    if (path === '' && SERVED_FIELDS.includes(name)) continue;
    const [ownField, otherField] = [ownFields[name], otherFields[name]];
    const at = name === ITEMS ? `${path}${ITEMS}` : [path, name].filter(Boolean).join('.');
    if (!otherField) found.missing.push(at);
    else if (!ownField) found.changed.push(at);
    else compareAt(at, [ownField, otherField], found);
  }
}

const ITEMS = '[]';

function fieldsOf({ properties, items }: Schema): Readonly<Record<string, Schema>> {
  return { ...(properties as Record<string, Schema>), ...(items ? { [ITEMS]: items as Schema } : {}) };
}

/** Independent of the order of the keywords. */
function constraints(schema: Schema): string {
  const keywords = Object.keys(schema).filter((keyword) => !IGNORED.includes(keyword));
  return JSON.stringify(keywords.sort().map((keyword) => [keyword, sorted(schema[keyword])]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, inner]) => [key, sorted(inner)]);
}
