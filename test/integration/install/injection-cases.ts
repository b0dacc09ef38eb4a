// Labelled pods, and what injection.yaml changes in them: the table of injection.test.ts.
import { KONCLI_IMAGE } from '@konductor/cdk8s';

export const LABEL = { 'konductor.io/waitgroup': 'batch' };
export const VOLUME = { name: 'konductor', image: { reference: KONCLI_IMAGE, pullPolicy: 'IfNotPresent' } };
export const MOUNT = { name: 'konductor', mountPath: '/konductor', subPath: 'konductor', readOnly: true };
export const VARIABLE = { name: 'KONDUCTOR_WAITGROUP', value: 'batch' };
/** A container without env and mounts. */
export const a = { name: 'a', image: 'busybox' };

const data = { name: 'data', emptyDir: {} };
const given = { env: [VARIABLE], volumeMounts: [MOUNT] };
const fromField = { name: VARIABLE.name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } };
const twice = [
  { name: 'A', value: '1' },
  { name: 'A', value: '2' },
];
const mounted = (...paths: string[]) => paths.map((mountPath) => ({ name: 'data', mountPath }));
const foreignImage = { ...VOLUME, image: { reference: 'mine/koncli:2', pullPolicy: 'Always' } };

/** Two containers, `b` being without env and mounts. */
const withB = (first: object) => [first, { ...a, name: 'b' }];
const storedWithB = (first: object) => [first, { name: 'b', ...given }];

interface Case {
  readonly title: string;
  readonly spec: object;
  /** A part of the stored spec. */
  readonly stored: object;
}

const TAKEN = [
  '/konductor',
  '/konductor/',
  '//konductor',
  '/konductor/data',
  '/./konductor',
  '/x/../konductor',
  'konductor',
];
const ownMounts = [...TAKEN, './/./konductor/x', '../konductor'].map((path) => ({
  title: `keeps a mount at ${path}, and injects koncli into the other containers`,
  spec: { volumes: [data], containers: withB({ ...a, volumeMounts: mounted(path) }) },
  stored: { containers: storedWithB({ env: [VARIABLE], volumeMounts: mounted(path) }) },
}));

export const cases: readonly Case[] = [
  {
    title: 'gets koncli and the name',
    spec: { containers: [a] },
    stored: { volumes: [VOLUME], containers: [{ name: 'a', ...given }] },
  },
  {
    title: 'gets them in every container, init container and sidecar',
    spec: {
      containers: withB(a),
      initContainers: [
        { ...a, name: 'i' },
        { ...a, name: 's', restartPolicy: 'Always' },
      ],
    },
    stored: {
      containers: ['a', 'b'].map((name) => ({ name, ...given })),
      initContainers: ['i', 's'].map((name) => ({ name, ...given })),
    },
  },
  {
    title: 'keeps other fields, even duplicate variables and ports',
    spec: {
      volumes: [data],
      containers: [
        {
          ...{ ...a, env: twice, volumeMounts: mounted('/konductors', '/x/konductor', '/..konductor') },
          ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }],
        },
      ],
    },
    stored: {
      volumes: [data, VOLUME],
      containers: [
        {
          name: 'a',
          env: [...twice, VARIABLE],
          volumeMounts: [...mounted('/konductors', '/x/konductor', '/..konductor'), MOUNT],
        },
      ],
    },
  },
  {
    title: 'keeps its own variable, whatever its source',
    spec: {
      containers: [
        { ...a, env: [{ ...VARIABLE, value: 'other' }] },
        { ...a, name: 'b', env: [fromField] },
      ],
    },
    stored: {
      containers: [
        { name: 'a', env: [{ ...VARIABLE, value: 'other' }], volumeMounts: [MOUNT] },
        { name: 'b', env: [fromField], volumeMounts: [MOUNT] },
      ],
    },
  },
  ...ownMounts,
  {
    title: 'gets its own image volume of that name mounted into all containers',
    spec: { volumes: [foreignImage], containers: withB({ ...a, volumeMounts: [MOUNT] }) },
    stored: { volumes: [foreignImage], containers: ['a', 'b'].map((name) => ({ name, ...given })) },
  },
  {
    title: 'gets only the name if another volume is named konductor',
    spec: { volumes: [{ name: 'konductor', emptyDir: {} }], containers: [a] },
    stored: {
      volumes: [{ name: 'konductor', emptyDir: {} }],
      containers: [{ name: 'a', env: [VARIABLE], volumeMounts: undefined }],
    },
  },
];
