// Derives a CustomResourceDefinition (apiextensions.k8s.io/v1) from the definition of a kind, whichever it is.
import { API_GROUP, API_VERSION, type KindDefinition, type PrinterColumn } from '../kind/kind.ts';
import { TIMESTAMP_PATTERN } from '../values/timestamp.ts';

/** The manifest of a CRD. */
export type CustomResourceDefinition = ReturnType<typeof customResourceDefinition>;

/** Returns the CRD of a kind: structural schema, CEL rules, printer columns, subresources. */
export function customResourceDefinition(definition: KindDefinition) {
  const { kind, plural, singular, shortNames, selectableFields } = definition;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${API_GROUP}` },
    spec: {
      group: API_GROUP,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        shortNames: [...shortNames],
        categories: ['konductor'],
      },
      scope: 'Namespaced',
      versions: [
        {
          name: API_VERSION,
          served: true,
          storage: true,
          ...(definition.status && { subresources: { status: {} } }),
          ...(selectableFields && { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) }),
          additionalPrinterColumns: definition.printerColumns.map(printerColumn),
          schema: { openAPIV3Schema: openApiSchema(definition) },
        },
      ],
    },
  };
}

function printerColumn({ wide, ...column }: PrinterColumn) {
  // The API server drops a priority of 0, and kubectl apply would report a change each time.
  return { ...column, ...(wide ? { priority: 1 } : {}) };
}

function openApiSchema(definition: KindDefinition) {
  return {
    type: 'object',
    description: definition.description,
    ...(definition.required && { required: [...definition.required] }),
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: plain(definition.spec),
      ...(definition.status && { status: plain(definition.status) }),
    },
    'x-kubernetes-validations': [...definition.rules],
  };
}

/**
 * Returns the schema without TypeBox's own properties, which are not enumerable and so do not survive JSON. Times get a format
 * here, in addition to the pattern: TypeBox would spend most of its time on checking it.
 */
function plain(schema: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema), (_, value) =>
    value?.pattern === TIMESTAMP_PATTERN ? { format: 'date-time', ...value } : value,
  );
}
